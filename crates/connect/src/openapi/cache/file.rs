//! The file of one document: a head that says what must follow, the lengths of texts, and the texts.

use std::borrow::Cow;
use std::fs;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use ring::digest::{Context, SHA256, digest};

/// What every file begins with; the number changes when the same document is read differently than before, as does the
/// version of this crate.
const MARK: &str = concat!("codemode openapi 6 ", env!("CARGO_PKG_VERSION"), "\n");

/// How the files' names end.
const EXTENSION: &str = "openapi";

/// The longest file that is read: what a document of the greatest length becomes, twice over.
const MAX_FILE_BYTES: u64 = 256 * 1024 * 1024;

/// How much is read or written at once.
const BUFFER_BYTES: usize = 64 * 1024;

/// The number of bytes of a length, or a number of texts.
const LENGTH_BYTES: usize = size_of::<u64>();

/// The number of bytes of a digest.
const DIGEST_BYTES: usize = 32;

/// Which document a file is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::openapi) struct Key([u8; DIGEST_BYTES]);

impl Key {
    /// The key of the document in `bytes`.
    pub(in crate::openapi) fn of(bytes: &[u8]) -> Self {
        Self(array(digest(&SHA256, bytes).as_ref()))
    }

    /// The key of the document in a file of at most so many bytes, which are never all in memory; `None` for what is no
    /// such file. What is no file may be readable only once, so it is not even opened.
    pub(super) fn of_file(path: &Path, limit: usize) -> Option<Self> {
        fs::metadata(path).ok().filter(|file| file.is_file() && file.len() <= limit as u64)?;
        let mut file = fs::File::open(path).ok()?.take(limit as u64);
        let mut context = Context::new(&SHA256);
        let mut buffer = vec![0; BUFFER_BYTES];
        loop {
            let length = file.read(&mut buffer).ok()?;
            match buffer.get(..length).filter(|read| !read.is_empty()) {
                Some(read) => context.update(read),
                None => return Some(Self(array(context.finish().as_ref()))),
            }
        }
    }

    fn path(&self, folder: &Path) -> PathBuf {
        let name: String = self.0.iter().map(|byte| format!("{byte:02x}")).collect();
        folder.join(name).with_extension(EXTENSION)
    }
}

/// The texts in the file of this key; `None` where there is none, or not what was written.
pub(super) fn read(folder: &Path, key: &Key) -> Option<Vec<Box<str>>> {
    let file = fs::File::open(key.path(folder)).ok()?;
    let length = file.metadata().ok().filter(fs::Metadata::is_file)?.len();
    let mut file = BufReader::with_capacity(BUFFER_BYTES, file);
    let head = Head::read(&mut file, key)?;
    let after_head = length.checked_sub(Head::BYTES as u64)?;
    if length > MAX_FILE_BYTES || head.texts > after_head / LENGTH_BYTES as u64 {
        return None;
    }
    let mut content = Context::new(&SHA256);
    let mut left = after_head - head.texts * LENGTH_BYTES as u64;
    let mut lengths = Vec::with_capacity(usize::try_from(head.texts).ok()?);
    for _ in 0..head.texts {
        let mut bytes = [0; LENGTH_BYTES];
        file.read_exact(&mut bytes).ok()?;
        content.update(&bytes);
        let length = u64::from_le_bytes(bytes);
        // No more is ever allocated than the file has.
        left = left.checked_sub(length)?;
        lengths.push(usize::try_from(length).ok()?);
    }
    let mut texts = Vec::with_capacity(lengths.len());
    for length in lengths {
        let mut bytes = vec![0; length];
        file.read_exact(&mut bytes).ok()?;
        content.update(&bytes);
        texts.push(String::from_utf8(bytes).ok()?.into());
    }
    let same = left == 0 && content.finish().as_ref() == head.content;
    same.then_some(texts)
}

/// Writes a file, which appears whole or not at all. The texts are asked for twice, one by one, so that no more than one
/// is in memory for this.
pub(super) fn write<'t>(
    folder: &Path,
    key: &Key,
    texts: impl Iterator<Item = Cow<'t, str>> + Clone,
) -> io::Result<()> {
    let temporary = tempfile::Builder::new().suffix(".tmp").tempfile_in(folder)?;
    let mut file = BufWriter::with_capacity(BUFFER_BYTES, temporary);
    file.write_all(&[0; Head::BYTES])?;
    let mut content = Context::new(&SHA256);
    let mut count = 0_u64;
    for text in texts.clone() {
        let length = (text.len() as u64).to_le_bytes();
        content.update(&length);
        file.write_all(&length)?;
        count += 1;
    }
    for text in texts {
        content.update(text.as_bytes());
        file.write_all(text.as_bytes())?;
    }
    let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.rewind()?;
    file.write_all(MARK.as_bytes())?;
    file.write_all(&key.0)?;
    file.write_all(&count.to_le_bytes())?;
    file.write_all(content.finish().as_ref())?;
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
    texts: u64,
    content: [u8; DIGEST_BYTES],
}

impl Head {
    const BYTES: usize = MARK.len() + 2 * DIGEST_BYTES + LENGTH_BYTES;

    /// The head of a file of this key.
    fn read(file: &mut impl Read, key: &Key) -> Option<Self> {
        let mut bytes = [0; Self::BYTES];
        file.read_exact(&mut bytes).ok()?;
        let rest = bytes.strip_prefix(MARK.as_bytes())?.strip_prefix(&key.0)?;
        let (texts, content) = rest.split_first_chunk()?;
        Some(Self { texts: u64::from_le_bytes(*texts), content: array(content) })
    }
}

/// The digest that `bytes` is.
fn array(bytes: &[u8]) -> [u8; DIGEST_BYTES] {
    bytes.try_into().unwrap_or_default()
}
