//! JSON text taken apart level by level: each value stays the text it is.
//!
//! `serde_json` has `RawValue` for this, behind a feature that also changes what its `Value` makes of objects with a
//! certain key, in the whole process; JSON from upstreams must not have such keys. So the punctuation of one level is read
//! here, and what is between it by `serde_json`, without recursion.

use serde::Deserialize;
use serde::de::IgnoredAny;

/// Walks over the entries of an object.
#[derive(Debug)]
pub(super) struct Entries<'a>(Walk<'a>);

/// Walks over the items of an array.
#[derive(Debug)]
pub(super) struct Items<'a>(Walk<'a>);

/// The object that `text` is, if it is one.
pub(super) fn object(text: &str) -> Option<Entries<'_>> {
    Some(Entries(Walk::into(text, '{')?))
}

/// The array that `text` is, if it is one.
pub(super) fn array(text: &str) -> Option<Items<'_>> {
    Some(Items(Walk::into(text, '[')?))
}

impl Entries<'_> {
    /// After the last entry: whether nothing else follows the object.
    pub(super) fn end(&self) -> Result<(), String> {
        let rest = self.0.rest.trim_start_matches(WHITE);
        if rest.is_empty() { Ok(()) } else { Err(self.0.wrong("more follows")) }
    }
}

/// Stops at the first error, which an item then is.
impl<'a> Iterator for Entries<'a> {
    type Item = Result<(String, &'a str), String>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next(|walk| {
            let key = walk.value::<String>()?.0;
            walk.expect(':')?;
            Ok((key, walk.value::<IgnoredAny>()?.1))
        })
    }
}

/// Stops at the first error, which an item then is.
impl<'a> Iterator for Items<'a> {
    type Item = Result<&'a str, String>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next(|walk| Ok(walk.value::<IgnoredAny>()?.1))
    }
}

#[derive(Debug)]
struct Walk<'a> {
    rest: &'a str,
    /// How much there was, to say where an error is.
    length: usize,
    close: char,
    started: bool,
    done: bool,
}

impl<'a> Walk<'a> {
    fn into(text: &'a str, open: char) -> Option<Self> {
        let close = if open == '{' { '}' } else { ']' };
        let rest = text.trim_start_matches(WHITE).strip_prefix(open)?;
        Some(Self { rest, length: text.len(), close, started: false, done: false })
    }

    fn next<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, String>) -> Option<Result<T, String>> {
        if self.done {
            return None;
        }
        let found = self.at_next().and_then(|more| if more { read(self).map(Some) } else { Ok(None) });
        self.done = !matches!(found, Ok(Some(_)));
        found.transpose()
    }

    /// Whether there is another one, and goes there.
    fn at_next(&mut self) -> Result<bool, String> {
        if self.skip(self.close) {
            return Ok(false);
        }
        if std::mem::replace(&mut self.started, true) {
            self.expect(',')?;
        }
        Ok(true)
    }

    fn skip(&mut self, mark: char) -> bool {
        self.rest = self.rest.trim_start_matches(WHITE);
        let after = self.rest.strip_prefix(mark);
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }

    fn expect(&mut self, mark: char) -> Result<(), String> {
        if self.skip(mark) { Ok(()) } else { Err(self.wrong(&format!("expected `{mark}`"))) }
    }

    /// The next value, and its text.
    fn value<T: Deserialize<'a>>(&mut self) -> Result<(T, &'a str), String> {
        self.rest = self.rest.trim_start_matches(WHITE);
        let mut values = serde_json::Deserializer::from_str(self.rest).into_iter::<T>();
        let value = match values.next() {
            Some(Ok(value)) => value,
            Some(Err(error)) => return Err(self.wrong(&without_place(&error))),
            None => return Err(self.wrong("unexpected end")),
        };
        let (text, rest) =
            self.rest.split_at_checked(values.byte_offset()).ok_or_else(|| self.wrong("cut"))?;
        self.rest = rest;
        Ok((value, text))
    }

    fn wrong(&self, what: &str) -> String {
        format!("{what} near byte {}", self.length - self.rest.len())
    }
}

const WHITE: [char; 4] = [' ', '\n', '\r', '\t'];

/// The error without its line and column, which count from the value and not from the document.
fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_their_text() {
        let found: Vec<_> = object(" {\"a\\u0062\" : [1, {\"x\":\"]\"}] , \"\":1,\"c\":null } ")
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        let expected = [("ab", "[1, {\"x\":\"]\"}]"), ("", "1"), ("c", "null")];
        assert_eq!(found, expected.map(|(key, text)| (key.to_owned(), text)));
        assert_eq!(array("[]").unwrap().count(), 0);
        assert_eq!(array("[1,[2]]").unwrap().collect::<Result<Vec<_>, _>>().unwrap(), ["1", "[2]"]);
        assert!(object("[]").is_none() && array("1").is_none() && array("").is_none());
    }

    #[test]
    fn the_first_error_ends_it() {
        for text in
            ["{\"a\":1", "{\"a\" 1}", "{a:1}", "{\"a\":1,}", "{\"a\":1 \"b\":2}", "{\"a\":}", "{\"a\":tru}"]
        {
            let last = object(text).unwrap().last().unwrap();
            assert!(last.unwrap_err().contains("near byte"), "{text}");
            assert!(object(text).unwrap().count() <= 2, "{text}");
        }
    }

    #[test]
    fn depth_costs_no_stack() {
        let deep = "[".repeat(1_000_000) + &"]".repeat(1_000_000);
        assert_eq!(array(&deep).unwrap().filter(Result::is_ok).count(), 1);
    }
}
