//! Writing a file whole or not at all.

use std::path::Path;

use super::Error;
use crate::state_file;

/// Writes the file; folders are made where they are missing. A link to the file stays one, and so do its permissions.
///
/// # Errors
///
/// [`Error::File`]; the file is as it was then.
pub(super) fn save(path: &Path, text: &str) -> Result<(), Error> {
    let write = || {
        let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let folder = match path.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        let permissions = std::fs::metadata(&path).ok().map(|known| known.permissions());
        state_file::write_durably(folder, &path, text.as_bytes(), permissions)
    };
    write().map_err(|error| Error::File { doing: "write", path: path.to_owned(), error })
}
