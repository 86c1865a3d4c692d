//! Lines of a server's output, bounded.

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};

use super::skim::Skim;

/// One line, or what is known of one that was too long.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// A whole line without its end.
    Whole(Vec<u8>),
    /// A line over the limit, of which nothing is kept but its length and the id of the request it answers.
    TooLong { bytes: u64, id: Option<i64> },
}

/// Splits a byte stream into lines without ever holding more than the limit.
pub(super) struct Lines<R> {
    reader: BufReader<R>,
    line: Vec<u8>,
    limit: usize,
    /// Set while the rest of a line over the limit is being passed over.
    passing: Option<(Skim, u64)>,
}

/// What is read at once: the size of a pipe on Linux.
const READ_BYTES: usize = 64 * 1024;

impl<R: AsyncRead + Unpin> Lines<R> {
    pub(super) fn new(reader: R, limit: usize) -> Self {
        Self { reader: BufReader::with_capacity(READ_BYTES, reader), line: Vec::new(), limit, passing: None }
    }

    /// The next line, or `None` at the end of the stream; an unfinished last line is dropped.
    ///
    /// Cancel safe: whatever was consumed is in `self`, and nothing is awaited between consuming and storing.
    pub(super) async fn next(&mut self) -> std::io::Result<Option<Line>> {
        loop {
            let available = self.reader.fill_buf().await?;
            if available.is_empty() {
                return Ok(None);
            }
            let end = available.iter().position(|&byte| byte == b'\n');
            let part = available.get(..end.unwrap_or(available.len())).unwrap_or_default();
            if let Some((skim, bytes)) = &mut self.passing {
                skim.feed(part);
                *bytes += part.len() as u64;
            } else if self.line.len() + part.len() > self.limit {
                let mut skim = Skim::default();
                skim.feed(&self.line);
                skim.feed(part);
                self.passing = Some((skim, (self.line.len() + part.len()) as u64));
                self.line = Vec::new();
            } else {
                self.line.extend_from_slice(part);
            }
            let consumed = part.len() + usize::from(end.is_some());
            self.reader.consume(consumed);
            if end.is_some() {
                return Ok(Some(match self.passing.take() {
                    Some((skim, bytes)) => Line::TooLong { bytes, id: skim.id() },
                    None => Line::Whole(std::mem::take(&mut self.line)),
                }));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn long_lines_are_passed_over() {
        let text = b"a\n{\"x\":\"0123456789\",\"id\":5}\n\nabcdefgh\nabcdefghi\nrest";
        let mut lines = Lines::new(&text[..], 8);
        let mut found = Vec::new();
        while let Some(line) = lines.next().await.unwrap() {
            found.push(line);
        }
        let whole = |text: &str| Line::Whole(text.as_bytes().to_vec());
        let expected = [
            whole("a"),
            Line::TooLong { bytes: 25, id: Some(5) },
            whole(""),
            whole("abcdefgh"),
            Line::TooLong { bytes: 9, id: None },
        ];
        assert_eq!(found, expected);
    }
}
