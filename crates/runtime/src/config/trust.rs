//! Which configurations may be used although nobody named them.
//!
//! Invariant: a file is trusted for the bytes it had when somebody said so, at the place where it was. Whatever reads it
//! takes the bytes once and both checks and parses these.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Config;

/// The most files that are remembered; beyond it the trust given first is forgotten. A person has fewer projects.
const MAX_FILES: usize = 10_000;

/// The most bytes of the record: as many files at the longest usual paths.
const MAX_BYTES: u64 = 8 << 20;

/// The files that somebody trusted, kept in `trust.json` of the state folder.
#[derive(Debug, Clone)]
pub struct Trust {
    file: Option<PathBuf>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Record {
    files: BTreeMap<String, Pin>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Pin {
    sha256: String,
    /// Counts up, so that the oldest can be told.
    order: u64,
    /// What the file said, to be shown beside what it says now.
    text: Option<String>,
}

/// How far a file is trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Trusted {
    /// It is.
    Yes,
    /// It never was.
    No,
    /// It was, and has changed since.
    Changed {
        /// What it said when it was, where that was kept.
        before: Option<String>,
    },
}

/// The longest text that is kept to be shown beside a changed one.
const MAX_KEPT_BYTES: usize = 64 << 10;

impl Trust {
    /// The record in this state folder. Without one nothing is trusted.
    pub fn new(state: Option<&Path>) -> Self {
        Self { file: state.map(|folder| folder.join("trust.json")) }
    }

    /// Whether the file at `path` is trusted for `bytes`.
    pub fn of(&self, path: &Path, bytes: &[u8]) -> Trusted {
        match self.read().files.remove(&key(path)) {
            None => Trusted::No,
            Some(pin) if pin.sha256 == sha256(bytes) => Trusted::Yes,
            Some(pin) => Trusted::Changed { before: pin.text },
        }
    }

    /// Trusts the file at `path` for `bytes`, in place of what it was trusted for before.
    ///
    /// # Errors
    ///
    /// Where the record cannot be written, or there is no state folder.
    pub fn add(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let text = kept(path, bytes);
        self.change(|record| {
            let order = record.files.values().map(|pin| pin.order).max().unwrap_or(0).saturating_add(1);
            let pin = Pin { sha256: sha256(bytes), order, text: text.map(str::to_owned) };
            record.files.insert(key(path), pin);
            while record.files.len() > MAX_FILES {
                let oldest =
                    record.files.iter().min_by_key(|(_, pin)| pin.order).map(|(path, _)| path.clone());
                oldest.map(|path| record.files.remove(&path));
            }
        })
    }

    /// Trusts the file at `path` no longer; says whether it was.
    ///
    /// # Errors
    ///
    /// As [`add`](Self::add).
    pub fn remove(&self, path: &Path) -> io::Result<bool> {
        if !self.read().files.contains_key(&key(path)) {
            return Ok(false);
        }
        self.change(|record| drop(record.files.remove(&key(path)))).map(|()| true)
    }

    /// Two processes at once do not lose each other's entries: a lock is held from reading to writing.
    fn change(&self, change: impl FnOnce(&mut Record)) -> io::Result<()> {
        let file = self.file.as_deref();
        let file = file.ok_or_else(|| io::Error::other("there is no state folder to remember it in"))?;
        let folder = file.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        let lock = std::fs::File::create(file.with_extension("lock"))?;
        lock.lock()?;
        let mut record = self.read();
        change(&mut record);
        let bytes = fitting(&mut record)?;
        let mut temporary = tempfile::NamedTempFile::new_in(folder)?;
        temporary.write_all(&bytes)?;
        temporary.persist(file)?;
        Ok(())
    }

    /// What is damaged or too large trusts nothing.
    fn read(&self) -> Record {
        let read = || {
            let file = self.file.as_deref()?;
            let small = std::fs::metadata(file).ok()?.len() <= MAX_BYTES;
            serde_json::from_slice(&small.then(|| std::fs::read(file).ok())??).ok()
        };
        read().unwrap_or_default()
    }
}

/// The record as it is written. What would be too large to be read again loses the texts that were kept first.
fn fitting(record: &mut Record) -> io::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec_pretty(record)?;
    while bytes.len() as u64 > MAX_BYTES {
        let mut kept: Vec<_> = record.files.values_mut().filter(|pin| pin.text.is_some()).collect();
        if kept.is_empty() {
            return Err(io::Error::other(
                "too many files are trusted; `codemode trust --revoke` forgets one",
            ));
        }
        kept.sort_by_key(|pin| pin.order);
        let half = kept.len().div_ceil(2);
        kept.into_iter().take(half).for_each(|pin| pin.text = None);
        bytes = serde_json::to_vec_pretty(record)?;
    }
    Ok(bytes)
}

