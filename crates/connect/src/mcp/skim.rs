//! Finds which request a message answers when the message itself cannot be taken: too long, or no valid JSON.

/// Reads a JSON object byte by byte in constant memory and remembers only its own `id`, wherever it stands: some
/// servers write it first, others after the result.
#[derive(Debug, Default)]
pub(super) struct Skim {
    depth: usize,
    in_string: bool,
    escaped: bool,
    /// Whether a string at depth 1 would be a key.
    at_key: bool,
    text: Vec<u8>,
    key: Vec<u8>,
    id: Option<i64>,
    is_request: bool,
    done: bool,
}

/// Longer than every key and id of interest.
const KEPT_BYTES: usize = 24;

impl Skim {
    /// The id in a whole message.
    pub(super) fn id_of(message: &[u8]) -> Option<i64> {
        let mut skim = Self::default();
        skim.feed(message);
        skim.id()
    }

    pub(super) fn feed(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&byte| self.byte(byte));
    }

    /// The id of the request that the message answers, if it is an answer.
    pub(super) fn id(&self) -> Option<i64> {
        self.id.filter(|_| !self.is_request)
    }

    /// Whether the message has come to its end.
    pub(super) fn is_done(&self) -> bool {
        self.done
    }

    fn byte(&mut self, byte: u8) {
        if self.done {
            return;
        }
        if self.in_string {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.in_string = false,
                _ => self.keep(byte),
            }
            return;
        }
        match byte {
            b'"' => self.in_string = true,
            b'{' | b'[' => {
                self.depth += 1;
                self.at_key = self.depth == 1;
            }
            b'}' | b']' => {
                self.end_value();
                self.depth = self.depth.saturating_sub(1);
                self.done = self.depth == 0;
            }
            b',' => self.end_value(),
            b':' if self.depth == 1 && self.at_key => {
                self.key = std::mem::take(&mut self.text);
                self.at_key = false;
            }
            b if b.is_ascii_whitespace() => {}
            b => self.keep(b),
        }
    }

    fn keep(&mut self, byte: u8) {
        if self.depth == 1 && self.text.len() < KEPT_BYTES {
            self.text.push(byte);
        }
    }

    fn end_value(&mut self) {
        if self.depth != 1 {
            return;
        }
        match self.key.as_slice() {
            b"id" => self.id = std::str::from_utf8(&self.text).ok().and_then(|text| text.parse().ok()),
            b"method" => self.is_request = true,
            _ => {}
        }
        self.key.clear();
        self.text.clear();
        self.at_key = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_id_of_an_answer() {
        for (message, id) in [
            (r#"{"jsonrpc":"2.0","id":7,"result":{"id":9}}"#, Some(7)),
            (r#"{"result":{"id":9,"x":["}",{"id":1}]},"jsonrpc":"2.0","id": 12 }"#, Some(12)),
            (r#"{"id":"7","result":"\"id\":8}"}"#, Some(7)),
            (r#"{"id":7,"result":{"text":"cut sh"#, Some(7)),
            (r#"{"id":7,"method":"ping"}"#, None),
            (r#"{"result":{"id":9}}"#, None),
            (r#"{"id":null,"result":{}}"#, None),
            ("Listening on port 8080", None),
            ("", None),
        ] {
            assert_eq!(Skim::id_of(message.as_bytes()), id, "{message}");
        }
    }
}
