//! The files that credentials are kept in.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::task::spawn_blocking;

use super::record::Record;

/// The longest file that is read: a few tokens of 16 KiB and an authorization server's metadata.
const MAX_BYTES: u64 = 1024 * 1024;

/// How long another process may take to renew a credential before we give up: longer than its request may.
const LOCK_TIMEOUT: Duration = Duration::from_secs(45);

/// How often it is looked whether it has.
const LOCK_POLL: Duration = Duration::from_millis(50);

/// One connector's file.
#[derive(Debug, Clone)]
pub(super) struct Store {
    path: PathBuf,
    server: String,
}

/// Held by the one process that changes the file. Released when dropped, and when the process ends.
pub(super) struct Lock {
    _file: File,
}

impl Store {
    /// `connector` is a name that a program can use, and so one that a file can have.
    pub(super) fn new(folder: &Path, connector: &str, server: &str) -> Self {
        let is_plain = |c: &char| c.is_alphanumeric() || matches!(c, '_' | '-' | '$');
        let name: String = connector.chars().filter(is_plain).collect();
        Self { path: folder.join(format!("{name}.json")), server: server.to_owned() }
    }

    /// What is kept; `None` where nothing is, or nothing for this server.
    pub(super) async fn load(&self) -> io::Result<Option<Record>> {
        let path = self.path.clone();
        let bytes = blocking(move || match File::open(&path) {
            Ok(file) => {
                let mut bytes = Vec::new();
                file.take(MAX_BYTES).read_to_end(&mut bytes).map(|_| Some(bytes))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        });
        Ok(bytes.await?.and_then(|bytes| Record::read(&bytes, &self.server)))
    }

    /// Replaces what is kept. The file appears whole or not at all, and only its owner can read it.
    pub(super) async fn save(&self, record: &Record) -> io::Result<()> {
        let bytes = serde_json::to_vec_pretty(record)?;
        let path = self.path.clone();
        blocking(move || {
            let folder = folder(&path)?;
            // Made for the owner alone.
            let mut file = tempfile::Builder::new().suffix(".tmp").tempfile_in(folder)?;
            file.write_all(&bytes)?;
            file.as_file().sync_all()?;
            file.persist(&path).map_err(|error| error.error)?;
            Ok(())
        })
        .await
    }

    /// Forgets what is kept. Whether there was anything.
    pub(super) async fn clear(&self) -> io::Result<bool> {
        let path = self.path.clone();
        blocking(move || match fs::remove_file(&path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        })
        .await
    }

    /// Waits until no other process changes the file.
    pub(super) async fn lock(&self) -> io::Result<Lock> {
        let path = self.path.with_extension("lock");
        let file = blocking(move || {
            folder(&path)?;
            File::options().write(true).create(true).truncate(false).open(&path)
        })
        .await?;
        let locked = async {
            loop {
                match file.try_lock() {
                    Ok(()) => return Ok(()),
                    Err(TryLockError::WouldBlock) => tokio::time::sleep(LOCK_POLL).await,
                    Err(TryLockError::Error(error)) => return Err(error),
                }
            }
        };
        tokio::time::timeout(LOCK_TIMEOUT, locked).await.unwrap_or_else(|_| {
            Err(io::Error::new(io::ErrorKind::TimedOut, "another process holds the credentials"))
        })?;
        Ok(Lock { _file: file })
    }
}

/// The folder of `path`, made for its owner alone where there is none.
fn folder(path: &Path) -> io::Result<&Path> {
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    Ok(folder)
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    spawn_blocking(work).await.unwrap_or_else(|error| Err(io::Error::other(error)))
}
