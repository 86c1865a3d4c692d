//! Why a text is not a program, in words for the model that wrote it.

use crate::{frame::frame, position::Lines, position::Position};

/// A text that [`compile`](crate::compile) does not accept. Nothing has run. The surface reports it as `source_rejected`.
///
/// Everything in it is written for the model: it quotes the submitted text and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, serde::Serialize, serde::Deserialize)]
#[error("{message}")]
pub struct Rejection {
    /// What kind of refusal this is.
    pub kind: RejectionKind,
    /// One sentence, without the position.
    pub message: String,
    /// The place in the submitted text.
    pub position: Option<Position>,
    /// The lines around the place, with a caret.
    pub frame: Option<String>,
    /// What to write instead.
    pub hint: Option<String>,
    /// The value that exceeded `limit`: bytes for a text too large, levels for one nested too deep.
    pub observed: Option<u64>,
    /// The limit that was exceeded.
    pub limit: Option<u64>,
}

/// The kinds of [`Rejection`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RejectionKind {
    /// The text holds no statement.
    Empty,
    /// The text is longer than [`Limits::source_bytes`](crate::Limits::source_bytes).
    TooLarge,
    /// The text nests deeper than [`Limits::nesting`](crate::Limits::nesting) or
    /// [`Limits::levels`](crate::Limits::levels).
    TooDeep,
    /// The text is not TypeScript: a syntax error, or an early error such as a name declared twice.
    Syntax,
    /// The text reaches for another module: `import`, `require`, `export … from`.
    Module,
    /// Valid TypeScript that a program cannot use, such as decorators and JSX.
    Unsupported,
    /// The compiler failed. This is a bug of ours, and the text did nothing wrong.
    Internal,
}

impl Rejection {
    pub(crate) fn new(kind: RejectionKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            position: None,
            frame: None,
            hint: None,
            observed: None,
            limit: None,
        }
    }

    /// Adds the place with this byte offset of the submitted text, and its frame.
    pub(crate) fn at(mut self, text: &str, offset: usize) -> Self {
        let position = Lines::new(text).position(offset);
        self.position = Some(position);
        self.frame = Some(frame(text, position));
        self
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(crate) fn exceeded(mut self, observed: usize, limit: usize) -> Self {
        self.observed = Some(observed as u64);
        self.limit = Some(limit as u64);
        self
    }
}

/// What a stage of the compiler refuses, before it is known where the code stands in the submitted text.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) kind: RejectionKind,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
    /// The byte offset in the code.
    pub(crate) offset: Option<usize>,
}

impl Refusal {
    pub(crate) fn new(kind: RejectionKind, message: impl Into<String>, offset: usize) -> Self {
        Self { kind, message: message.into(), hint: None, offset: Some(offset) }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The rejection for code that starts at this byte of the submitted text.
    pub(crate) fn into_rejection(self, text: &str, start: usize) -> Rejection {
        let mut rejection = Rejection::new(self.kind, self.message);
        rejection.hint = self.hint;
        match self.offset {
            Some(offset) => rejection.at(text, start + offset),
            None => rejection,
        }
    }
}
