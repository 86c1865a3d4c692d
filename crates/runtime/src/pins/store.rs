//! The folder of pins, which the processes of one user share. Everything here reads and writes files: not for a thread that
//! others wait for.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use codemode_catalog::MAX_CONNECTORS;

use super::diff::changes;
use super::fields::{Fields, sha256};
use super::file::{MAX_BYTES, Pin, Pinned};
use super::{NewTools, Quarantined, Why};
use crate::state_file;

/// The most files that are looked at: those of all the connectors that there may be, in sixteen projects.
const MAX_FILES: usize = 16 * MAX_CONNECTORS;

/// How long another process is waited for. It holds the lock for milliseconds, unless it was stopped.
const LOCKED: Duration = Duration::from_secs(2);

/// How long until the lock is tried again.
const PAUSE: Duration = Duration::from_millis(5);

/// What tools were when they were accepted, and what they have become, as kept in a state folder. It needs no runtime: an
/// operator looks at changes and accepts them without starting what may have changed for the worse.
///
/// There is a file for each connector. What connectors of one name in several projects are is told apart by what they
/// connect to: see [`Connector::identity`](codemode_connect::Connector::identity).
///
/// A file that is damaged, too large or of another version is passed over here. A runtime calls no tool of its connector
/// until it has been removed: see [`Runtime::warnings`](crate::Runtime::warnings).
#[derive(Debug, Clone)]
pub struct PinStore {
    folder: PathBuf,
}

impl PinStore {
    /// The pins in the state folder `state`, which need not exist.
    pub fn open(state: impl AsRef<Path>) -> Self {
        Self { folder: state.as_ref().join("pins") }
    }

    /// The tools that have changed since they were accepted, as they were last seen by any process; with
    /// [`NewTools::Quarantine`] also those that are new.
    pub fn quarantined(&self, new_tools: NewTools) -> io::Result<Vec<Quarantined>> {
        let mut all = Vec::new();
        for pinned in self.all()? {
            all.extend(quarantined(&pinned, new_tools));
        }
        Ok(all)
    }

    /// The tools that appeared on a connector which had others before, and that nobody has accepted: `connector.tool`.
    pub fn new_tools(&self) -> io::Result<Vec<String>> {
        let of = |pinned: Pinned| {
            let Pinned { connector, tools, .. } = pinned;
            let new = tools.into_iter().filter(|(_, pin)| pin.is_new);
            new.map(move |(tool, _)| format!("{connector}.{tool}")).collect::<Vec<_>>()
        };
        Ok(self.all()?.into_iter().flat_map(of).collect())
    }

    /// Accepts the changes of the tools that `pattern` describes, as [`quarantined`](Self::quarantined) shows them: a
    /// connector, or `connector.tool` with `*` for any characters. Gives the paths of what was accepted. A runtime that
    /// is running takes notice when it next lists the connector's tools.
    ///
    /// # Errors
    ///
    /// Where a file cannot be read or written; what was accepted before that is accepted.
    pub fn trust(&self, pattern: &str) -> io::Result<Vec<String>> {
        let mut waiting = self.quarantined(NewTools::Quarantine)?;
        waiting.retain(|found| found.is_meant_by(pattern));
        self.accept(&waiting)
    }

    /// Accepts just these changes. What has changed again since they were read stays quarantined.
    ///
    /// # Errors
    ///
    /// As [`trust`](Self::trust).
    pub fn accept(&self, changes: &[Quarantined]) -> io::Result<Vec<String>> {
        let mut accepted = Vec::new();
        for Pinned { connector, identity, .. } in self.all()? {
            if !changes.iter().any(|found| found.is_of(&connector)) {
                continue;
            }
            self.update(&connector, identity.as_deref(), |pinned| {
                for found in quarantined(pinned, NewTools::Quarantine) {
                    let pin =
                        match found.tool.strip_prefix(&connector).and_then(|rest| rest.strip_prefix('.')) {
                            Some(tool) => pinned.tools.get_mut(tool),
                            None => pinned.about.as_mut(),
                        };
                    if changes.contains(&found) && pin.is_some_and(Pin::accept) {
                        accepted.push(found.tool);
                    }
                }
            })?;
        }
        Ok(accepted)
    }

