//! A whole configuration, of one file or of several.

use std::path::{Path, PathBuf};

use super::connector::from;
use super::entry::{Entry, check_name};
use super::error::{Flaw, of_toml};
use super::file::{File, LimitsTable, SurfaceTable};
use super::serve::{Serve, ServeError, ServeTable};
use super::text::Dialect;
use super::{Error, foreign};
use crate::{Limits, Policy, Rule, SurfaceOptions};

/// The most bytes of a configuration. A file of a thousand connectors has 300 KB; some programs keep their history in the
/// file that has their servers, which reaches a few MB.
pub const MAX_BYTES: u64 = 16 << 20;

/// What was configured. Reading it started nothing, read no other file and looked nothing up.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Config {
    /// The connectors, by name.
    pub connectors: Vec<Entry>,
    limits: LimitsTable,
    surface: SurfaceTable,
    serve: ServeTable,
    docs: Vec<PathBuf>,
    rules: Vec<Rule>,
    /// What was not taken over, and why.
    pub notes: Vec<Note>,
}

/// Something of a configuration that was not taken over as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The file.
    pub file: PathBuf,
    /// What, and why. Shows no value.
    pub message: String,
    /// Whether something is missing by it that was asked for.
    pub is_serious: bool,
}

impl Config {
    /// Reads the text of a file: our own format, or that of another program, whichever it is.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] with the place of the first thing that is wrong. In another program's file only its syntax can
    /// be: an entry that cannot be used is left out, with a note.
    pub fn parse(text: &str, path: &Path) -> Result<Self, Error> {
        let text = text.trim_start_matches('\u{feff}');
        match foreign::read(text, path) {
            Some(read) => read,
            None => ours(text, path),
        }
    }

    /// What lies over this: its connectors take the place of those of the same name, its limits of the same limits, and its
    /// rules come last, so that they decide.
    #[must_use]
    pub fn overlaid(mut self, over: Self) -> Self {
        self.rules.extend(over.rules.iter().cloned());
        self.serve = self.serve.overlaid(over.serve.clone());
        self.covered(over)
    }

    /// The same but for the rules, of which those of this still decide, and for `[serve]`, of which nothing is taken over.
    /// What lies in a folder may forbid more than its user does, and allows nothing that the user forbids; to whom the user
    /// serves what they have is none of its business.
    #[must_use]
    pub(super) fn overlaid_by_folder(mut self, over: Self, path: &Path) -> Self {
        self.rules.splice(0..0, over.rules.iter().cloned());
        if over.serve != ServeTable::default() {
            let message = "[serve] of a folder's file is not used; put it into your own, or name the file with --config";
            let file = path.to_owned();
            self.notes.push(Note { file, message: message.to_owned(), is_serious: true });
        }
        self.covered(over)
    }

    fn covered(mut self, over: Self) -> Self {
        for entry in over.connectors {
            match self.connectors.iter_mut().find(|known| known.name == entry.name) {
                Some(known) => {
                    let message =
                        format!("connector {} of {} takes its place", entry.name, entry.file.display());
                    self.notes.push(Note { file: known.file.clone(), message, is_serious: false });
                    *known = entry;
                }
                None => self.connectors.push(entry),
            }
        }
        self.limits = self.limits.overlaid(over.limits);
        self.surface = self.surface.overlaid(over.surface);
        self.docs.extend(over.docs);
        self.notes.extend(over.notes);
        self
    }

    /// The connector of this name.
    pub fn connector(&self, name: &str) -> Option<&Entry> {
        self.connectors.iter().find(|entry| entry.name == name)
    }

    /// Sets the limits that are configured.
    pub fn set_limits(&self, limits: &mut Limits) {
        for (key, value) in self.limits.given() {
            // What could not be set was refused when the file was read.
            let _ = limits.set(&key.replace('_', "-"), &value);
        }
    }

    /// The rules, in the order in which the last that matches decides.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rules, and whose words about their tools policy may rely on.
    pub fn policy(&self) -> Policy {
        let trusted = self.connectors.iter().filter(|entry| entry.trust_annotations);
        let mut policy = trusted.fold(Policy::new(), |policy, entry| policy.trust_annotations(&entry.name));
        policy.extend(self.rules.iter().cloned());
        policy
    }

    /// How it is served over HTTP, and to whom.
    ///
    /// # Errors
    ///
    /// [`ServeError`] where keys that go together are not all there.
    pub fn serve(&self) -> Result<Serve, ServeError> {
        Ok(self.serve.check(true)?)
    }

    /// The folders of text that a model can search, those of the file that lies lowest first.
    pub fn docs(&self) -> &[PathBuf] {
        &self.docs
    }

    /// What a model is given.
    pub fn surface(&self) -> SurfaceOptions {
        let SurfaceTable { shape, result_tokens, inline_tokens, search_tokens, expose } =
            self.surface.clone();
        let default = SurfaceOptions::default();
        SurfaceOptions {
            shape: shape.unwrap_or(default.shape),
            result_tokens: result_tokens.map_or(default.result_tokens, u64::from),
            inline_tokens: inline_tokens.map_or(default.inline_tokens, u64::from),
            search_tokens: search_tokens.map_or(default.search_tokens, u64::from),
            expose,
        }
    }
}

fn ours(text: &str, path: &Path) -> Result<Config, Error> {
    let File { connectors, limits, policy: rules, surface, docs, serve } =
        toml::from_str(text).map_err(|error| of_toml(&error, path, text))?;
    let mut checked = Limits::default();
    for (key, value) in limits.given() {
        if let Err(error) = checked.set(&key.replace('_', "-"), &value) {
            return Err(Flaw::new(&["limits", key], error.to_string()).within(path, text));
        }
    }
    serve.check(false).map_err(|flaw| flaw.within(path, text))?;
    let connectors = connectors.into_iter().map(|(name, table)| {
        let keys = ["connectors", name.as_str()];
        Entry::check(&name, table, path, &keys, Dialect::Ours).map_err(|flaw| flaw.within(path, text))
    });
    let connectors = connectors.collect::<Result<_, _>>()?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let docs = docs.folders.iter().map(|docs| from(folder, docs)).collect();
    Ok(Config { connectors, limits, surface, serve, docs, rules, notes: Vec::new() })
}

/// Whether a connector can bear this name.
///
/// # Errors
///
/// Why it cannot, with a name like it that it could bear.
pub fn name(name: &str) -> Result<(), String> {
    check_name(name)
}
