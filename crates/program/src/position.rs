//! Lines and columns of a text, and the way between them and byte offsets.

use std::fmt;

/// A place in the submitted text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Position {
    /// Line, from 1. Lines end as ECMAScript says: `\n`, `\r\n`, `\r`, U+2028, U+2029.
    pub line: u32,
    /// Column, from 1, in characters (Unicode scalar values).
    pub column: u32,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// Where the lines of a text start.
pub(crate) struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        let mut starts = vec![0];
        let mut chars = text.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            match c {
                '\r' if matches!(chars.peek(), Some((_, '\n'))) => {}
                '\n' | '\r' | '\u{2028}' | '\u{2029}' => starts.push(at + c.len_utf8()),
                _ => {}
            }
        }
        Self { text, starts }
    }

    pub(crate) fn count(&self) -> usize {
        self.starts.len()
    }

    /// The line with this index, from 0, without its terminator. Empty when there is no such line.
    pub(crate) fn line(&self, index: usize) -> &'t str {
        let Some(&start) = self.starts.get(index) else { return "" };
        let end = self.starts.get(index + 1).copied().unwrap_or(self.text.len());
        let line = self.text.get(start..end).unwrap_or("");
        line.trim_end_matches(['\n', '\r', '\u{2028}', '\u{2029}'])
    }

    /// The byte offset at which the line with this index, from 0, starts.
    pub(crate) fn start(&self, index: usize) -> Option<usize> {
        self.starts.get(index).copied()
    }

    /// The place of a byte offset; one past the end, or inside a character, is the nearest place before it.
    pub(crate) fn position(&self, offset: usize) -> Position {
        let index = self.starts.partition_point(|&start| start <= offset).saturating_sub(1);
        let start = self.start(index).unwrap_or(0);
        let rest = self.text.get(start..).unwrap_or("");
        // A byte-order mark is not a column: no editor shows one.
        let rest = if start == 0 { rest.trim_start_matches('\u{feff}') } else { rest };
        let skipped = self.text.len() - start - rest.len();
        let before =
            rest.char_indices().take_while(|(at, c)| start + skipped + at + c.len_utf8() <= offset).count();
        Position { line: number(index + 1), column: number(before + 1) }
    }
}

fn number(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}
