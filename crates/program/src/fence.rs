//! Finds the program in a Markdown text.

use std::ops::Range;

/// The code between the fences of a Markdown text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fenced {
    /// The bytes between the opening and the closing fence.
    pub(crate) code: Range<usize>,
    /// Where the line of the text's first fence starts.
    pub(crate) first_line: usize,
    language: Language,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Language {
    Other,
    None,
    Script,
}

/// The block to compile: the first one marked as TypeScript or JavaScript, else the first one not marked at all, else
/// none. A block without an end reaches to the end of the text.
pub(crate) fn find(text: &str) -> Option<Fenced> {
    let mut best: Option<Fenced> = None;
    let mut open: Option<(Fence<'_>, Range<usize>)> = None;
    let mut at = 0;
    for line in text.split_inclusive(['\n', '\r']) {
        let start = at;
        at += line.len();
        let Some(fence) = Fence::of(line) else { continue };
        match open.take() {
            None => open = Some((fence, start..at)),
            Some((opened, opening)) if fence.closes(&opened) => {
                best = better(best, opened.block(&opening, start))
            }
            still_open => open = still_open,
        }
    }
    if let Some((opened, opening)) = open {
        best = better(best, opened.block(&opening, text.len()));
    }
    best.filter(|block| block.language != Language::Other)
}

/// Whether the first line that holds anything opens a fence.
pub(crate) fn opens(text: &str) -> bool {
    let first = text.trim_start_matches('\u{feff}').lines().find(|line| !line.trim().is_empty());
    first.and_then(Fence::of).is_some()
}

/// Whether the text before a fence is no code: no comment, no line that ends like a statement, no open template.
pub(crate) fn is_prose(before: &str) -> bool {
    before.matches('`').count().is_multiple_of(2)
        && !before.contains("/*")
        && before
            .lines()
            .map(str::trim)
            .all(|line| !line.starts_with("//") && !line.ends_with([';', '{', '}', '(']))
}

fn better(best: Option<Fenced>, block: Fenced) -> Option<Fenced> {
    match best {
        Some(best) if best.language >= block.language => Some(best),
        Some(best) => Some(Fenced { first_line: best.first_line, ..block }),
        None => Some(block),
    }
}

/// A line that opens or closes a block: three or more backticks or tildes.
#[derive(Debug, Clone, Copy)]
struct Fence<'t> {
    mark: char,
    length: usize,
    info: &'t str,
}

impl<'t> Fence<'t> {
    fn of(line: &'t str) -> Option<Self> {
        let line = line.trim_start_matches('\u{feff}').trim();
        let mark = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
        let info = line.trim_start_matches(mark);
        let length = line.len() - info.len();
        // `` ```x``` `` is code inside a line of prose.
        (length >= 3 && !info.contains('`')).then_some(Self { mark, length, info: info.trim() })
    }

    fn closes(&self, opened: &Fence<'_>) -> bool {
        self.mark == opened.mark && self.length >= opened.length && self.info.is_empty()
    }

    /// The block that this fence opens on a line and that ends at an offset.
    fn block(&self, line: &Range<usize>, end: usize) -> Fenced {
        let word = self.info.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or("");
        let language = match word.to_ascii_lowercase().as_str() {
            "" if self.info.is_empty() => Language::None,
            "ts" | "js" | "typescript" | "javascript" | "tsx" | "jsx" | "mts" | "mjs" | "cts" | "cjs" => {
                Language::Script
            }
            _ => Language::Other,
        };
        Fenced { code: line.end..end, first_line: line.start, language }
    }
}
