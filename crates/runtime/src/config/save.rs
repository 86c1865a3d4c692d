//! Writing a file whole or not at all.

use std::io::Write as _;
use std::path::Path;

use super::Error;

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
        std::fs::create_dir_all(folder)?;
        let mut temporary = tempfile::NamedTempFile::new_in(folder)?;
        temporary.write_all(text.as_bytes())?;
        temporary.as_file().sync_all()?;
        if let Ok(known) = std::fs::metadata(&path) {
            temporary.as_file().set_permissions(known.permissions())?;
        }
        temporary.persist(&path)?;
        Ok(())
    };
    write().map_err(|error| Error::File { doing: "write", path: path.to_owned(), error })
}
