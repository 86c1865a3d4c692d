//! What reading a document keeps from operation to operation.

use std::collections::HashMap;
use std::fmt::Display;

use serde_json::Value;

use super::Document;
use super::limits::{MAX_HOPS, MAX_KEPT_VALUES, MAX_NOTE_CHARS, MAX_NOTES, MAX_VALUES};
use super::name::Names;
use super::parse::{Keys, part};
use super::pointer;
use super::shared::Shared;
use super::source::{Lost, Source};
use super::version::Version;
use crate::openapi::api::Api;

/// A document on its way to an [`Api`].
#[derive(Debug)]
pub(super) struct Lower<'a> {
    pub(super) source: Source<'a>,
    pub(super) version: Version,
    pub(super) shared: Shared<'a>,
    pub(super) names: Names,
    pub(super) api: Api,
    /// What is being read, for notes: an operation or a schema.
    pub(super) at: String,
    /// Whether the document says anywhere what authorises its operations.
    pub(super) says_security: bool,
    /// Parts that several operations refer to, with how many values they hold.
    kept: HashMap<String, (Value, usize)>,
    kept_values: usize,
    /// How many values operations hold so far.
    values: usize,
    notes_left_out: usize,
}

impl<'a> Lower<'a> {
    pub(super) fn new(source: Source<'a>, version: Version) -> Self {
        Self {
            source,
            version,
            shared: Shared::default(),
            names: Names::default(),
            api: Api::default(),
            at: String::new(),
            says_security: false,
            kept: HashMap::new(),
            kept_values: 0,
            values: 0,
            notes_left_out: 0,
        }
    }

    pub(super) fn document(mut self) -> Document {
        self.about();
        self.servers();
        self.schemes();
        self.paths();
        self.unsaid_security();
        self.kept = HashMap::new();
        let definitions = self.definitions();
        if self.notes_left_out > 0 {
            self.api.notes.push(format!("{} more notes", self.notes_left_out));
        }
        Document { api: self.api, definitions }
    }

    /// Says what could not be taken over of what is being read.
    pub(super) fn note(&mut self, what: impl Display) {
        if self.api.notes.len() >= MAX_NOTES {
            self.notes_left_out += 1;
            return;
        }
        let separator = if self.at.is_empty() { "" } else { ": " };
        let note = format!("{}{separator}{what}", self.at).replace(char::is_control, " ");
        self.api.notes.push(shortened(note, MAX_NOTE_CHARS));
    }

    /// A part of the document as a value, counted among those that operations hold; `None`, noted, where it is none.
    pub(super) fn part(&mut self, text: &str, keys: Keys) -> Option<Value> {
        match part(text, keys) {
            Ok((value, count)) => self.charge(count).then_some(value),
            Err(error) => {
                self.note(error);
                None
            }
        }
    }

    /// Whether operations hold as much as they may.
    pub(super) fn is_full(&self) -> bool {
        self.values > MAX_VALUES
    }

    /// `value`, or what its `$ref` leads to; `None`, noted, where that is nothing.
    pub(super) fn follow(&mut self, value: Value) -> Option<Value> {
        let mut value = value;
        for _ in 0..MAX_HOPS {
            let Some(reference) = value.get("$ref").and_then(Value::as_str) else { return Some(value) };
            value = self.referred(reference)?;
        }
        self.note("a reference that leads only to references");
        None
    }

    /// What a reference leads to, as text.
    pub(super) fn find(&mut self, reference: &str) -> Result<(Vec<String>, &'a str), Lost> {
        let fragment = reference.strip_prefix('#').ok_or(Lost::Outside)?;
        let steps = pointer::steps(fragment).ok_or(Lost::Nowhere)?;
        let text = self.source.find(&steps)?;
        Ok((steps, text))
    }

    fn referred(&mut self, reference: &str) -> Option<Value> {
        if let Some((value, count)) = self.kept.get(reference) {
            let (value, count) = (value.clone(), *count);
            return self.charge(count).then_some(value);
        }
        let found = self.find(reference).map_err(|lost| lost.to_string());
        let parsed = found.and_then(|(_, text)| part(text, Keys::Words));
        match parsed {
            Ok((value, count)) => {
                if self.kept_values + count <= MAX_KEPT_VALUES {
                    self.kept_values += count;
                    self.kept.insert(reference.to_owned(), (value.clone(), count));
                }
                self.charge(count).then_some(value)
            }
            Err(why) => {
                self.note(format_args!("the reference {reference:?} {why}"));
                None
            }
        }
    }

    fn charge(&mut self, count: usize) -> bool {
        self.values += count;
        !self.is_full()
    }
}

/// `text`, cut to so many characters.
pub(super) fn shortened(mut text: String, max_chars: usize) -> String {
    if text.len() > max_chars
        && let Some((cut, _)) = text.char_indices().nth(max_chars)
    {
        text.truncate(cut);
        text.push('…');
    }
    text
}
