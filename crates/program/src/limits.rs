//! How large and how deep a submitted text may be.

/// The most that [`compile`](crate::compile) accepts. Each limit that is hit is reported with the observed value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Limits {
    /// Bytes of the submitted text, fences and prose included. Default 256 KiB.
    pub source_bytes: usize,
    /// Brackets of any kind open at once, `(`, `[`, `{`, `${`, and `<` until its `>`. Default 500.
    ///
    /// Generated programs stay below 30; the engine's own parser gives up on its 512 KiB stack not far above this. It
    /// also bounds the time of the parser, which at some brackets reads ahead and then goes back.
    pub nesting: usize,
    /// Levels of syntax tree, brackets and everything that nests without them: operator chains, `else if` chains,
    /// member chains, arrows, type arguments. It is counted from the text, never too low and at most a few times too
    /// high. Default 16,384: a string concatenation of several thousand terms still runs.
    ///
    /// The compiler's stack grows with it, so this limit is also what bounds the memory that one text can touch.
    pub levels: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { source_bytes: 256 * 1024, nesting: 500, levels: 16_384 }
    }
}
