//! Files of the state folder. Anyone may have written them, and several processes read and write them at once.

use std::fs::Permissions;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// The file of a connector. Its name is an identifier, but identifiers may differ in case only and file names may not: what
/// is no small letter is written as its number between dashes, which no identifier has.
pub(crate) fn of(folder: &Path, connector: &str) -> PathBuf {
    let mut name = String::new();
    for c in connector.chars() {
        if c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' {
            name.push(c);
        } else {
            name.push_str(&format!("-{:x}-", u32::from(c)));
        }
    }
    folder.join(name + ".json")
}

/// What is in a file; `None` where there is none.
///
/// # Errors
///
/// Where it has more than `max_bytes`, or cannot be read.
pub fn read(file: &Path, max_bytes: u64) -> std::io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    match std::fs::File::open(file) {
        Ok(file) => file.take(max_bytes + 1).read_to_end(&mut bytes)?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    if bytes.len() as u64 > max_bytes {
        let message = format!("it has more than {max_bytes} bytes");
        return Err(std::io::Error::new(std::io::ErrorKind::FileTooLarge, message));
    }
    Ok(Some(bytes))
}

/// Written aside and renamed: another process may be reading it, or writing one of its own. Only its user may read it. Where the
/// machine stops at once afterwards, the file may be as it was: this is for what can be learned again.
///
/// # Errors
///
/// Where it cannot be written; then it is as it was.
pub fn write(folder: &Path, file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    aside(folder, bytes)?.persist(file)?;
    Ok(())
}

/// As [`write()`], and still there when the machine has stopped: this is for what somebody was told. `permissions` are those of
/// the file, where not only its user may read it.
///
/// # Errors
///
/// Where it cannot be written; then it is as it was, or as it was to be.
pub fn write_durably(
    folder: &Path,
    file: &Path,
    bytes: &[u8],
    permissions: Option<Permissions>,
) -> std::io::Result<()> {
    let temporary = aside(folder, bytes)?;
    if let Some(permissions) = permissions {
        temporary.as_file().set_permissions(permissions)?;
    }
    temporary.as_file().sync_all()?;
    temporary.persist(file)?;
    // What the folder says of its files is written at a time of its own. Elsewhere a folder cannot be opened for it.
    #[cfg(unix)]
    std::fs::File::open(folder)?.sync_all()?;
    Ok(())
}

fn aside(folder: &Path, bytes: &[u8]) -> std::io::Result<NamedTempFile> {
    std::fs::create_dir_all(folder)?;
    let mut temporary = NamedTempFile::new_in(folder)?;
    temporary.write_all(bytes)?;
    Ok(temporary)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    #[test]
    fn no_two_connectors_share_a_file() {
        let file = |connector| super::of(Path::new(""), connector).into_os_string();
        // U+41A, and U+41 before an `a`.
        assert_ne!(file("Aa"), file("К"));
        assert_ne!(file("A").to_ascii_lowercase(), file("a").to_ascii_lowercase());
        assert_eq!(file("mail_2"), "mail_2.json");
    }
}
