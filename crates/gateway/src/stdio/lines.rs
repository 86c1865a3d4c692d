//! Lines of a bounded length.

use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};

/// What was read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// A line is in [`Lines::line`].
    Whole,
    /// A line was too long. Nothing of it is kept.
    TooLong,
    /// There is nothing more to read.
    End,
}

/// Reads lines. No more of a line is ever held than may be.
pub(super) struct Lines<R> {
    input: BufReader<R>,
    line: Vec<u8>,
    max_bytes: usize,
    /// Whether `line` has been given out.
    given: bool,
    /// Whether what comes up to the next line break is left out.
    skipping: bool,
}

impl<R: AsyncRead + Unpin> Lines<R> {
    pub(super) fn new(input: R, max_bytes: usize) -> Self {
        Self { input: BufReader::new(input), line: Vec::new(), max_bytes, given: false, skipping: false }
    }

    /// The line that was read last, without its line break.
    pub(super) fn line(&self) -> &[u8] {
        &self.line
    }

    /// Reads the next line. A last one without a line break is none. Nothing is lost when the future is dropped.
    pub(super) async fn read(&mut self) -> std::io::Result<Line> {
        if std::mem::take(&mut self.given) {
            self.line.clear();
        }
        loop {
            let available = self.input.fill_buf().await?;
            if available.is_empty() {
                return Ok(Line::End);
            }
            let end = available.iter().position(|byte| *byte == b'\n');
            let part = available.get(..end.unwrap_or(available.len())).unwrap_or_default();
            let fits = self.line.len().saturating_add(part.len()) <= self.max_bytes;
            if !self.skipping && fits {
                self.line.extend_from_slice(part);
            }
            let consumed = part.len() + usize::from(end.is_some());
            self.input.consume(consumed);
            match (end.is_some(), self.skipping, fits) {
                (true, false, true) => {
                    self.given = true;
                    return Ok(Line::Whole);
                }
                (true, true, _) => self.skipping = false,
                (ended, false, false) => {
                    self.skipping = !ended;
                    // Its memory goes as well.
                    self.line = Vec::new();
                    return Ok(Line::TooLong);
                }
                (false, _, _) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_line_that_is_too_long_costs_the_others_nothing() {
        let input = format!("one\n{}\ntwo\r\n{}\n\nlast", "x".repeat(100_000), "y".repeat(9));
        let mut lines = Lines::new(input.as_bytes(), 8);
        let mut read = Vec::new();
        loop {
            match lines.read().await.unwrap() {
                Line::Whole => read.push(String::from_utf8_lossy(lines.line()).into_owned()),
                Line::TooLong => read.push("…".to_owned()),
                Line::End => break,
            }
        }
        assert_eq!(read, ["one", "…", "two\r", "…", ""]);
        assert!(lines.line.capacity() < 100);
    }

    #[tokio::test]
    async fn a_line_that_comes_in_pieces_survives_being_given_up() {
        let (reader, mut writer) = tokio::io::duplex(64);
        let mut lines = Lines::new(reader, 64);
        for piece in ["a", "b", "c"] {
            tokio::io::AsyncWriteExt::write_all(&mut writer, piece.as_bytes()).await.unwrap();
            tokio::select! {
                biased;
                _ = lines.read() => panic!("the line has not ended"),
                () = std::future::ready(()) => {}
            }
        }
        tokio::io::AsyncWriteExt::write_all(&mut writer, b"\n").await.unwrap();
        assert_eq!(lines.read().await.unwrap(), Line::Whole);
        assert_eq!(lines.line(), b"abc");
    }
}
