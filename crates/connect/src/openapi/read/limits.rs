//! How much of a document is read.

use codemode_catalog::MAX_TOOLS;

/// The longest document, in bytes, and the longest text a YAML document may become. The largest published one at hand,
/// Microsoft Graph's, has 37 MB.
pub(super) const MAX_DOCUMENT_BYTES: usize = 64 * 1024 * 1024;

/// How many operations are read; room is left for tools that the connector itself adds.
pub(super) const MAX_OPERATIONS: usize = MAX_TOOLS - 16;

/// How many entries of one object are known by name. Five times the operations, for documents with more schemas than
/// operations.
pub(super) const MAX_ENTRIES: usize = 100_000;

/// How many parameters one operation may have. The most in the documents at hand is 62.
pub(super) const MAX_PARAMETERS: usize = 500;

/// How many servers, alternatives of security, and variables of a server are kept.
pub(super) const MAX_LISTED: usize = 100;

/// How many values one part of the document, an operation or a shared schema, may hold. A value takes about a hundred
/// bytes; the largest part at hand, of GitHub's document, has 21,000 values.
pub(super) const MAX_PART_VALUES: usize = 500_000;

/// How many values all operations together may hold, shared parameters counted each time: 400 MB at worst. GitHub's
/// 1,200 operations hold 150,000.
pub(super) const MAX_VALUES: usize = 4_000_000;

/// How many values of shared parts are kept parsed for the next operation that refers to them: two megabytes.
pub(super) const MAX_KEPT_VALUES: usize = 20_000;

/// How often, on average, each byte of the document may be looked at in following references into it. References
/// to components are found by index; only those that lead deep into a part take a search.
pub(super) const MAX_PASSES: usize = 32;

/// How many shared schemas are kept; as many as are declared.
pub(super) const MAX_DEFINITIONS: usize = 50_000;

/// How long the text of all shared schemas may become: nothing that was read once is longer than the document, but a
/// reference into the midst of a schema repeats it.
pub(super) const MAX_DEFINITIONS_BYTES: usize = MAX_DOCUMENT_BYTES;

/// How deep the JSON of a lowered schema may be nested. What reads it again takes 128 levels, and it is put inside a few.
pub(super) const MAX_DEPTH: usize = 100;

/// How deep constants inside a schema (`enum`, `default`) may be nested; what is deeper is data, not a constant.
pub(super) const MAX_CONSTANT_DEPTH: usize = 16;

/// How deep a YAML document may be nested: as deep as JSON is read, and the levels around a part.
pub(super) const MAX_YAML_DEPTH: usize = 128;

/// How many `$ref`s that lead only to another `$ref` are followed.
pub(super) const MAX_HOPS: usize = 16;

/// How many notes are kept; a document that is wrong once is wrong a thousand times.
pub(super) const MAX_NOTES: usize = 100;

/// The longest note.
pub(super) const MAX_NOTE_CHARS: usize = 300;

/// The longest name of a tool; an `operationId` above it is passed over.
pub(super) const MAX_NAME_CHARS: usize = 200;

/// How much of a description is kept. No reader shows more, and it would be kept for every operation.
pub(super) const MAX_TEXT_CHARS: usize = 8_000;

/// Characters of what a document says of the API as a whole and of its groups of operations: a dozen pages, which are
/// searched and never read as a whole.
pub(super) const MAX_ABOUT_CHARS: usize = 32 * 1024;
