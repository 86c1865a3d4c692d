//! Programs with random damage, from a fixed seed: each compiles or is refused at a place inside the text.

use std::{fs, path::Path};

use codemode_program::{Limits, RejectionKind, compile};

use crate::depth::on_small_stack;

/// Fragments that change what the text around them means.
const FRAGMENTS: &[&str] = &[
    "`",
    "${",
    "}",
    "{",
    "(",
    ")",
    "[",
    "]",
    "'",
    "\"",
    "/",
    "/*",
    "*/",
    "//",
    "\\",
    "\n",
    "\r\n",
    "\u{2028}",
    "\0",
    "<",
    ">",
    "=>",
    "!",
    "?.",
    "...",
    "@",
    "#",
    "😀",
    "\u{feff}",
    "\u{a0}",
    "```ts\n",
    "\n```\n",
    "<!--",
    "await ",
    "yield ",
    "async ",
    "function ",
    "class ",
    "enum ",
    "export default ",
    "import ",
    "return ",
    "typeof ",
    "else ",
    "namespace ",
    "declare ",
    "abstract ",
    "static ",
    "get ",
    "using ",
    "as ",
    "satisfies ",
    "})(); (async () => {",
    "\\u{61}",
    "0x",
    "1n",
    "e\u{301}",
    "\u{fffd}",
    "#!",
    "@flow",
    "let let",
    "const",
    "in ",
    "of ",
    ":",
    ";",
    ",",
];

/// The xorshift generator by Marsaglia: small, and the same everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound.max(1) as u64) as usize
    }
}

#[test]
fn damaged_programs() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cases/program");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut programs: Vec<(_, String)> = files
        .filter(|path| path.extension().is_some_and(|e| e == "ts" || e == "md"))
        .map(|path| (path.clone(), fs::read_to_string(path).unwrap()))
        .collect();
    programs.sort();
    on_small_stack(move || {
        let mut random = Random(0x9e37_79b9_7f4a_7c15);
        for round in 0..3_000 {
            let (_, program) = &programs[random.below(programs.len())];
            let text = damage(program, &mut random);
            match compile(&text, &Limits::default()) {
                Ok(program) => locate_everything(&program, &mut random),
                Err(rejection) => {
                    assert_ne!(rejection.kind, RejectionKind::Internal, "round {round}: {text:?}");
                    let lines = text.split(['\n', '\r', '\u{2028}', '\u{2029}']).count();
                    assert!(
                        rejection.position.is_none_or(|at| at.line as usize <= lines),
                        "round {round}: {text:?}"
                    );
                }
            }
        }
    });
}

fn damage(program: &str, random: &mut Random) -> String {
    let mut chars: Vec<char> = program.chars().collect();
    for _ in 0..=random.below(4) {
        let at = random.below(chars.len() + 1);
        let end = (at + random.below(12)).min(chars.len());
        match random.below(4) {
            0 => drop(chars.drain(at..end)),
            1 => {
                let copied = chars[at..end].to_vec();
                chars.splice(at..at, copied);
            }
            _ => drop(chars.splice(at..at, FRAGMENTS[random.below(FRAGMENTS.len())].chars())),
        }
    }
    chars.into_iter().collect()
}

fn locate_everything(program: &codemode_program::Program, random: &mut Random) {
    for _ in 0..4 {
        let line = random.below(40) as u32;
        if let Some(at) = program.locate(line, random.below(60) as u32) {
            assert!(!program.frame(at).is_empty());
        }
    }
}
