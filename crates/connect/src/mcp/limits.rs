//! The limits of one MCP connector.

use std::time::Duration;

/// What one MCP connector may take. Every field has a default and an argument for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The most bytes of one message from the upstream. Default 16 MiB, the limit of a tool result; a larger one ends
    /// its call with [`Error::TooLarge`](crate::Error::TooLarge) and costs no memory.
    pub response_bytes: usize,
    /// How long a server may take from its start to the end of the handshake. Default 60 s: a server that is fetched
    /// by a package runner on first use needs most of it.
    pub start_timeout: Duration,
    /// How long finding the host of a server, connecting and agreeing on encryption may take. Default 10 s: a server that
    /// is up does it in one, and three lost packets cost seven.
    pub connect_timeout: Duration,
    /// How long one page of the tool list may take. Default 30 s.
    pub list_timeout: Duration,
    /// The pause after the first failure; it doubles with each further one. Default 0.1 s.
    pub first_pause: Duration,
    /// The longest pause. Default 30 s: a server that was mended is back within half a minute, and one that is broken
    /// costs two starts a minute.
    pub longest_pause: Duration,
    /// How long a call or a query of this connector may take, in place of what the caller says for all connectors
    /// ([`Call::timeout`](crate::Call::timeout)), which is the default. Waiting for a place among the
    /// [`concurrency`](Self::concurrency) is part of it.
    pub call_timeout: Option<Duration>,
    /// How many calls and queries may be under way at once; more wait. Default 16, as many as one run has at once.
    pub concurrency: usize,
    /// How long a call may take in all if the upstream says that it makes progress: each time it does, the call's own time
    /// begins anew. Default none: progress changes nothing, because any server can claim it for ever.
    pub progress_timeout: Option<Duration>,
    /// How long an answer to what the upstream asks for may take ([`Mcp::on_input`](crate::Mcp::on_input)), and how much
    /// longer a call may take for such answers in all: that time is not the call's own. Default 10 minutes, in which a
    /// person who is there has answered.
    pub input_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            response_bytes: 16 * 1024 * 1024,
            start_timeout: Duration::from_secs(60),
            connect_timeout: Duration::from_secs(10),
            list_timeout: Duration::from_secs(30),
            first_pause: Duration::from_millis(100),
            longest_pause: Duration::from_secs(30),
            call_timeout: None,
            concurrency: 16,
            progress_timeout: None,
            input_timeout: Duration::from_secs(600),
        }
    }
}

/// Pages of one list; at one tool a page this still holds more than most servers have.
pub(super) const MAX_PAGES: usize = 500;

/// Bytes of the entries of one list over all its pages, as JSON: four messages of the default size, and several times what
/// the largest number of tools takes in practice.
pub(super) const MAX_LIST_BYTES: usize = 64 * 1024 * 1024;

/// Characters of an upstream's own words in an error. What a model can use is in the first few.
pub(super) const MAX_ERROR_CHARS: usize = 16 * 1024;

/// The end of a server's standard error that is kept: about two hundred lines.
pub(super) const STDERR_BYTES: usize = 16 * 1024;

/// Requests of the server (pings, and what is refused) being answered at once. More are not answered: a server that
/// floods us with them and does not read must not fill our memory.
pub(super) const MAX_REPLIES: usize = 32;

/// How long the server may leave our writes stuck in a full pipe. A program that does not read its input for this long
/// is as good as dead, and is ended.
pub(super) const WRITE_STALL: Duration = Duration::from_secs(10);

/// How long a server may take to end by itself after its input was closed, and again after SIGTERM. Twice this and the
/// kill fit into the two seconds that `close` may take.
pub(super) const GRACE: Duration = Duration::from_millis(600);

/// A pause up to this long is waited out inside the call; for a longer one the call fails at once, so that a program can
/// go on with something else.
pub(super) const SHORT_PAUSE: Duration = Duration::from_secs(1);

/// How often one request is sent for all the rounds in which a server asks for input: more than a person puts up with.
pub(super) const MAX_ROUNDS: usize = 10;

/// What a server may ask for in one round.
pub(super) const MAX_INPUTS: usize = 8;

/// The bytes of what a server asks for: a model's context is larger, but so much is no business of a server.
pub(super) const MAX_INPUT_BYTES: usize = 1024 * 1024;

/// Characters of the message by which a person is asked for something: a page.
pub(super) const MAX_INPUT_CHARS: usize = 4096;

/// Resources that are subscribed to at once: a client that watches more polls better.
pub(super) const MAX_SUBSCRIPTIONS: usize = 1000;

/// The bytes of a message that a server logs in the middle of a request, and that is handed on: some hundred lines.
pub(super) const MAX_LOG_BYTES: usize = 64 * 1024;

/// Characters of the name under which it does: the longest names of modules.
pub(super) const MAX_LOGGER_CHARS: usize = 200;

/// Characters of what a server says that it is doing: a line or two.
pub(super) const MAX_PROGRESS_CHARS: usize = 500;

/// Characters of what a server says of itself: a dozen pages, of which a model gets to see what fits its budget.
pub(super) const MAX_ABOUT_CHARS: usize = 32 * 1024;

/// Lines about what of a server's offer could not be taken over.
pub(super) const MAX_NOTES: usize = 20;
