//! The file of one document: a head that says what must follow, the API as JSON, the shared schemas as they are.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use ring::digest::{Context, SHA256, digest};

/// What every file begins with; the number changes when the same document is read differently than before, as does the
/// version of this crate.
const MARK: &str = concat!("codemode openapi 2 ", env!("CARGO_PKG_VERSION"), "\n");

/// How the files' names end.
const EXTENSION: &str = "openapi";

/// The longest file that is read: what a document of the greatest length becomes, twice over.
const MAX_FILE_BYTES: u64 = 256 * 1024 * 1024;

/// The number of bytes of a digest.
const DIGEST_BYTES: usize = 32;

/// Which document a file is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::openapi) struct Key([u8; DIGEST_BYTES]);

/// The content of a file.
#[derive(Debug)]
pub(super) struct File {
    pub(super) api: Vec<u8>,
    pub(super) definitions: String,
}

impl Key {
    /// The key of the document in `bytes`.
    pub(in crate::openapi) fn of(bytes: &[u8]) -> Self {
        Self(array(digest(&SHA256, bytes).as_ref()))
    }

    fn path(&self, folder: &Path) -> PathBuf {
        let name: String = self.0.iter().map(|byte| format!("{byte:02x}")).collect();
        folder.join(name).with_extension(EXTENSION)
    }
}

impl File {
    /// The file of this key; `None` where there is none, or not what was written.
    pub(super) fn read(folder: &Path, key: &Key) -> Option<Self> {
        let mut file = fs::File::open(key.path(folder)).ok()?;
        let length = file.metadata().ok().filter(fs::Metadata::is_file)?.len();
        let head = Head::read(&mut file, key)?;
        let expected =
            (Head::BYTES as u64).checked_add(head.api_bytes)?.checked_add(head.definitions_bytes)?;
        if length != expected || length > MAX_FILE_BYTES {
            return None;
        }
        let part = |bytes: u64| {
            let mut part = Vec::with_capacity(usize::try_from(bytes).ok()?);
            (&file).take(bytes).read_to_end(&mut part).ok()?;
            (part.len() as u64 == bytes).then_some(part)
        };
        let (api, definitions) = (part(head.api_bytes)?, part(head.definitions_bytes)?);
        let same = content_digest(&api, &definitions) == head.content;
        if same { Some(Self { api, definitions: String::from_utf8(definitions).ok()? }) } else { None }
    }
}

/// Writes a file, which appears whole or not at all.
pub(super) fn write(folder: &Path, key: &Key, api: &[u8], definitions: &[u8]) -> io::Result<()> {
    let content = content_digest(api, definitions);
    let mut file = tempfile::Builder::new().suffix(".tmp").tempfile_in(folder)?;
    file.write_all(MARK.as_bytes())?;
    file.write_all(&key.0)?;
    file.write_all(&(api.len() as u64).to_le_bytes())?;
    file.write_all(&(definitions.len() as u64).to_le_bytes())?;
    file.write_all(&content)?;
    file.write_all(api)?;
    file.write_all(definitions)?;
    file.persist(key.path(folder)).map_err(|error| error.error)?;
    Ok(())
}

/// Removes the oldest files beyond so many. Files of other names are not ours.
pub(super) fn keep_newest(folder: &Path, most: usize) -> io::Result<()> {
    let mut files: Vec<(SystemTime, PathBuf)> = fs::read_dir(folder)?
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let ours = path.extension().is_some_and(|extension| extension == EXTENSION);
            Some((if ours { path.metadata().ok()?.modified().ok()? } else { return None }, path))
        })
        .collect();
    files.sort();
    let surplus = files.len().saturating_sub(most);
    for (_, path) in files.into_iter().take(surplus) {
        // Another process may have been faster.
        let _ = fs::remove_file(path);
    }
    Ok(())
}

struct Head {
    api_bytes: u64,
    definitions_bytes: u64,
    content: [u8; DIGEST_BYTES],
}

impl Head {
    const BYTES: usize = MARK.len() + 2 * DIGEST_BYTES + 2 * size_of::<u64>();

    /// The head of a file of this key.
    fn read(file: &mut fs::File, key: &Key) -> Option<Self> {
        let mut bytes = [0; Self::BYTES];
        file.read_exact(&mut bytes).ok()?;
        let rest = bytes.strip_prefix(MARK.as_bytes())?.strip_prefix(&key.0)?;
        let (api, rest) = rest.split_first_chunk()?;
        let (definitions, content) = rest.split_first_chunk()?;
        Some(Self {
            api_bytes: u64::from_le_bytes(*api),
            definitions_bytes: u64::from_le_bytes(*definitions),
            content: array(content),
        })
    }
}

fn content_digest(api: &[u8], definitions: &[u8]) -> [u8; DIGEST_BYTES] {
    let mut context = Context::new(&SHA256);
    context.update(api);
    context.update(definitions);
    array(context.finish().as_ref())
}

/// The digest that `bytes` is.
fn array(bytes: &[u8]) -> [u8; DIGEST_BYTES] {
    bytes.try_into().unwrap_or_default()
}
