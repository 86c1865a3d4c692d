//! How much of a schema is followed, and how much text it may become.

/// How deep schemas may be nested before the rest is `unknown`. A `$ref` starts anew, so this bounds the native
/// stack: the tests read schemas of this depth, unoptimised, on a stack of 512 KiB. The deepest of the published
/// schemas at hand nests 12.
pub(super) const MAX_DEPTH: usize = 48;

/// How many subschemas, properties and enum values one tool, or one shared type, may have. The largest published
/// schema at hand has 2,805.
pub(super) const MAX_STEPS: usize = 20_000;

/// How many characters the text of one tool or one shared type may have. More does not fit beside a program in a
/// model's context; the largest published one at hand takes 23,000.
pub const MAX_TYPE_CHARS: usize = 128 * 1024;

/// How many shared types a connector may have. Cloudflare's has 1,660.
pub(super) const MAX_NAMED: usize = 50_000;

/// How many values of an enum are listed before it is described by its base type: a hundred cost a model about 500
/// tokens, and what is longer (countries, time zones, currencies) it knows.
pub(super) const MAX_LITERALS: usize = 100;

/// How many alternatives that are not literals a union lists; the longest at hand, Cloudflare's, has 55.
pub(super) const MAX_ALTERNATIVES: usize = 200;

/// How many alternatives the product of the unions inside one intersection may come to. The compiler gives up at
/// 100,000 and is slow long before.
pub(super) const MAX_PRODUCT: u64 = 2_000;

/// The longest property name or literal that is written out.
pub(super) const MAX_WORD_CHARS: usize = 200;

/// How many `$ref`s that lead only to another `$ref` are followed.
pub(super) const MAX_HOPS: usize = 64;

/// How many warnings a connector collects; a document that is broken once is broken a thousand times.
pub(super) const MAX_WARNINGS: usize = 100;

/// How long a signature may be before what is nested inside its objects is left out: about 250 tokens, so that ten
/// of them fit a search result.
pub(super) const MAX_SIGNATURE_CHARS: usize = 1_000;

/// How much of a tool's description is kept. That is 300 tokens; what is longer is a manual.
pub(super) const MAX_TOOL_DOC_CHARS: usize = 1_200;

/// How much of a shared type's description is kept.
pub(super) const MAX_TYPE_DOC_CHARS: usize = 480;

/// How much of a property's description is kept: about 60 tokens.
pub(super) const MAX_FIELD_DOC_CHARS: usize = 240;

/// How much of a description is kept where only one line is shown.
pub(super) const MAX_LINE_CHARS: usize = 160;

/// The longest object that is written on one line.
pub(super) const MAX_FLAT_CHARS: usize = 100;

/// The longest body that is written where its name would stand: a name and its declaration cost about as much.
pub(super) const MAX_INLINE_CHARS: usize = 60;

/// The same in a signature, which does not come with the declarations of the names in it.
pub(super) const MAX_SIGNATURE_INLINE_CHARS: usize = 160;
