//! The published documents that lie beside the workspace. `cases/openapi.published` says how many operations each has.

use std::fs;
use std::path::{Path, PathBuf};

use super::compiler::workspace;
use crate::openapi::read::{Document, ReadError, read};

/// The documents, each under its name below the folder of all, in order; `None`, said aloud, where there are none.
pub(super) fn documents() -> Option<Vec<(String, Vec<u8>)>> {
    let folder = workspace().join("../shared/data/openapi");
    let folder = std::env::var_os("CODEMODE_OPENAPI").map_or(folder, PathBuf::from);
    if !folder.exists() {
        eprintln!("SKIPPED: there are no published documents beside the workspace; none was read");
        return None;
    }
    let mut files = Vec::new();
    files_in(&folder, &mut files);
    files.sort();
    let name = |file: &Path| file.strip_prefix(&folder).unwrap().display().to_string();
    Some(files.iter().map(|file| (name(file), fs::read(file).unwrap())).collect())
}

fn files_in(folder: &Path, files: &mut Vec<PathBuf>) {
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        match path.extension().and_then(|extension| extension.to_str()) {
            _ if path.is_dir() => files_in(&path, files),
            Some("json" | "yaml") => files.push(path),
            _ => {}
        }
    }
}

fn line(name: &str, read: &Result<Document, ReadError>) -> String {
    match read {
        Ok(document) => {
            let (api, notes) = (&document.api, document.api.notes.len());
            assert_eq!(api.tools.len(), api.operations.len());
            format!("{name}: {} operations, {notes} notes\n", api.tools.len())
        }
        Err(error) => format!("{name}: {error}\n"),
    }
}

#[test]
fn every_published_document_is_read() {
    let Some(documents) = documents() else { return };
    let found: String = documents.iter().map(|(name, bytes)| line(name, &read(bytes))).collect();
    let file = workspace().join("cases/openapi.published");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        return fs::write(file, found).unwrap();
    }
    assert_eq!(found, fs::read_to_string(&file).unwrap_or_default());
}
