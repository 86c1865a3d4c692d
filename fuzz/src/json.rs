//! Changes to a JSON text that leave it JSON.
//!
//! Bytes flipped in a JSON text mostly break it, and what reads it refuses it in its first line; a tree whose parts are
//! moved, renamed and repeated reaches what lies behind. Generating trees from bytes would reach it too, but its inputs
//! are no text: real documents could not be seeds, and a finding could not be read.

use fastrand::Rng;
use serde_json::{Map, Value, json};

/// One change in so many is left to the engine, which changes bytes: texts that are not quite JSON count too.
const BYTES_ONE_IN: u32 = 16;

/// Changes made at once, at most. Several together reach what each alone would not get past.
const MAX_CHANGES: u32 = 5;

/// How often a part is repeated, at most. The text's size is bounded besides.
const MAX_REPEATS: usize = 40;

/// `data` with random changes, of at most `max` bytes; `None` if it is not JSON or became too large.
pub fn change(data: &[u8], words: &[&str], max: usize, seed: u64) -> Option<Vec<u8>> {
    let mut chance = Chance { rng: Rng::with_seed(seed), words };
    if chance.rng.u32(..BYTES_ONE_IN) == 0 {
        return None;
    }
    let mut tree: Value = serde_json::from_slice(data).ok()?;
    for _ in 0..chance.rng.u32(1..=MAX_CHANGES) {
        chance.change(&mut tree);
    }
    serde_json::to_vec(&tree).ok().filter(|text| text.len() <= max)
}

struct Chance<'a> {
    rng: Rng,
    words: &'a [&'a str],
}

