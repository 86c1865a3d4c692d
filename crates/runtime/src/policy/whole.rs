//! Regular expressions over whole texts.

use regex::{Regex, RegexBuilder};

/// The most bytes that a compiled expression takes: hundreds of alternatives, or a few Unicode classes with counts.
const MAX_COMPILED_BYTES: usize = 1024 * 1024;

/// A regular expression that a text as a whole has to match. Matching takes time linear in the text.
#[derive(Debug, Clone)]
pub(super) struct Whole {
    text: String,
    compiled: Regex,
}

impl Whole {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        // By itself first, so that nothing in it ends the group.
        let build = |pattern: &str| RegexBuilder::new(pattern).size_limit(MAX_COMPILED_BYTES).build();
        build(text)
            .and_then(|_| {
                build(&format!(r"\A(?:{text})\z")).or_else(|_| build(&format!("\\A(?:{text}\n)\\z")))
            })
            .map(|compiled| Self { text: text.to_owned(), compiled })
            .map_err(|error| {
                let error = error.to_string();
                let what = error.lines().last().unwrap_or_default().trim_start_matches("error: ");
                format!("{text:?} is no regular expression: {what}")
            })
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    pub(super) fn matches(&self, text: &str) -> bool {
        self.compiled.is_match(text)
    }
}

impl PartialEq for Whole {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}
