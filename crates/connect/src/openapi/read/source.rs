//! The document as text, and the way of a pointer into it.

use std::collections::HashMap;
use std::rc::Rc;

use super::ReadError;
use super::limits::{MAX_ENTRIES, MAX_PASSES};
use super::raw;

/// A document in JSON. Its sections are found by name, each section's entries too; deeper down is searched.
#[derive(Debug)]
pub(super) struct Source<'a> {
    root: Rc<Section<'a>>,
    sections: HashMap<String, Rc<Section<'a>>>,
    /// How many bytes may still be searched.
    left: usize,
}

/// The entries of an object, in the document's order; of a name that is there twice the last.
#[derive(Debug, Default)]
pub(super) struct Section<'a> {
    pub(super) entries: Vec<(String, &'a str)>,
    by_name: HashMap<String, usize>,
    /// Whether there were more than are known.
    pub(super) cut: bool,
}

/// Why a reference leads to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Lost {
    #[error("leads out of the document, where nothing is followed")]
    Outside,
    #[error("leads nowhere")]
    Nowhere,
    #[error("goes unfollowed, for the document has too many references into the midst of others")]
    TooMany,
}

impl<'a> Source<'a> {
    pub(super) fn new(text: &'a str) -> Result<Self, ReadError> {
        let root = Section::strict(text).map_err(ReadError::Json)?;
        let Some(root) = root else { return Err(ReadError::Other { found: kind(text).to_owned() }) };
        Ok(Self {
            root: Rc::new(root),
            sections: HashMap::new(),
            left: text.len().saturating_mul(MAX_PASSES),
        })
    }

    /// A part of the document's top level.
    pub(super) fn top(&self, name: &str) -> Option<&'a str> {
        self.root.get(name)
    }

    /// The names at the document's top level.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.root.entries.iter().map(|(name, _)| name.as_str())
    }

    /// The entries of the object under these names; nothing where there is none.
    pub(super) fn section(&mut self, path: &[&str]) -> Rc<Section<'a>> {
        let mut section = Rc::clone(&self.root);
        for depth in 1..=path.len() {
            let key = path.get(..depth).unwrap_or_default().join("\n");
            if let Some(known) = self.sections.get(&key) {
                section = Rc::clone(known);
                continue;
            }
            let name = path.get(depth - 1).copied().unwrap_or_default();
            let found = section.get(name).map(Section::new).unwrap_or_default();
            section = Rc::clone(self.sections.entry(key).or_insert(Rc::new(found)));
        }
        section
    }

    /// What the pointer of these steps leads to.
    pub(super) fn find(&mut self, steps: &[String]) -> Result<&'a str, Lost> {
        let names: Vec<&str> = steps.iter().map(String::as_str).collect();
        let (mut found, rest) = match names.as_slice() {
            ["components", kind, name, rest @ ..] => (self.section(&["components", kind]).get(name), rest),
            [section, name, rest @ ..] => (self.section(&[section]).get(name), rest),
            [section] => (self.top(section), [].as_slice()),
            [] => (None, [].as_slice()),
        };
        for step in rest {
            let Some(text) = found else { break };
            self.left = self.left.checked_sub(text.len()).ok_or(Lost::TooMany)?;
            found = below(text, step);
        }
        found.ok_or(Lost::Nowhere)
    }
}

impl<'a> Section<'a> {
    /// The entries of the object that `text` is. What is no object has none; after what is no JSON there are no more.
    pub(super) fn new(text: &'a str) -> Self {
        let mut section = Self::default();
        for (name, text) in raw::object(text).into_iter().flatten().map_while(Result::ok) {
            if !section.insert(name, text) {
                break;
            }
        }
        section
    }

    /// The same of a text that must be JSON to its end; `None` where it is no object.
    fn strict(text: &'a str) -> Result<Option<Self>, String> {
        let mut section = Self::default();
        let Some(mut entries) = raw::object(text) else {
            serde_json::from_str::<serde::de::IgnoredAny>(text).map_err(|error| error.to_string())?;
            return Ok(None);
        };
        for entry in entries.by_ref() {
            let (name, text) = entry?;
            section.insert(name, text);
        }
        entries.end()?;
        Ok(Some(section))
    }

    pub(super) fn get(&self, name: &str) -> Option<&'a str> {
        let (_, text) = self.entries.get(*self.by_name.get(name)?)?;
        Some(text)
    }

    /// Whether there is room for more.
    fn insert(&mut self, name: String, text: &'a str) -> bool {
        if let Some(entry) = self.by_name.get(&name).and_then(|&at| self.entries.get_mut(at)) {
            entry.1 = text;
        } else if self.entries.len() < MAX_ENTRIES {
            self.by_name.insert(name.clone(), self.entries.len());
            self.entries.push((name, text));
        } else {
            self.cut = true;
        }
        !self.cut
    }
}

/// What `step` leads to from the value that `text` is.
fn below<'a>(text: &'a str, step: &str) -> Option<&'a str> {
    if let Some(mut items) = raw::array(text) {
        return items.nth(step.parse().ok()?)?.ok();
    }
    raw::object(text)?.map_while(Result::ok).filter(|(name, _)| name == step).map(|(_, text)| text).last()
}

/// What the JSON in `text` is, in words.
fn kind(text: &str) -> &'static str {
    match text.trim_start().as_bytes().first() {
        Some(b'[') => "a list",
        Some(b'"') => "plain text",
        _ => "a single value",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"{"paths": {"/a": {"get": {"list": [1, {"x": 2}], "x": 1, "x": 3}}}, "components": {"schemas": {"A": {}}}}"#;

    fn find(pointer: &[&str]) -> Result<&'static str, Lost> {
        let steps: Vec<String> = pointer.iter().map(|step| (*step).to_owned()).collect();
        Source::new(TEXT).unwrap().find(&steps)
    }

    #[test]
    fn pointers_lead_to_text() {
        assert_eq!(find(&["components", "schemas", "A"]), Ok("{}"));
        assert_eq!(find(&["paths", "/a", "get", "list", "1", "x"]), Ok("2"));
        assert_eq!(find(&["paths", "/a", "get", "x"]), Ok("3"));
        for nowhere in
            [&["paths", "/b"][..], &["paths", "/a", "get", "list", "2"], &["x"], &[], &["components"; 9]]
        {
            assert_eq!(find(nowhere), Err(Lost::Nowhere), "{nowhere:?}");
        }
    }

    #[test]
    fn searches_are_bounded() {
        let mut source = Source::new(TEXT).unwrap();
        let steps = ["paths", "/a", "get", "list"].map(str::to_owned);
        let found = (0..1_000).find_map(|_| source.find(&steps).err());
        assert_eq!(found, Some(Lost::TooMany));
        assert_eq!(source.find(&["paths", "/a"].map(str::to_owned)).map(str::len), Ok(48));
    }
}
