//! Files of the state folder. Anyone may have written them, and several processes read and write them at once.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

/// The file of a connector. Its name is an identifier, but identifiers may differ in case only and file names may not.
pub(crate) fn of(folder: &Path, connector: &str) -> PathBuf {
    let mut name = String::new();
    for c in connector.chars() {
        if c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' {
            name.push(c);
        } else {
            name.push_str(&format!("-{:x}", u32::from(c)));
        }
    }
    folder.join(name + ".json")
}

/// What is in a file of at most `max_bytes`; `None` where there is none or it has more.
pub(crate) fn read(file: &Path, max_bytes: u64) -> std::io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    match std::fs::File::open(file) {
        Ok(file) => file.take(max_bytes + 1).read_to_end(&mut bytes)?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    Ok((bytes.len() as u64 <= max_bytes).then_some(bytes))
}

/// Written aside and renamed: another process may be reading it, or writing one of its own. Only its user may read it.
pub(crate) fn write(folder: &Path, file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut temporary = tempfile::NamedTempFile::new_in(folder)?;
    temporary.write_all(bytes)?;
    temporary.persist(file)?;
    Ok(())
}
