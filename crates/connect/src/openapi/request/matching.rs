//! Which operation a method and a path amount to.
//!
//! Rules for an operation must hold however a program spells its URL. So a path is read in all ways that servers do, and one
//! that comes to nothing may still begin as an operation's whose last parameter could take the other segments.

use std::collections::BTreeSet;

use super::super::api::Operation;
use super::Base;
use super::reading::{Reading, fold, once, readings, split};
use super::template::{Part, parts};

/// The operations that a request may amount to, as indices.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in super::super) struct Reached {
    /// For each way to read the path that comes to operations those that it comes to, the strictest way first. They are
    /// several where documents tell operations apart by more than method and path: AWS by a header, Azure by the query.
    readings: Vec<Vec<usize>>,
    /// By the first segments alone.
    beginning: Vec<usize>,
}

/// The path that a request is sent to, percent-encoded, and what it amounts to. `path` counts as below the base path unless
/// it begins with that itself and is no operation's path below it.
pub(super) fn place(base: &Base, operations: &[Operation], method: &str, path: &str) -> (String, Reached) {
    let below = format!("{}{path}", base.path());
    let reached = reached(base, operations, method, &below);
    let is_whole = !base.path().is_empty()
        && path.strip_prefix(base.path()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    if is_whole && reached.readings.is_empty() {
        return (path.to_owned(), self::reached(base, operations, method, path));
    }
    (below, reached)
}

impl Reached {
    /// The operation that a server most likely takes the request for.
    pub(in super::super) fn index(&self) -> Option<usize> {
        self.strictest().first().copied()
    }

    /// All operations that some server might take the request for.
    pub(in super::super) fn all(&self) -> BTreeSet<usize> {
        self.readings.iter().chain([&self.beginning]).flatten().copied().collect()
    }

    /// The same for a request of `own`, which it is wherever it might be: all but that one.
    pub(in super::super) fn others(&self, own: usize) -> BTreeSet<usize> {
        let readings = self.readings.iter().chain([&self.beginning]);
        readings.filter(|tied| !tied.contains(&own)).flatten().copied().collect()
    }

    /// An operation that the request is not read as most strictly, but might be taken for.
    pub(super) fn ambiguous(&self) -> Option<usize> {
        let strictest = self.strictest();
        self.readings.iter().flatten().find(|other| !strictest.contains(other)).copied()
    }

    fn strictest(&self) -> &[usize] {
        self.readings.first().unwrap_or(&self.beginning)
    }
}

/// What a request of `method` to `path`, base path included, amounts to. Servers answer HEAD as they would GET.
pub(super) fn reached(base: &Base, operations: &[Operation], method: &str, path: &str) -> Reached {
    let reached = of_method(base, operations, method, path);
    if reached.index().is_none() && method.eq_ignore_ascii_case("HEAD") {
        return of_method(base, operations, "GET", path);
    }
    reached
}

/// The paths below the base's that servers may take `path` for, base path included, folded; `/` for the base itself.
pub(super) fn spellings(base: &Base, path: &str) -> Vec<String> {
    let start: Vec<String> = split(base.path()).map(|segment| fold(&once(segment))).collect();
    let folded = readings(path).into_iter().filter(|reading| reading.is_folded);
    let below = |reading: Reading| {
        let segments = reading.segments.strip_prefix(start.as_slice()).unwrap_or(&reading.segments);
        format!("/{}", segments.join("/"))
    };
    folded.map(below).collect()
}

fn of_method(base: &Base, operations: &[Operation], method: &str, path: &str) -> Reached {
    let readings = readings(path);
    let mut best: Vec<Best> = readings.iter().map(|_| Best::default()).collect();
    for (index, operation) in of_same_method(operations, method) {
        let Some(start) = base.path_of(operation) else { continue };
        if !readings.iter().any(|reading| reading.could_fit(&start, &operation.path)) {
            continue;
        }
        let templates = Templates::new(&start, operation);
        for (reading, best) in readings.iter().zip(&mut best) {
            best.offer(index, templates.of(reading).fits(&reading.segments));
        }
    }
    let readings_reached: Vec<Vec<usize>> =
        best.into_iter().map(|best| best.tied).filter(|tied| !tied.is_empty()).collect();
    let beginning =
        if readings_reached.is_empty() { beginning(base, operations, method, &readings) } else { Vec::new() };
    Reached { readings: readings_reached, beginning }
}

/// The operations whose last parameter could take all segments after the first ones.
fn beginning(base: &Base, operations: &[Operation], method: &str, readings: &[Reading]) -> Vec<usize> {
    let mut best = Best::default();
    for (index, operation) in of_same_method(operations, method) {
        if !operation.path.trim_end_matches('/').ends_with('}') {
            continue;
        }
        let Some(start) = base.path_of(operation) else { continue };
        let templates = Templates::new(&start, operation);
        for reading in readings {
            best.offer(index, templates.of(reading).begins(&reading.segments));
        }
    }
    best.tied
}

fn of_same_method<'a>(
    operations: &'a [Operation],
    method: &'a str,
) -> impl Iterator<Item = (usize, &'a Operation)> {
    operations.iter().enumerate().filter(move |(_, operation)| operation.method.eq_ignore_ascii_case(method))
}

