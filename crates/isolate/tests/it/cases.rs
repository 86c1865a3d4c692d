//! `cases/isolate/*.js`: bodies, each under a line `//// name`, and what comes of them.

use std::fs;
use std::path::{Path, PathBuf};

use codemode_isolate::Limits;

use crate::drive::{Batch, isolate, run_in, wrap};

#[test]
fn cases() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cases/isolate");
    let mut files: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "js"));
    files.sort();
    assert!(!files.is_empty(), "no cases in {}", folder.display());
    let mut wrong = Vec::new();
    for path in files {
        let actual = outcomes(&fs::read_to_string(&path).unwrap());
        let expected = path.with_extension("expected");
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            fs::write(&expected, &actual).unwrap();
            continue;
        }
        let expected = fs::read_to_string(&expected).unwrap_or_default();
        wrong.extend(differences(&expected, &actual).map(|case| format!("{}:\n{case}", path.display())));
    }
    assert!(wrong.is_empty(), "run with UPDATE_EXPECT=1 to accept:\n\n{}", wrong.join("\n"));
}

/// Every case is run twice, completions one by one and together: that must not be observable.
fn outcomes(text: &str) -> String {
    let mut out = String::new();
    for (name, body) in sections(text) {
        let body = wrap(body);
        let together = run_in(isolate(Limits::default()), &body, Batch::All);
        let single = run_in(isolate(Limits::default()), &body, Batch::One);
        assert_eq!(together.describe(), single.describe(), "{name}: batching is observable");
        out.push_str(&format!("//// {name}\n{}", together.describe()));
    }
    out
}

fn sections(text: &str) -> impl Iterator<Item = (&str, &str)> {
    // What stands before the first header is a comment on the file.
    text.split("//// ").skip(1).map(|section| section.split_once('\n').unwrap())
}

fn differences<'a>(expected: &'a str, actual: &'a str) -> impl Iterator<Item = String> + 'a {
    let known: Vec<_> = sections(expected).collect();
    let found: Vec<_> = sections(actual).collect();
    let gone: Vec<_> = known
        .iter()
        .filter(|(name, _)| !found.iter().any(|(other, _)| other == name))
        .map(|(name, _)| format!("//// {name}\nis no case any more\n"))
        .collect();
    found
        .into_iter()
        .filter(move |section| !known.contains(section))
        .map(|(name, outcome)| format!("//// {name}\n{outcome}"))
        .chain(gone)
}
