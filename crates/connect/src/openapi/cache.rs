//! Documents as they were read, in a folder: reading one anew takes ten times as long.
//!
//! A file is named for the SHA-256 of its document, so a document that changed is another one. It is written whole or not
//! at all, and what is read of it counts only if it is what was written: its length, its digest, and its counts.

mod file;

use std::io;
use std::path::Path;

use codemode_catalog::MAX_TOOLS;

use self::file::{File, Key};
use super::api::Api;
use super::read::{Document, ReadError, read};

/// How many documents a folder keeps; of more the oldest go. Each takes about three megabytes at most.
const MAX_DOCUMENTS: usize = 64;

/// Reads a document, through the cache in `folder` where one is given. A cache that cannot be read or written costs time
/// and nothing else; the document's notes say why.
pub(super) fn read_through(bytes: &[u8], folder: Option<&Path>) -> Result<Document, ReadError> {
    let Some(folder) = folder else { return read(bytes) };
    let key = Key::of(bytes);
    if let Some(document) = load(folder, &key) {
        return Ok(document);
    }
    let mut document = read(bytes)?;
    if let Err(error) = store(folder, &key, &document) {
        document
            .api
            .notes
            .push(format!("what was read could not be kept for the next time: {}", error.kind()));
    }
    Ok(document)
}

/// The document of this key, if it is there and unharmed.
pub(super) fn load(folder: &Path, key: &Key) -> Option<Document> {
    let file = File::read(folder, key)?;
    let api: Api = serde_json::from_slice(&file.api).ok()?;
    let fits = api.tools.len() <= MAX_TOOLS && api.tools.len() == api.operations.len();
    fits.then(|| Document { api, definitions: file.definitions.into() })
}

/// Keeps a document under this key, in place of whatever is there.
pub(super) fn store(folder: &Path, key: &Key, document: &Document) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    file::write(folder, key, &serde_json::to_vec(&document.api)?, document.definitions.as_bytes())?;
    file::keep_newest(folder, MAX_DOCUMENTS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::PathBuf;

    const DOCUMENT: &[u8] =
        br##"{"openapi": "3.1.0", "info": {"title": "Shop"}, "paths": {"/orders": {"get": {
        "operationId": "orders", "responses": {"200": {"content": {"application/json": {"schema":
        {"$ref": "#/components/schemas/Orders"}}}}}}}},
        "components": {"schemas": {"Orders": {"type": "array", "items": {"type": "integer"}}}}}"##;

    fn only_file(folder: &Path) -> PathBuf {
        let files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(files.len(), 1, "{files:?}");
        files[0].clone()
    }

    #[test]
    fn what_is_kept_is_what_was_read() {
        let folder = tempfile::tempdir().unwrap();
        let inside = folder.path().join("not/there/yet");
        let key = Key::of(DOCUMENT);
        assert_eq!(load(&inside, &key), None);
        let read = read_through(DOCUMENT, Some(&inside)).unwrap();
        assert_eq!(load(&inside, &key), Some(read.clone()));
        assert_eq!(read_through(DOCUMENT, Some(&inside)), Ok(read));
        assert_eq!(load(&inside, &Key::of(b"another")), None);
    }

    #[test]
    fn damage_is_seen_and_mended() {
        let folder = tempfile::tempdir().unwrap();
        let read = read_through(DOCUMENT, Some(folder.path())).unwrap();
        let file = only_file(folder.path());
        let whole = fs::read(&file).unwrap();
        let flipped = (0..whole.len()).map(|at| {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            bytes
        });
        let cut = (0..whole.len()).map(|at| whole[..at].to_vec());
        let longer = [[whole.clone(), b"x".to_vec()].concat(), b"{}".to_vec(), vec![0xff; 4096]];
        for damaged in flipped.chain(cut).chain(longer) {
            fs::write(&file, &damaged).unwrap();
            assert_eq!(load(folder.path(), &Key::of(DOCUMENT)), None);
        }
        assert_eq!(read_through(DOCUMENT, Some(folder.path())), Ok(read.clone()));
        assert_eq!(load(folder.path(), &Key::of(DOCUMENT)), Some(read));
    }

    #[test]
    fn what_is_no_list_of_tools_is_not_taken() {
        let folder = tempfile::tempdir().unwrap();
        let key = Key::of(DOCUMENT);
        let mut document = read(DOCUMENT).unwrap();
        document.api.operations.clear();
        store(folder.path(), &key, &document).unwrap();
        assert_eq!(load(folder.path(), &key), None);
    }

    #[test]
    fn a_folder_does_not_grow_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("notes.txt"), "somebody's").unwrap();
        let document = read(DOCUMENT).unwrap();
        for number in 0..MAX_DOCUMENTS + 5 {
            store(folder.path(), &Key::of(number.to_string().as_bytes()), &document).unwrap();
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), MAX_DOCUMENTS + 1);
    }

    #[test]
    fn a_folder_that_is_none_costs_a_note() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let document = read_through(DOCUMENT, Some(file.path())).unwrap();
        assert!(document.api.notes[0].contains("could not be kept"), "{:?}", document.api.notes);
        assert!(!document.api.notes[0].contains(file.path().to_str().unwrap()));
    }
}
