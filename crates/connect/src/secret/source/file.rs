//! Files.

use std::io::Read as _;
use std::path::PathBuf;

use crate::secret::MAX_BYTES;
use crate::secret::error::SecretError;

/// A regular file that holds one secret and nothing else; the line break at its end is not part of it.
///
/// Who else may read it is its owner's business: secrets are mounted into containers as files that everyone in there may
/// read.
pub(in crate::secret) struct File {
    /// As it is written.
    path: String,
}

impl File {
    /// The file at `path`; `~/` is the user's home.
    pub(in crate::secret) fn at(path: &str) -> Option<Self> {
        (!path.trim().is_empty() && !path.contains('\0')).then(|| Self { path: path.to_owned() })
    }

    pub(in crate::secret) async fn resolve(&self) -> Result<String, SecretError> {
        let path = self.path.clone();
        let reading = tokio::task::spawn_blocking(move || read(&path));
        let unusable = |why: String| SecretError::File { path: self.path.clone(), why };
        match reading.await {
            Ok(Ok(bytes)) => String::from_utf8(bytes).map_err(|_| unusable("it is not UTF-8".to_owned())),
            Ok(Err(why)) => Err(unusable(why)),
            Err(_) => Err(unusable("reading it was interrupted".to_owned())),
        }
    }
}

fn read(path: &str) -> Result<Vec<u8>, String> {
    let path = match path.strip_prefix("~/") {
        Some(rest) => PathBuf::from(home().ok_or("it is in the home folder, and there is none")?).join(rest),
        None => PathBuf::from(path),
    };
    // Before it is opened: opening a pipe waits for whoever writes to it.
    let about = std::fs::metadata(&path).map_err(|error| error.to_string())?;
    if !about.is_file() {
        return Err("it is not a regular file".to_owned());
    }
    // A secret and the line break behind it, and one more to see that it is too long.
    let most = (MAX_BYTES + "\r\n".len()) as u64;
    let file = std::fs::File::open(&path).map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > most {
        return Err(format!("it has more than the {MAX_BYTES} bytes that a secret may have"));
    }
    Ok(bytes)
}

/// The user's home folder, where there is one.
pub(in crate::secret) fn home() -> Option<String> {
    std::env::home_dir()?.to_str().filter(|home| !home.is_empty()).map(str::to_owned)
}