/// What is kept of a file to be shown beside a changed one: nothing where a secret stands in it.
fn kept<'b>(path: &Path, bytes: &'b [u8]) -> Option<&'b str> {
    let text = std::str::from_utf8(bytes).ok().filter(|text| text.len() <= MAX_KEPT_BYTES)?;
    let config = Config::parse(text, path).ok()?;
    let has_secret = config.connectors.iter().any(|entry| !entry.secrets_in_plain_text().is_empty());
    // Of what was left out nothing is known.
    let is_whole = config.notes.iter().all(|note| !note.is_serious);
    (is_whole && !has_secret).then_some(text)
}

/// The path without links and `..`, so that no other path leads to the same trust and none away from it.
fn key(path: &Path) -> String {
    let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    // Two paths that are no text and differ only there would be one; such a path is kept apart by its bytes.
    match path.to_str() {
        Some(text) => text.to_owned(),
        None => format!("{path:?}"),
    }
}

fn sha256(bytes: &[u8]) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
    digest.as_ref().iter().fold(String::with_capacity(64), |mut text, byte| {
        text.push_str(&format!("{byte:02x}"));
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const BYTES: &[u8] = b"[limits]\ncalls = 1";

    #[test]
    fn no_secret_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let trust = Trust::new(Some(folder.path()));
        let file = folder.path().join("a.json");
        let text = br#"{"mcpServers": {"a": {"command": "x", "env": {"TOKEN": "sk_live_0123456789"}}}}"#;
        trust.add(&file, text).unwrap();
        assert_eq!(trust.of(&file, text), Trusted::Yes);
        assert_eq!(trust.of(&file, b"{}"), Trusted::Changed { before: None });
        assert!(!std::fs::read_to_string(folder.path().join("trust.json")).unwrap().contains("0123456789"));
    }

    #[test]
    fn a_record_never_outgrows_its_limit() {
        let text = Some("x".repeat(MAX_KEPT_BYTES));
        let pin = |order| Pin { sha256: String::new(), order, text: text.clone() };
        let files = (0..200).map(|order| (order.to_string(), pin(order))).collect();
        let mut record = Record { files };
        assert!(fitting(&mut record).unwrap().len() as u64 <= MAX_BYTES);
        assert_eq!(record.files.len(), 200);
        assert!(record.files["0"].text.is_none() && record.files["199"].text.is_some());
    }

    #[test]
    fn trust_is_in_bytes_at_a_place() {
        let folder = tempfile::tempdir().unwrap();
        let trust = Trust::new(Some(folder.path()));
        let (a, b) = (folder.path().join("a.toml"), folder.path().join("b.toml"));
        std::fs::write(&a, "").unwrap();
        std::fs::write(&b, "").unwrap();
        assert_eq!(trust.of(&a, BYTES), Trusted::No);
        trust.add(&a, BYTES).unwrap();
        assert_eq!(trust.of(&a, BYTES), Trusted::Yes);
        assert_eq!(trust.of(&folder.path().join("./a.toml"), BYTES), Trusted::Yes);
        assert_eq!(
            trust.of(&a, b"[limits]\ncalls = 2"),
            Trusted::Changed { before: Some("[limits]\ncalls = 1".to_owned()) }
        );
        assert_eq!(trust.of(&b, BYTES), Trusted::No);
        assert!(trust.remove(&a).unwrap() && !trust.remove(&a).unwrap());
        assert_eq!(trust.of(&a, BYTES), Trusted::No);
    }

    #[test]
    fn a_damaged_record_trusts_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let trust = Trust::new(Some(folder.path()));
        let file = folder.path().join("a.toml");
        trust.add(&file, b"").unwrap();
        std::fs::write(folder.path().join("trust.json"), "{\"files\": 3").unwrap();
        assert_eq!(trust.of(&file, b""), Trusted::No);
        trust.add(&file, b"").unwrap();
        assert_eq!(trust.of(&file, b""), Trusted::Yes);
    }

    #[test]
    fn trust_given_at_once_is_all_kept() {
        let folder = tempfile::tempdir().unwrap();
        let trust = Trust::new(Some(folder.path()));
        let files: Vec<_> = (0..8).map(|n| folder.path().join(format!("{n}.toml"))).collect();
        std::thread::scope(|scope| {
            for file in &files {
                scope.spawn(|| trust.add(file, b"x").unwrap());
            }
        });
        assert!(files.iter().all(|file| trust.of(file, b"x") == Trusted::Yes));
    }

    #[test]
    fn without_a_folder_nothing_is_trusted() {
        let trust = Trust::new(None);
        assert!(trust.add(Path::new("a"), b"").is_err());
        assert_eq!(trust.of(Path::new("a"), b""), Trusted::No);
    }
}
