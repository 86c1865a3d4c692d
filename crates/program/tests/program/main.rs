//! Programs and what must become of them: `cases/program/<name>.<ts|md>` next to `<name>.expected`.
//!
//! `UPDATE_EXPECT=1 cargo test -p codemode-program` writes the expectations anew.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod constructs;
mod depth;
mod landmarks;
mod mutation;
mod shared;

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use codemode_program::{Limits, Position, Program, Rejection, compile};

#[test]
fn cases() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cases/program");
    let mut wrong = Vec::new();
    let sources = sources(&folder);
    assert!(!sources.is_empty(), "no cases in {}", folder.display());
    for path in sources {
        let source = fs::read_to_string(&path).unwrap();
        let expected = path.with_extension("expected");
        let actual = describe(&source);
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            fs::write(&expected, &actual).unwrap();
        } else if fs::read_to_string(&expected).unwrap_or_default() != actual {
            wrong.push(format!("{}:\n{actual}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "run with UPDATE_EXPECT=1 to accept:\n\n{}", wrong.join("\n"));
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut sources: Vec<_> =
        entries.filter(|path| path.extension().is_some_and(|e| e == "ts" || e == "md")).collect();
    sources.sort();
    sources
}

fn describe(source: &str) -> String {
    match compile(source, &Limits::default()) {
        Ok(program) => describe_program(&program),
        Err(rejection) => describe_rejection(&rejection),
    }
}

fn describe_program(program: &Program) -> String {
    let mut out = format!("{:?}\n", program.shape());
    for call in program.calls() {
        let mut fields = call.fields.clone();
        fields.extend((!call.fields_complete).then(|| "…".to_string()));
        let _ =
            writeln!(out, "call {} {:?} {} {{{}}}", call.position, call.via, call.path, fields.join(", "));
    }
    if program.has_dynamic_calls() {
        out.push_str("and dynamic calls\n");
    }
    let _ = write!(out, "\n{}", program.javascript());
    for mark in marks(program) {
        out.push_str(&mark);
    }
    out
}

/// Where each `MARK…` of the generated text is found in the submitted one.
fn marks(program: &Program) -> Vec<String> {
    let lines = program.javascript().lines().enumerate();
    let marked = lines
        .filter_map(|(index, line)| line.find("MARK").map(|column| (index as u32 + 1, column as u32 + 1)));
    let place = |(line, column)| match program.locate(line, column) {
        Some(at) => format!("\n{line}:{column} is {at}\n{}\n", program.frame(at)),
        None => format!("\n{line}:{column} is nowhere\n"),
    };
    marked.map(place).collect()
}

fn describe_rejection(rejection: &Rejection) -> String {
    let mut out = format!("{:?}: {}\n", rejection.kind, rejection.message);
    if let Some(Position { line, column }) = rejection.position {
        let _ = writeln!(out, "at {line}:{column}");
    }
    if let Some(frame) = &rejection.frame {
        let _ = writeln!(out, "{frame}");
    }
    if let Some(hint) = &rejection.hint {
        let _ = writeln!(out, "hint: {hint}");
    }
    if let (Some(observed), Some(limit)) = (rejection.observed, rejection.limit) {
        let _ = writeln!(out, "observed {observed}, limit {limit}");
    }
    out
}