/// How literal a template is, segment by segment; the greater is the more literal.
type Rank = Vec<u8>;

/// The operations of the best rank so far: no more than there are.
#[derive(Default)]
struct Best {
    rank: Rank,
    tied: Vec<usize>,
}

impl Best {
    fn offer(&mut self, index: usize, rank: Option<Rank>) {
        let Some(rank) = rank else { return };
        if self.tied.is_empty() || rank > self.rank {
            *self = Self { rank, tied: vec![index] };
        } else if rank == self.rank && self.tied.last() != Some(&index) {
            self.tied.push(index);
        }
    }
}

/// A path template for either kind of reading.
struct Templates {
    exact: Template,
    folded: Template,
}

impl Templates {
    fn new(start: &str, operation: &Operation) -> Self {
        let template = format!("{start}{}", operation.path);
        Self { exact: Template::new(&template, false), folded: Template::new(&template, true) }
    }

    fn of(&self, reading: &Reading) -> &Template {
        if reading.is_folded { &self.folded } else { &self.exact }
    }
}

/// The segments of a path template, each in its parts.
struct Template(Vec<Vec<Piece>>);

enum Piece {
    Literal(String),
    Any,
}

impl Template {
    fn new(template: &str, is_folded: bool) -> Self {
        let write = |text: String| if is_folded { fold(&text) } else { text };
        Self(split(template).map(|segment| pieces(segment, write)).collect())
    }

    fn fits(&self, segments: &[String]) -> Option<Rank> {
        (self.0.len() == segments.len()).then(|| self.ranked(segments)).flatten()
    }

    /// Whether the last segment is a parameter that could also take the segments after it.
    fn begins(&self, segments: &[String]) -> Option<Rank> {
        let is_open = matches!(self.0.last().map(Vec::as_slice), Some([Piece::Any]));
        (is_open && self.0.len() < segments.len()).then(|| self.ranked(segments)).flatten()
    }

    fn ranked(&self, segments: &[String]) -> Option<Rank> {
        self.0.iter().zip(segments).map(|(pieces, segment)| fits(pieces, segment)).collect()
    }
}

fn pieces(segment: &str, write: impl Fn(String) -> String) -> Vec<Piece> {
    let literal = |text: &str| write(once(text));
    parts(segment)
        .into_iter()
        .map(|part| match part {
            Part::Literal(text) => Piece::Literal(literal(text)),
            Part::Parameter(_) => Piece::Any,
        })
        .collect()
}

/// How literally the pieces are `segment`: 2 all of it, 1 in part, 0 not at all; `None` if they are not.
fn fits(pieces: &[Piece], segment: &str) -> Option<u8> {
    let mut rest = segment;
    // Whether a parameter is open, which must take a character at least.
    let mut open = false;
    for (index, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Any if open => rest = after_first(rest)?,
            Piece::Any => open = true,
            Piece::Literal(text) if !open => rest = rest.strip_prefix(text.as_str())?,
            Piece::Literal(text) if index + 1 == pieces.len() => {
                let taken = rest.strip_suffix(text.as_str())?;
                return (!taken.is_empty()).then_some(1);
            }
            Piece::Literal(text) => {
                let behind = after_first(rest)?;
                let at = behind.find(text.as_str())?;
                rest = behind.get(at + text.len()..)?;
                open = false;
            }
        }
    }
    let literal = pieces.iter().any(|piece| matches!(piece, Piece::Literal(_)));
    match (open, rest.is_empty()) {
        (true, false) => Some(u8::from(literal)),
        (false, true) => Some(2),
        _ => None,
    }
}

fn after_first(text: &str) -> Option<&str> {
    let mut characters = text.chars();
    characters.next().map(|_| characters.as_str())
}