impl Chance<'_> {
    fn change(&mut self, tree: &mut Value) {
        let donor = self.part(tree);
        let pointer = self.pointer(tree);
        let Some(place) = nth(tree, &mut self.rng.usize(..count(tree))) else { return };
        match self.rng.u32(..12) {
            0 => *place = self.leaf(),
            1 => *place = donor,
            2 => *place = json!({"$ref": pointer}),
            3 => *place = self.wrapped(place.take(), donor),
            4 => *place = self.unwrapped(place.take()),
            5..=8 => self.edit(place, donor),
            9 => self.repeat(place),
            _ => {
                let value = if self.rng.bool() { donor } else { self.leaf() };
                match place {
                    Value::Object(object) => _ = object.insert(self.word(), value),
                    Value::Array(items) => items.push(value),
                    _ => *place = value,
                }
            }
        }
    }

    /// Changes a part within itself.
    fn edit(&mut self, place: &mut Value, donor: Value) {
        match place {
            Value::Object(object) if !object.is_empty() => {
                let key = object.keys().nth(self.rng.usize(..object.len())).cloned().unwrap_or_default();
                let value = object.shift_remove(&key).unwrap_or_default();
                match self.rng.u32(..4) {
                    0 => {}
                    1 => _ = object.insert(key, donor),
                    2 => _ = object.insert(format!("{key}{}", self.odd_text()), value),
                    _ => _ = object.insert(self.word(), value),
                }
            }
            Value::Array(items) if !items.is_empty() => {
                let (one, other) = (self.rng.usize(..items.len()), self.rng.usize(..items.len()));
                match self.rng.u32(..3) {
                    0 => _ = items.remove(one),
                    1 => items.swap(one, other),
                    _ => items.insert(one, donor),
                }
            }
            Value::String(text) => match self.rng.u32(..3) {
                0 => *text = self.word(),
                1 => text.push_str(&self.odd_text()),
                _ => *text = text.chars().rev().collect(),
            },
            Value::Bool(value) => *value = !*value,
            _ => *place = self.leaf(),
        }
    }

    /// The same part many times, side by side or within one another.
    fn repeat(&mut self, place: &mut Value) {
        let times = self.rng.usize(..MAX_REPEATS);
        match place {
            Value::Array(items) => {
                let Some(item) = items.first().cloned() else { return };
                items.extend(std::iter::repeat_n(item, times));
            }
            Value::Object(object) if self.rng.bool() => {
                let Some((key, value)) = object.iter().next().map(|(k, v)| (k.clone(), v.clone())) else {
                    return;
                };
                object.extend((0..times).map(|n| (format!("{key}{n}"), value.clone())));
            }
            Value::String(text) => *text = text.repeat(times),
            _ => {
                let (word, listed) = (self.word(), self.rng.bool());
                for _ in 0..times {
                    let inner = place.take();
                    *place = if listed { json!({&word: [inner]}) } else { json!({&word: inner}) };
                }
            }
        }
    }

    fn wrapped(&mut self, value: Value, donor: Value) -> Value {
        let word = self.word();
        match self.rng.u32(..4) {
            0 => json!([value]),
            1 => json!({word: value}),
            2 => json!({word: [value]}),
            _ => json!({word: [value, donor]}),
        }
    }

    /// One of a part's own parts.
    fn unwrapped(&mut self, value: Value) -> Value {
        let parts: Vec<Value> = match value {
            Value::Array(items) => items,
            Value::Object(object) => object.into_iter().map(|(_, value)| value).collect(),
            leaf => vec![leaf],
        };
        let wanted = self.rng.usize(..parts.len().max(1));
        parts.into_iter().nth(wanted).unwrap_or_default()
    }

    fn part(&mut self, tree: &mut Value) -> Value {
        let mut wanted = self.rng.usize(..count(tree));
        nth(tree, &mut wanted).cloned().unwrap_or_default()
    }

    fn word(&mut self) -> String {
        match self.rng.usize(..=self.words.len()) {
            n if n < self.words.len() => self.words[n].to_owned(),
            _ => self.odd_text(),
        }
    }

    fn odd_text(&mut self) -> String {
        const ODD: [&str; 20] = [
            "",
            "0",
            "a b",
            "A",
            "-",
            "_",
            "/",
            "~1",
            "*/",
            "`${",
            "\"\\",
            "\u{0}",
            "\u{2028}",
            "\u{e9}",
            "\u{1f469}\u{200d}\u{1f680}",
            "\u{202e}",
            "__proto__",
            "constructor",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "#/",
        ];
        ODD[self.rng.usize(..ODD.len())].to_owned()
    }

    fn leaf(&mut self) -> Value {
        match self.rng.u32(..10) {
            0 => Value::Null,
            1 => json!(self.rng.bool()),
            2 => json!(self.rng.i8(..)),
            3 => json!([u64::MAX, 1 << 53, 100_000, 0][self.rng.usize(..4)]),
            4 => json!([1e308, -0.0, 1e-308, 0.1][self.rng.usize(..4)]),
            5 => json!({}),
            6 => json!([]),
            7 => json!(self.odd_text()),
            _ => json!(self.word()),
        }
    }

    /// A reference to some part of the tree.
    fn pointer(&mut self, tree: &Value) -> String {
        let (mut place, mut pointer) = (tree, "#".to_owned());
        while self.rng.u32(..5) > 0 {
            let next = match place {
                Value::Object(object) if !object.is_empty() => {
                    object.iter().nth(self.rng.usize(..object.len()))
                }
                _ => None,
            };
            let Some((key, value)) = next else { break };
            pointer.push('/');
            pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
            place = value;
        }
        pointer
    }
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(object) => object.values().map(count).sum(),
        _ => 0_usize,
    }
}

/// The part of this number, counting from the outside in.
fn nth<'v>(value: &'v mut Value, left: &mut usize) -> Option<&'v mut Value> {
    if *left == 0 {
        return Some(value);
    }
    *left -= 1;
    match value {
        Value::Array(items) => items.iter_mut().find_map(|item| nth(item, left)),
        Value::Object(object) => Map::values_mut(object).find_map(|item| nth(item, left)),
        _ => None,
    }
}
