//! The texts a command works on: programs and inputs.

use std::io::Read as _;

use anyhow::{Context as _, bail};
use serde_json::Value;

use crate::exit::Misuse;

/// A program's text, and what messages call the place it is from.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) name: String,
    pub(crate) text: String,
}

impl Source {
    /// Reads a file, or standard input where the name is `-`.
    pub(crate) fn read(file: &str) -> anyhow::Result<Self> {
        let name = if file == "-" { "<stdin>" } else { file };
        Ok(Self { name: name.to_owned(), text: read(file)? })
    }
}

/// The value of `--input`: JSON, or the name of a file with JSON in it after `@`.
pub(crate) fn input(argument: &str, program: &str) -> anyhow::Result<Value> {
    match argument.strip_prefix('@') {
        Some("-") if program == "-" => bail!("program and input cannot both be read from standard input"),
        Some(file) => json(&read(file)?).with_context(|| format!("the input in {file} is not JSON")),
        None => typed(argument, "the value of --input is not JSON"),
    }
}

/// A value given as JSON, or as the name of a file with JSON in it after `@`.
pub(crate) fn json_argument(argument: &str, what: &str) -> anyhow::Result<Value> {
    match argument.strip_prefix('@') {
        Some(file) => json(&read(file)?).with_context(|| format!("{what} in {file} are not JSON")),
        None => typed(argument, &format!("{what} are not JSON")),
    }
}

/// JSON that stands on the command line.
fn typed(argument: &str, wrong: &str) -> anyhow::Result<Value> {
    json(argument).map_err(|error| {
        let message = format!("{wrong}: {error}");
        // What opens nothing of JSON's was meant as a text.
        let is_text = argument.starts_with(|c: char| c.is_alphanumeric() || c == '/' || c == '.');
        let hint =
            (is_text && argument.len() <= MAX_SHOWN_BYTES && !argument.contains(['\'', '\n'])).then(|| {
                format!(
                    "a text is written with quotes inside those of the shell: '{}'",
                    Value::from(argument)
                )
            });
        Misuse { message, hint }.into()
    })
}

/// What is longer is not repeated in a hint.
const MAX_SHOWN_BYTES: usize = 60;

/// The most bytes that are read of any text. It is far beyond what a program or its input may have, which have limits of
/// their own, and keeps an endless file from filling the memory.
const MAX_BYTES: u64 = 1 << 28;

fn read(file: &str) -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    let read = match file {
        "-" => std::io::stdin().lock().take(MAX_BYTES).read_to_end(&mut bytes),
        _ => std::fs::File::open(file).and_then(|opened| opened.take(MAX_BYTES).read_to_end(&mut bytes)),
    };
    let name = if file == "-" { "standard input" } else { file };
    read.with_context(|| format!("cannot read {name}"))?;
    String::from_utf8(bytes).map_err(|error| {
        anyhow::anyhow!("{name} is not UTF-8: byte {} does not belong", error.utf8_error().valid_up_to() + 1)
    })
}

fn json(text: &str) -> anyhow::Result<Value> {
    // Editors of one operating system put a byte-order mark into files; it is no part of the value.
    Ok(serde_json::from_str(text.trim_start_matches('\u{feff}'))?)
}
