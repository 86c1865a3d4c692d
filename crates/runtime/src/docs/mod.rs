//! Long-form text: what connected servers and APIs say of themselves, and folders of Markdown. It is split into passages by
//! its headings, and searched by what finds tools.

mod folder;
mod library;
mod split;

use std::path::PathBuf;
use std::sync::Arc;

use codemode_catalog::Catalog;
use serde::{Deserialize, Serialize};

pub(crate) use library::Library;

/// The most passages that are kept of all folders: those of ten large books.
const MAX_PASSAGES: usize = 10_000;

/// What a connector says of itself is long-form from so many characters on, some 250 tokens: what is shorter is cheaper read
/// as a whole, by `codemode.describe(connector)`.
const LONG_CHARS: usize = 1_000;

/// Folders of Markdown, as they were when they were read.
#[derive(Debug, Clone, Default)]
pub struct Docs {
    passages: Arc<[Passage]>,
    notes: Vec<String>,
}

/// A piece of text under one heading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passage {
    /// Where it is from: a connector's name, or a file's path within its folder, `docs/install.md`.
    pub source: String,
    /// The headings above it, the outermost first: `Install › Linux`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub heading: String,
    /// The text, in Markdown.
    pub text: String,
}

impl Docs {
    /// Reads all files `*.md` of these folders and the folders in them, in the order of their names.
    ///
    /// Links are not followed and names that begin with a dot are passed over. Of files, bytes and folders there is a most;
    /// what is beyond, or cannot be read, is left out and [noted](Self::notes). It blocks on the file system.
    pub fn read(folders: impl IntoIterator<Item = PathBuf>) -> Self {
        let (mut passages, mut notes) = (Vec::new(), Vec::new());
        let mut reader = folder::Reader::default();
        for folder in folders {
            for (source, text) in reader.read(&folder, &mut notes) {
                passages.extend(split::passages(&source, &text));
            }
        }
        if passages.len() > MAX_PASSAGES {
            notes.push(format!("docs: only the first {MAX_PASSAGES} passages of the folders are searched"));
            passages.truncate(MAX_PASSAGES);
        }
        Self { passages: passages.into(), notes }
    }

    /// What was left out, each in one line for the operator.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The passages.
    pub fn passages(&self) -> &[Passage] {
        &self.passages
    }

    /// Whether there is anything long-form, here or of connectors.
    pub(crate) fn is_worth_searching(&self, catalog: &Catalog) -> bool {
        let is_long = |name: &str| catalog.about(name).is_some_and(|about| about.len() > LONG_CHARS);
        !self.passages.is_empty() || catalog.connectors().any(is_long)
    }
}