    /// Every connector's pins.
    fn all(&self) -> io::Result<Vec<Pinned>> {
        let entries = match std::fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let files = entries.filter_map(|entry| Some(entry.ok()?.path()));
        let files = files.filter(|file| file.extension().is_some_and(|extension| extension == "json"));
        let mut files: Vec<PathBuf> = files.take(MAX_FILES).collect();
        files.sort_unstable();
        let mut all = Vec::new();
        for file in files {
            // A file says whose it is, and is believed only where it lies there.
            let bytes = match state_file::read(&file, MAX_BYTES) {
                Err(error) if error.kind() == io::ErrorKind::FileTooLarge => continue,
                read => read?,
            };
            let pinned = bytes.and_then(|bytes| Pinned::from_bytes(&bytes));
            let is_there = |pinned: &Pinned| self.file(&pinned.connector, pinned.identity.as_deref()) == file;
            all.extend(pinned.filter(is_there));
        }
        Ok(all)
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// A connector's file.
    pub(super) fn file(&self, connector: &str, identity: Option<&str>) -> PathBuf {
        let file = state_file::of(&self.folder, connector);
        // Half a hash: what is in the file says the rest.
        let identity = identity.map(|identity| identity.chars().take(32).collect::<String>());
        identity.map_or_else(|| file.clone(), |identity| file.with_extension(identity + ".json"))
    }

    /// What is known of a connector; nothing where there is no file.
    ///
    /// # Errors
    ///
    /// Where there is one that cannot be read or is damaged.
    pub(super) fn read(&self, connector: &str, identity: Option<&str>) -> io::Result<Pinned> {
        let Some(bytes) = state_file::read(&self.file(connector, identity), MAX_BYTES)? else {
            return Ok(Pinned::new(connector, identity));
        };
        let pinned = Pinned::from_bytes(&bytes);
        let pinned =
            pinned.filter(|pinned| pinned.connector == connector && pinned.identity.as_deref() == identity);
        pinned.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "it is damaged"))
    }

    /// When a connector's file was last written.
    pub(super) fn written(&self, connector: &str, identity: Option<&str>) -> Option<SystemTime> {
        std::fs::metadata(self.file(connector, identity)).ok()?.modified().ok()
    }

    /// Changes what is known of a connector. Processes do so one after another, each on what the one before has written, so
    /// that none undoes what another has pinned or accepted.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read); also where it cannot be written, or another process does not let go of the lock.
    pub(super) fn update(
        &self,
        connector: &str,
        identity: Option<&str>,
        change: impl FnOnce(&mut Pinned),
    ) -> io::Result<Pinned> {
        std::fs::create_dir_all(&self.folder)?;
        // Released with the file, also when a process is killed.
        let _lock = self.lock()?;
        let before = self.read(connector, identity)?;
        let mut after = before.clone();
        change(&mut after);
        if after != before {
            state_file::write(&self.folder, &self.file(connector, identity), &after.to_bytes()?)?;
        }
        Ok(after)
    }

    fn lock(&self) -> io::Result<File> {
        let lock = File::options().create(true).append(true).open(self.folder.join("lock"))?;
        let started = Instant::now();
        loop {
            match lock.try_lock() {
                Ok(()) => return Ok(lock),
                Err(TryLockError::WouldBlock) if started.elapsed() < LOCKED => std::thread::sleep(PAUSE),
                Err(TryLockError::WouldBlock) => {
                    return Err(io::Error::new(io::ErrorKind::TimedOut, "another process has locked it"));
                }
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
    }
}

/// What a connector's identity is kept as: it may be a command line, and nobody is to read that here.
pub(super) fn identity_of(connector: &dyn codemode_connect::Connector) -> Option<String> {
    connector.identity().map(|identity| sha256(identity.as_bytes()))
}

/// What of a connector is not to be called.
pub(super) fn quarantined(pinned: &Pinned, new_tools: NewTools) -> Vec<Quarantined> {
    let about = pinned.about.iter().map(|pin| (pinned.connector.clone(), pin));
    let tools = pinned.tools.iter().map(|(tool, pin)| (format!("{}.{tool}", pinned.connector), pin));
    let of = |(tool, pin): (String, &Pin)| match &pin.seen {
        Some(seen) => {
            let why = if pin.is_new { Why::New } else { Why::Changed };
            Some(Quarantined { tool, changes: changes(&pin.accepted, seen), why })
        }
        None if pin.is_new && new_tools == NewTools::Quarantine => {
            Some(Quarantined { tool, changes: changes(&Fields::new(), &pin.accepted), why: Why::New })
        }
        None => None,
    };
    about.chain(tools).filter_map(of).collect()
}
