//! The folder of pins, which the processes of one user share. Everything here reads and writes files: not for a thread that
//! others wait for.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use codemode_catalog::MAX_CONNECTORS;

use super::diff::changes;
use super::fields::Fields;
use super::file::{MAX_BYTES, Pin, Pinned};
use super::{NewTools, Quarantined};
use crate::state_file;

/// What tools were when they were accepted, and what they have become, as kept in a state folder. It needs no runtime: an
/// operator looks at changes and accepts them without starting what may have changed for the worse.
///
/// What is in the files may come from anyone who can write to the folder. One that is damaged, too large or of another
/// version is as good as none: its tools are pinned again as they are next seen.
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
        for Pinned { connector, .. } in self.all()? {
            if !changes.iter().any(|found| found.is_of(&connector)) {
                continue;
            }
            self.update(&connector, |pinned| {
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
        let mut files: Vec<PathBuf> = files.take(MAX_CONNECTORS).collect();
        files.sort_unstable();
        let mut all = Vec::new();
        for file in files {
            // A file says whose it is, and is believed only where it lies there.
            let pinned = state_file::read(&file, MAX_BYTES)?.and_then(|bytes| Pinned::from_bytes(&bytes));
            all.extend(pinned.filter(|pinned| state_file::of(&self.folder, &pinned.connector) == file));
        }
        Ok(all)
    }

    /// What is known of a connector.
    pub(super) fn read(&self, connector: &str) -> io::Result<Pinned> {
        let bytes = state_file::read(&state_file::of(&self.folder, connector), MAX_BYTES)?;
        let pinned = bytes.and_then(|bytes| Pinned::from_bytes(&bytes));
        let pinned = pinned.filter(|pinned| pinned.connector == connector);
        Ok(pinned.unwrap_or_else(|| Pinned::new(connector)))
    }

    /// When a connector's file was last written.
    pub(super) fn written(&self, connector: &str) -> Option<SystemTime> {
        std::fs::metadata(state_file::of(&self.folder, connector)).ok()?.modified().ok()
    }

    /// Changes what is known of a connector. Processes do so one after another, each on what the one before has written, so
    /// that none undoes what another has pinned or accepted.
    pub(super) fn update(&self, connector: &str, change: impl FnOnce(&mut Pinned)) -> io::Result<Pinned> {
        std::fs::create_dir_all(&self.folder)?;
        let lock = File::options().create(true).append(true).open(self.folder.join("lock"))?;
        // Held for milliseconds; released with the file, also when a process is killed.
        lock.lock()?;
        let before = self.read(connector)?;
        let mut after = before.clone();
        change(&mut after);
        if after != before {
            state_file::write(&self.folder, &state_file::of(&self.folder, connector), &after.to_bytes()?)?;
        }
        Ok(after)
    }
}

/// What of a connector is not to be called.
pub(super) fn quarantined(pinned: &Pinned, new_tools: NewTools) -> Vec<Quarantined> {
    let about = pinned.about.iter().map(|pin| (pinned.connector.clone(), pin));
    let tools = pinned.tools.iter().map(|(tool, pin)| (format!("{}.{tool}", pinned.connector), pin));
    let of = |(tool, pin): (String, &Pin)| match &pin.seen {
        Some(seen) => Some(Quarantined { tool, changes: changes(&pin.accepted, seen), is_new: pin.is_new }),
        None if pin.is_new && new_tools == NewTools::Quarantine => {
            Some(Quarantined { tool, changes: changes(&Fields::new(), &pin.accepted), is_new: true })
        }
        None => None,
    };
    about.chain(tools).filter_map(of).collect()
}
