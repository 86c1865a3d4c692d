//! Where in a file something is.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

/// A line and a column, both from 1; columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl Place {
    pub(super) fn of(text: &str, offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
        Self { line: before.matches('\n').count() + 1, column }
    }
}

/// A way into a document: `["connectors", "github", "url"]`. Elements of arrays are their numbers from 0.
pub(super) type Keys<'k> = &'k [&'k str];

/// Where what is at `keys` begins, as deep as the document goes: a missing key is at its table.
pub(super) fn locate(text: &str, keys: Keys<'_>) -> Option<Place> {
    let document = DeTable::parse(text).ok()?;
    let span = descend(document.get_ref(), keys)?;
    Some(Place::of(text, span.start))
}

fn descend(table: &DeTable<'_>, keys: Keys<'_>) -> Option<Range<usize>> {
    let (first, rest) = keys.split_first()?;
    let (key, value) = table.iter().find(|(key, _)| key.get_ref() == first)?;
    within(value.get_ref(), rest).or_else(|| Some(key.span()))
}

fn within(value: &DeValue<'_>, keys: Keys<'_>) -> Option<Range<usize>> {
    match value {
        DeValue::Table(table) => descend(table, keys),
        DeValue::Array(array) => {
            let (first, rest) = keys.split_first()?;
            let element = array.get(first.parse::<usize>().ok()?)?;
            within(element.get_ref(), rest).or_else(|| Some(element.span()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_lead_to_their_place() {
        let text = "# a comment\n[connectors.\"ä\"]\nurl = 'x'\nargs = [ 1,\n  { b = 2 } ]\n";
        let at = |keys: Keys<'_>| locate(text, keys).map(|place| (place.line, place.column));
        assert_eq!(at(&["connectors", "ä", "url"]), Some((3, 1)));
        assert_eq!(at(&["connectors", "ä", "args", "1", "b"]), Some((5, 5)));
        assert_eq!(at(&["connectors", "ä", "missing"]), Some((2, 13)));
        assert_eq!(at(&["nothing"]), None);
        assert_eq!(locate("a = [", &["a"]), None);
    }
}
