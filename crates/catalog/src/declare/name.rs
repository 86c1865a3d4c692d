//! What a shared type is called.

use std::collections::{BTreeMap, HashSet};

use unicode_ident::is_xid_continue;

use crate::pointer::percent_decoded;
use crate::reserved::{is_global, is_reserved_word};

/// The longest name a type is given.
const MAX_NAME_CHARS: usize = 60;

/// Segments of a reference that say where a schema stands and not what it is.
const PLACES: [&str; 12] = [
    "schema",
    "items",
    "properties",
    "content",
    "allOf",
    "anyOf",
    "oneOf",
    "additionalProperties",
    "parameters",
    "responses",
    "requestBody",
    "application~1json",
];

/// Names that mean something else to the compiler wherever a type may stand.
const TYPES: [&str; 3] = ["Record", "Promise", "Partial"];

/// The name that `reference` suggests, else its schema's title, else `Type`: in Pascal case, and no global's.
pub(super) fn suggested(reference: &str, title: Option<&str>) -> String {
    let fragment = reference.split_once('#').map_or(reference, |(_, fragment)| fragment);
    let segments = fragment
        .rsplit('/')
        .filter(|segment| !PLACES.contains(segment) && !segment.chars().all(|c| c.is_ascii_digit()));
    segments
        .take(1)
        .map(|segment| percent_decoded(segment).replace("~1", "/").replace("~0", "~"))
        .chain(title.map(str::to_owned))
        .map(|text| pascal(&text))
        .find(|name| !name.is_empty())
        .unwrap_or_else(|| "Type".to_owned())
}

/// Gives each of `wanted` a name of its own: the first in the order of `wanted`'s keys gets the plain one. Two that
/// differ in case only get different numbers, too: a model does not tell `ID` from `Id`.
pub(super) fn assigned<K: Ord + Copy>(wanted: &BTreeMap<K, String>) -> BTreeMap<K, String> {
    let plain: HashSet<String> = wanted.values().map(|name| name.to_lowercase()).collect();
    let mut taken: HashSet<String> = HashSet::new();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    wanted
        .iter()
        .map(|(&key, name)| {
            let folded = name.to_lowercase();
            if taken.insert(folded.clone()) {
                return (key, name.clone());
            }
            let count = counts.entry(folded).or_insert(1);
            loop {
                *count += 1;
                let numbered = format!("{name}_{count}");
                let folded = numbered.to_lowercase();
                if !plain.contains(&folded) && taken.insert(folded) {
                    return (key, numbered);
                }
            }
        })
        .collect()
}

fn pascal(text: &str) -> String {
    let mut name = String::new();
    let mut starts = true;
    for c in text.chars().take(4 * MAX_NAME_CHARS) {
        if !(c.is_ascii_alphanumeric() || is_settled(c)) {
            starts = true;
            continue;
        }
        if name.is_empty() && c.is_numeric() {
            name.push('_');
        }
        if std::mem::take(&mut starts) {
            name.extend(c.to_uppercase());
        } else {
            name.push(c);
        }
        if name.chars().count() >= MAX_NAME_CHARS {
            break;
        }
    }
    if is_global(&name) || is_reserved_word(&name) || TYPES.contains(&name.as_str()) {
        name.push('_');
    }
    name
}

/// Letters beyond ASCII that every edition of Unicode a compiler may go by takes for letters.
fn is_settled(c: char) -> bool {
    matches!(c, '\u{c0}'..='\u{24f}' | '\u{400}'..='\u{44f}' | '\u{3041}'..='\u{30fa}' | '\u{4e00}'..='\u{9fa5}' | '\u{ac00}'..='\u{d7a3}')
        && is_xid_continue(c)
}
