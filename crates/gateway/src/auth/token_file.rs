//! `tokens.json` of the state folder: tokens by their SHA-256. A hash without salt and stretching suffices, because what is
//! hashed is 256 random bits.

use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use codemode::state;
use serde::{Deserialize, Serialize};

use super::tokens::TokenError;

/// Bytes of the file: as many tokens as there can be, with the longest names.
const MAX_BYTES: u64 = 1 << 20;

/// The file.
#[derive(Debug)]
pub(super) struct File {
    folder: PathBuf,
    path: PathBuf,
}

/// What tells one state of the file from another. It is never written in place, so that another state is another file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Version {
    modified: Option<SystemTime>,
    length: u64,
    inode: u64,
}

/// What is in it.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Record {
    pub(super) tokens: Vec<Entry>,
}

/// A token.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) principal: String,
    #[serde(with = "as_hex")]
    pub(super) sha256: [u8; 32],
    /// Seconds since 1970.
    pub(super) created: u64,
    /// The same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) expires: Option<u64>,
}

impl File {
    pub(super) fn new(state: &Path) -> Self {
        Self { folder: state.to_owned(), path: state.join("tokens.json") }
    }

    /// Whether it is there. What cannot be looked at is taken to be.
    pub(super) fn exists(&self) -> bool {
        self.version().map_or(true, |version| version.is_some())
    }

    /// Its state; `None` where it is not there.
    pub(super) fn version(&self) -> io::Result<Option<Version>> {
        match std::fs::metadata(&self.path) {
            Ok(data) => {
                let (modified, length) = (data.modified().ok(), data.len());
                Ok(Some(Version { modified, length, inode: inode(&data) }))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What is in it; nothing where it is not there.
    pub(super) fn read(&self) -> io::Result<Record> {
        match state::read(&self.path, MAX_BYTES)? {
            Some(bytes) => serde_json::from_slice(&bytes).map_err(|_| io::Error::other("it is damaged")),
            None => Ok(Record::default()),
        }
    }

    /// Changes it, unless `change` fails. Two processes at once do not lose each other's tokens: a lock is held from
    /// reading to writing.
    pub(super) fn change(
        &self,
        change: impl FnOnce(&mut Record) -> Result<(), TokenError>,
    ) -> Result<(), TokenError> {
        std::fs::create_dir_all(&self.folder)?;
        let lock = std::fs::File::create(self.path.with_extension("lock"))?;
        lock.lock()?;
        let mut record = self.read()?;
        change(&mut record)?;
        let bytes = serde_json::to_vec_pretty(&record).map_err(io::Error::other)?;
        Ok(state::write_durably(&self.folder, &self.path, &bytes, None)?)
    }
}

#[cfg(unix)]
fn inode(data: &std::fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(data)
}

#[cfg(not(unix))]
fn inode(_: &std::fs::Metadata) -> u64 {
    0
}

mod as_hex {
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8; 32], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; 32], D::Error> {
        let text = String::deserialize(deserializer)?;
        let refused = || D::Error::custom("expected 64 hexadecimal digits");
        let pair = |pair: &[u8]| {
            let text = std::str::from_utf8(pair).ok().filter(|text| !text.starts_with('+'))?;
            u8::from_str_radix(text, 16).ok()
        };
        let bytes: Option<Vec<u8>> = text.as_bytes().chunks(2).map(pair).collect();
        bytes.and_then(|bytes| bytes.try_into().ok()).filter(|_| text.len() == 64).ok_or_else(refused)
    }
}
