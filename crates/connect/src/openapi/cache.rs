//! Documents as they were read, in a folder: reading one anew takes ten times as long.
//!
//! A file is named for the SHA-256 of its document, so a document that changed is another one. It is written whole or not
//! at all, and what is read of it counts only if it is what was written: its length, its digest, and its counts. Schemas
//! are texts of their own in it, which nothing parses before they are needed.

mod file;
mod kept;

use std::borrow::Cow;
use std::io;
use std::path::Path;

use codemode_catalog::{MAX_TOOLS, Schema};

use self::file::Key;
use self::kept::Kept;
use super::api::Api;
use super::read::{Document, ReadError, read};

/// How many documents a folder keeps; of more the oldest go. GitHub's takes three megabytes.
const MAX_DOCUMENTS: usize = 64;

/// What is kept of the document in `file`, which is not read into memory to find it; `None` where nothing is, or the file
/// has more than `limit` bytes, or cannot be read: reading it whole will say why.
pub(super) fn known(file: &Path, limit: usize, folder: &Path) -> Option<Document> {
    load(folder, &Key::of_file(file, limit)?)
}

/// Reads a document, through the cache in `folder` where one is given. A cache that cannot be read or written costs time
/// and nothing else; the document's notes say why.
pub(super) fn read_through(bytes: impl AsRef<[u8]>, folder: Option<&Path>) -> Result<Document, ReadError> {
    let Some(folder) = folder else { return read(bytes.as_ref()) };
    let key = Key::of(bytes.as_ref());
    if let Some(document) = load(folder, &key) {
        return Ok(document);
    }
    let mut document = read(bytes.as_ref())?;
    // It is as long as what was read of it, and not needed for writing that.
    drop(bytes);
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
    let mut texts = file::read(folder, key)?.into_iter();
    let mut api: Api = serde_json::from_str(&texts.next()?).ok()?;
    let definitions = texts.next()?;
    let fits = api.tools.len() <= MAX_TOOLS
        && api.tools.len() == api.operations.len()
        && texts.len() == 2 * api.tools.len();
    for tool in &mut api.tools {
        tool.input_schema = Schema::from_json(texts.next()?);
        tool.output_schema = texts.next().filter(|text| !text.is_empty()).map(Schema::from_json);
    }
    fits.then_some(Document { api, definitions })
}

/// Keeps a document under this key, in place of whatever is there.
pub(super) fn store(folder: &Path, key: &Key, document: &Document) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let api = serde_json::to_string(&Kept::from(&document.api))?;
    let schemas = document.api.tools.iter().flat_map(|tool| {
        let input = tool.input_schema.to_json().into_string();
        // No text is no schema: JSON is never empty.
        let output = tool.output_schema.as_ref().map(|schema| schema.to_json().into_string());
        [Cow::Owned(input), Cow::Owned(output.unwrap_or_default())]
    });
    let texts = [Cow::Borrowed(api.as_str()), Cow::Borrowed(&document.definitions)];
    file::write(folder, key, texts.into_iter().chain(schemas))?;
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
        {"$ref": "#/components/schemas/Orders"}}}}}}, "delete": {}}},
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
    fn a_file_that_is_kept_is_not_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let (file, kept) = (folder.path().join("shop.json"), folder.path().join("kept"));
        assert_eq!(known(&file, DOCUMENT.len(), &kept), None);
        fs::write(&file, DOCUMENT).unwrap();
        assert_eq!(known(&file, DOCUMENT.len(), &kept), None);
        let read = read_through(DOCUMENT, Some(&kept)).unwrap();
        assert_eq!(known(&file, DOCUMENT.len(), &kept), Some(read));
        assert_eq!(known(&file, DOCUMENT.len() - 1, &kept), None, "longer than allowed");
        assert_eq!(known(folder.path(), usize::MAX, &kept), None, "no file");
        fs::write(&file, [DOCUMENT, b" "].concat()).unwrap();
        assert_eq!(known(&file, usize::MAX, &kept), None, "another document");
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
