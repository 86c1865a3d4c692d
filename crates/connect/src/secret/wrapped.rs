//! Finding secrets, also those that a line break runs through: logs and MIME cut long lines.

use std::ops::Range;

use aho_corasick::AhoCorasick;

/// What of `text` is left out when it is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Breaks {
    /// Line breaks.
    Bare,
    /// Line breaks and the blanks behind them.
    Indented,
}

/// Where secrets are in `text`, in order and apart from each other. One that is broken over lines is one place.
pub(super) fn places(search: &AhoCorasick, text: &[u8]) -> Vec<Range<usize>> {
    if !text.contains(&b'\n') {
        return search.find_iter(text).map(|found| found.range()).collect();
    }
    let mut places = within(search, text, Breaks::Bare);
    if text.windows(2).any(|pair| matches!(pair, [b'\n', b' ' | b'\t'])) {
        places = joined(places, within(search, text, Breaks::Indented));
    }
    places
}

fn within(search: &AhoCorasick, text: &[u8], breaks: Breaks) -> Vec<Range<usize>> {
    let unbroken: Vec<u8> = kept(text, breaks).map(|(_, byte)| byte).collect();
    let mut origins = kept(text, breaks).map(|(at, _)| at).enumerate();
    // The matches come in order, so that one walk along the text finds where all of them were.
    let mut origin = |place: usize| origins.find(|(unbroken, _)| *unbroken == place).map(|(_, at)| at);
    let found = search.find_iter(&unbroken).filter(|found| !found.is_empty());
    found
        .filter_map(|found| {
            let start = origin(found.start())?;
            let last = if found.len() == 1 { start } else { origin(found.end() - 1)? };
            Some(start..last + 1)
        })
        .collect()
}

/// The bytes of `text` that are searched, each with its place.
pub(super) fn kept(text: &[u8], breaks: Breaks) -> impl Iterator<Item = (usize, u8)> + '_ {
    let mut is_after_break = false;
    text.iter().copied().enumerate().filter(move |(_, byte)| {
        let is_break = matches!(byte, b'\n' | b'\r');
        let is_indentation = is_after_break && breaks == Breaks::Indented && matches!(byte, b' ' | b'\t');
        is_after_break = is_break || is_indentation;
        !is_break && !is_indentation
    })
}

/// Both, in order, with those that overlap made one.
fn joined(mut places: Vec<Range<usize>>, more: Vec<Range<usize>>) -> Vec<Range<usize>> {
    places.extend(more);
    places.sort_unstable_by_key(|place| place.start);
    let mut joined: Vec<Range<usize>> = Vec::with_capacity(places.len());
    for place in places {
        match joined.last_mut().filter(|last| place.start < last.end) {
            Some(last) => last.end = last.end.max(place.end),
            None => joined.push(place),
        }
    }
    joined
}
