//! `cases/openapi`: a document in each `name.json`, as `document` or in YAML as `yaml`, and beside it what is read of it.
//! `UPDATE_EXPECT=1` writes the latter anew.

use std::fs;

use serde_json::{Value, json};

use super::compiler::workspace;
use crate::openapi::read::read;

#[test]
fn documents_are_read_as_expected() {
    let folder = workspace().join("cases/openapi");
    let mut names: Vec<String> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.retain(|name| !name.contains(".expected"));
    names.sort();
    assert!(names.len() >= 10, "{names:?}");
    for name in names {
        let case: Value = serde_json::from_slice(&fs::read(folder.join(&name)).unwrap()).unwrap();
        let text = match case["yaml"].as_str() {
            Some(yaml) => yaml.to_owned(),
            None => case["document"].to_string(),
        };
        let document = read(text.as_bytes()).unwrap();
        let definitions: Value = serde_json::from_str(&document.definitions).unwrap();
        let found = json!({"api": document.api, "definitions": definitions["$defs"]});
        let file = folder.join(name.replace(".json", ".expected.json"));
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            fs::write(&file, format!("{found:#}\n")).unwrap();
            continue;
        }
        let expected: Value =
            serde_json::from_slice(&fs::read(&file).unwrap_or_default()).unwrap_or_default();
        assert_eq!(found, expected, "{}; UPDATE_EXPECT=1 writes it anew", file.display());
    }
}
