//! How large a request may get. A call's arguments are bounded already (1 MiB); these bound what encoding makes of them.

/// Bytes of a URL. RFC 9110 asks servers for 8,000 at least, and nginx and Apache refuse a request line of more than
/// about 8,190 as they come; what is longer belongs into a body.
pub(super) const MAX_URL_BYTES: usize = 8_000;

/// Bytes of all headers that come from a call, names included. Apache takes 8,190 in one of them, Node.js 16 KiB in all of
/// them and the URL together.
pub(super) const MAX_HEADER_BYTES: usize = 8_000;

/// Headers that come from a call; servers refuse more than about a hundred in all.
pub(super) const MAX_HEADERS: usize = 32;

/// Bytes of a body: the most that percent-encoding makes of 1 MiB, and again a third for the names of fields.
pub(super) const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;

/// Brackets after one name in the query or a form (`a[b][c]`). PHP, the deepest reader of them, has no limit; Node's
/// `qs` reads five.
pub(super) const MAX_BRACKETS: usize = 16;

/// Bytes of such a name, percent-encoded. It is written again for every value below it, so without a limit of its own
/// the work would grow with the square of the arguments; no server reads fields with names this long.
pub(super) const MAX_NAME_BYTES: usize = 1_000;

/// How often a part of a path is decoded to see what it can become. Two servers in a row that decode once too often make
/// three; what is encoded more often has no honest use.
pub(super) const MAX_DECODES: usize = 8;

/// Characters of a value that an error repeats: enough to recognise it.
pub(super) const SHOWN_CHARS: usize = 60;
