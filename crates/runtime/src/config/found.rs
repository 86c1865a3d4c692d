//! Which files are read, and in which order.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::settings::{Config, MAX_BYTES, Note};
use super::{Error, Trust, Trusted};

/// The file of ours in a folder.
pub const FILE: &str = "codemode.toml";

/// What a folder's configuration may be called; the first that is there counts.
const IN_FOLDER: [&str; 2] = [FILE, ".mcp.json"];

/// Where configurations are looked for.
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// Files that somebody named. Where there are any, no other is looked for, and they are trusted: later ones lie over
    /// earlier ones.
    pub named: Vec<PathBuf>,
    /// The user's own file.
    pub user: Option<PathBuf>,
    /// The folder whose file lies over the user's, if it is trusted.
    pub folder: Option<PathBuf>,
}

/// A configuration file that there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Where it is.
    pub path: PathBuf,
    /// Why it is read.
    pub role: Role,
    /// Whether it is used.
    pub trusted: Trusted,
}

/// Why a file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Role {
    /// Somebody named it.
    Named,
    /// It is the user's own.
    User,
    /// It lies in the current folder.
    Folder,
}

impl Places {
    /// The folder's configuration, whether it is trusted or not.
    pub fn in_folder(&self) -> Option<PathBuf> {
        let folder = self.folder.as_deref()?;
        IN_FOLDER.iter().map(|name| folder.join(name)).find(|file| file.is_file())
    }

    /// Reads what there is. A file in the folder that is not trusted is not parsed; it is among those found.
    ///
    /// # Errors
    ///
    /// What is wrong with the first file that cannot be used. A named one has to be there.
    pub fn read(&self, trust: &Trust) -> Result<(Config, Vec<Found>), Error> {
        let mut config = Config::default();
        let mut found = Vec::new();
        if !self.named.is_empty() {
            for path in &self.named {
                config = config.overlaid(parse(path, &read(path)?)?);
                found.push(Found { path: path.clone(), role: Role::Named, trusted: Trusted::Yes });
            }
            return Ok((config, found));
        }
        if let Some(path) = self.user.as_ref().filter(|path| path.is_file()) {
            config = config.overlaid(parse(path, &read(path)?)?);
            found.push(Found { path: path.clone(), role: Role::User, trusted: Trusted::Yes });
        }
        let in_folder = self.in_folder().filter(|path| !found.iter().any(|known| is_same(&known.path, path)));
        if let Some(path) = in_folder {
            // Whoever made the folder may not stop what is done in it.
            let bytes = match in_folder_itself(&path).and_then(|()| read(&path)) {
                Ok(bytes) => bytes,
                Err(error) => {
                    let message = format!("not used: {error}");
                    config.notes.push(Note { file: path, message, is_serious: true });
                    return Ok((config, found));
                }
            };
            let trusted = trust.of(&path, &bytes);
            if trusted == Trusted::Yes {
                config = config.overlaid_by_folder(parse(&path, &bytes)?, &path);
                let second = IN_FOLDER
                    .iter()
                    .map(|name| path.with_file_name(name))
                    .find(|other| *other != path && other.is_file());
                config.notes.extend(second.map(|file| Note {
                    message: format!("not used: {} is there too", path.display()),
                    file,
                    is_serious: false,
                }));
            }
            found.push(Found { path, role: Role::Folder, trusted });
        }
        Ok((config, found))
    }
}

/// A link would be trusted as the file it leads to, while its relative paths lead into the folder where the link is.
fn in_folder_itself(path: &Path) -> Result<(), Error> {
    let file_type = std::fs::symlink_metadata(path).map(|data| data.file_type());
    let file_type = file_type.map_err(|error| Error::File { doing: "read", path: path.to_owned(), error })?;
    if !file_type.is_symlink() {
        return Ok(());
    }
    let message = "it is a link to another file, whose trust it would have; --config names a file anyway";
    Err(Error::Invalid { path: path.to_owned(), place: None, message: message.to_owned() })
}

/// The bytes of a configuration file.
///
/// # Errors
///
/// [`Error::File`] where it cannot be read, [`Error::TooLarge`] beyond [`MAX_BYTES`].
pub fn read(path: &Path) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes));
    read.map_err(|error| Error::File { doing: "read", path: path.to_owned(), error })?;
    if bytes.len() as u64 > MAX_BYTES {
        let observed = std::fs::metadata(path).map_or(bytes.len() as u64, |data| data.len());
        return Err(Error::TooLarge { path: path.to_owned(), observed, limit: MAX_BYTES });
    }
    Ok(bytes)
}

/// Reads the bytes of a file as [`Config::parse`] does its text.
///
/// # Errors
///
/// As there, and where the bytes are no text.
pub fn parse(path: &Path, bytes: &[u8]) -> Result<Config, Error> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Config::parse(text, path),
        Err(error) => {
            let message = format!("it is not UTF-8: byte {} does not belong", error.valid_up_to() + 1);
            Err(Error::Invalid { path: path.to_owned(), place: None, message })
        }
    }
}

fn is_same(a: &Path, b: &Path) -> bool {
    matches!((std::fs::canonicalize(a), std::fs::canonicalize(b)), (Ok(a), Ok(b)) if a == b)
}
