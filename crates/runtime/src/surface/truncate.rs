//! Cuts a value to a budget of tokens so that it still shows what the whole is like.
//!
//! The budget goes down the value: what is small stays whole, and the largest values share what is left. An object
//! keeps its keys and an array its first elements as long as an outline of each fits. What comes out is JSON of the
//! same shape, the same for the same value; every place that was cut says so where it stands, and is listed.

use serde_json::{Map, Value};

use super::measure::{
    CONTAINER, ELLIPSIS, Measured, STRING, chars_left_out, elements_left_out, key_cost, keys_left_out,
    left_out_chars, left_out_elements, left_out_keys, measure,
};
use super::tokens::{TOKEN, cost, prefix};
use super::{Cut, CutKind, Truncation};

/// The most cuts that are listed. They are listed by what they lost, and sixteen tell what the result is full of.
const MAX_CUTS: usize = 16;

/// The longest path that is listed, in bytes: deeper than anybody reads. A cut with a longer one is only counted.
const MAX_PATH_BYTES: usize = 200;

/// The part of the budget that the list of cuts may use, one in this many, and what it may use however small the budget
/// is: a cut costs some 25 tokens.
const LIST_PART: u64 = 16;
const LIST_FLOOR: u64 = 40 * TOKEN;

/// What a [`Truncation`] costs without its list of cuts, the call that gives the whole included (a run's id is 32
/// hexadecimal digits).
const TRUNCATION: u64 = 60 * TOKEN;

/// The least budget that shows anything; a smaller one is taken for this one.
pub(crate) const MIN_TOKENS: u64 = 160;

/// Keys of which each is kept although there is no room for an outline of every value. An object with more is a map,
/// of which some entries tell more than all keys.
const MAX_STUBS: usize = 64;

/// What a value must have to tell anything when it is cut: about two lines. Where not every value of an object can have
/// as much, the first ones get an outline and the last ones nothing.
const TELLING: u64 = 40 * TOKEN;

/// The value cut to `tokens` together with what is said of that; `None` where it fits as it is. Time and memory are
/// linear in the size of the value.
pub(crate) fn truncate(value: &Value, tokens: u64) -> Option<(Value, Truncation)> {
    let measured = measure(value);
    let budget = tokens.max(MIN_TOKENS).saturating_mul(TOKEN);
    if measured.whole <= budget {
        return None;
    }
    let list = (budget / LIST_PART).max(LIST_FLOOR);
    let mut cutter = Cutter { path: "$".into(), losses: Vec::new() };
    let shown = cutter.value(value, &measured, budget - list - TRUNCATION);
    let total = cutter.losses.len();
    let cuts = listed(cutter.losses, list);
    let unlisted = total - cuts.len();
    Some((shown, Truncation { tokens: measured.whole / TOKEN, cuts, unlisted, whole: None }))
}

/// The cuts that lost most, as many as `budget` has room for.
fn listed(mut losses: Vec<Loss>, budget: u64) -> Vec<Cut> {
    losses.sort_by_key(|loss| std::cmp::Reverse(loss.cost));
    let mut left = budget;
    let cuts = losses.into_iter().filter_map(|loss| loss.cut).take(MAX_CUTS);
    cuts.take_while(|cut| {
        let json = serde_json::to_string(cut).unwrap_or_default();
        let cost = cost(&json) + TOKEN;
        let fits = cost <= left;
        left = left.saturating_sub(cost);
        fits
    })
    .collect()
}

struct Cutter {
    /// Of the value that is being cut.
    path: String,
    losses: Vec<Loss>,
}

/// A cut and the cost of what it left out.
struct Loss {
    /// `None` where its path is too long to be told.
    cut: Option<Cut>,
    cost: u64,
}

/// A child that is kept, and the least it is cut to.
struct Kept<'a> {
    index: usize,
    measured: &'a Measured,
    floor: u64,
}

impl Cutter {
    /// The value at no more than `budget`, which is at least that of its stub.
    fn value(&mut self, value: &Value, measured: &Measured, budget: u64) -> Value {
        match value {
            _ if measured.whole <= budget => value.clone(),
            Value::String(text) => self.string(text, measured, budget),
            Value::Array(elements) => self.array(elements, measured, budget),
            Value::Object(entries) => self.object(entries, measured, budget),
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        }
    }

    fn string(&mut self, text: &str, measured: &Measured, budget: u64) -> Value {
        let kept = prefix(text, budget.saturating_sub(STRING + left_out_chars(text)));
        let (kept_units, total) = (kept.encode_utf16().count(), text.encode_utf16().count());
        self.lost(CutKind::String, kept_units, total, measured, budget);
        Value::String(format!("{kept}{}", chars_left_out(total - kept_units)))
    }

    fn array(&mut self, elements: &[Value], measured: &Measured, budget: u64) -> Value {
        let (kept, room) = kept_elements(elements, measured, budget);
        if kept.len() < elements.len() {
            self.lost(CutKind::Array, kept.len(), elements.len(), measured, budget);
        }
        let level = level(&kept, room);
        let mut shown: Vec<Value> = Vec::with_capacity(kept.len() + 1);
        for (child, element) in kept.iter().zip(elements) {
            shown.push(self.at(&format!("[{}]", child.index), element, child, level));
        }
        if shown.len() < elements.len() {
            shown.push(Value::String(elements_left_out(elements.len() - shown.len())));
        }
        Value::Array(shown)
    }

    fn object(&mut self, entries: &Map<String, Value>, measured: &Measured, budget: u64) -> Value {
        let (kept, room) = kept_entries(entries, measured, budget);
        let left_out = entries.len() - kept.len();
        if left_out > 0 {
            self.lost(CutKind::Object, kept.len(), entries.len(), measured, budget);
        }
        let level = level(&kept, room);
        let mut shown = Map::new();
        let mut kept = kept.iter().peekable();
        for (index, (key, value)) in entries.iter().enumerate() {
            if let Some(child) = kept.next_if(|child| child.index == index) {
                shown.insert(key.clone(), self.at(&step(key), value, child, level));
            }
        }
        if left_out > 0 && !shown.contains_key(ELLIPSIS) {
            shown.insert(ELLIPSIS.into(), Value::String(keys_left_out(left_out)));
        }
        Value::Object(shown)
    }

    /// The child one step further down the path.
    fn at(&mut self, step: &str, value: &Value, child: &Kept<'_>, level: u64) -> Value {
        let length = self.path.len();
        self.path.push_str(step);
        let shown = self.value(value, child.measured, child.share(level));
        self.path.truncate(length);
        shown
    }

    fn lost(&mut self, kind: CutKind, kept: usize, total: usize, measured: &Measured, budget: u64) {
        let short = self.path.len() <= MAX_PATH_BYTES;
        let cut = short.then(|| Cut { path: self.path.clone(), kind, kept, total });
        self.losses.push(Loss { cut, cost: measured.whole.saturating_sub(budget) });
    }
}

impl Kept<'_> {
    /// What it gets where nobody gets more than `level` but for its floor.
    fn share(&self, level: u64) -> u64 {
        self.measured.whole.min(self.floor.max(level))
    }
}

/// The highest level at which the shares of all are within `room`.
fn level(kept: &[Kept<'_>], room: u64) -> u64 {
    let (mut low, mut high) = (0, room);
    while low < high {
        let middle = low + (high - low).div_ceil(2);
        let shares = kept.iter().map(|child| child.share(middle)).fold(0, u64::saturating_add);
        if shares <= room { low = middle } else { high = middle - 1 }
    }
    low
}

/// The first elements, as many as an outline of each fits, and the room they have together.
fn kept_elements<'a>(elements: &[Value], measured: &'a Measured, budget: u64) -> (Vec<Kept<'a>>, u64) {
    let mut children = measured.children.iter().enumerate();
    let outlines: u64 = measured.children.iter().map(|child| child.outline).sum();
    let room = budget.saturating_sub(CONTAINER);
    if measured.children.len() == elements.len() && outlines <= room {
        return (children.map(|(index, child)| Kept::outline(index, child)).collect(), room);
    }
    let room = room.saturating_sub(left_out_elements(elements.len()));
    let mut left = room;
    let fitting = children.by_ref().map_while(|(index, child)| {
        left = left.checked_sub(child.outline)?;
        Some(Kept::outline(index, child))
    });
    let mut kept: Vec<_> = fitting.collect();
    if kept.is_empty() {
        let first = measured.children.first().filter(|first| first.stub <= room);
        kept.extend(first.map(|first| Kept::stub(0, first)));
    }
    (kept, room)
}

/// The entries to keep and the room that their values have together: all, each with its outline; or all, without some
/// of the outlines; or, of a map, as many as an outline of each fits.
fn kept_entries<'a>(
    entries: &Map<String, Value>,
    measured: &'a Measured,
    budget: u64,
) -> (Vec<Kept<'a>>, u64) {
    let children = || measured.children.iter().enumerate();
    let keys: u64 = entries.keys().map(|key| key_cost(key)).sum();
    let outlines: u64 = measured.children.iter().map(|child| child.outline).sum();
    let stubs: u64 = measured.children.iter().map(|child| child.stub).sum();
    let complete = measured.children.len() == entries.len();
    if complete && CONTAINER + keys + outlines <= budget {
        let kept = children().map(|(index, child)| Kept::outline(index, child)).collect();
        return (kept, budget - CONTAINER - keys);
    }
    if complete && entries.len() <= MAX_STUBS && CONTAINER + keys + stubs <= budget {
        let room = budget - CONTAINER - keys;
        let equal: Vec<_> = children().map(|(index, child)| Kept::stub(index, child)).collect();
        if level(&equal, room) >= TELLING {
            return (equal, room);
        }
        let mut left = room - stubs;
        let raised = children().map(|(index, child)| match left.checked_sub(child.outline - child.stub) {
            Some(rest) => {
                left = rest;
                Kept::outline(index, child)
            }
            None => Kept::stub(index, child),
        });
        return (raised.collect(), room);
    }
    let mut left = budget.saturating_sub(CONTAINER + left_out_keys(entries.len()));
    let mut values = 0;
    let mut take = |key: &str, cost: u64| {
        left = left.checked_sub(key_cost(key) + cost)?;
        values += cost;
        Some(())
    };
    let with_keys = || entries.keys().zip(children());
    let outlined = with_keys()
        .filter_map(|(key, (index, child))| take(key, child.outline).map(|()| Kept::outline(index, child)));
    let mut kept: Vec<_> = outlined.collect();
    if kept.is_empty() {
        let stubbed = with_keys()
            .find_map(|(key, (index, child))| take(key, child.stub).map(|()| Kept::stub(index, child)));
        kept.extend(stubbed);
    }
    (kept, values + left)
}

impl<'a> Kept<'a> {
    fn outline(index: usize, measured: &'a Measured) -> Self {
        Self { index, measured, floor: measured.outline }
    }

    fn stub(index: usize, measured: &'a Measured) -> Self {
        Self { index, measured, floor: measured.stub }
    }
}

/// A key as a step of a JSONPath.
fn step(key: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if !key.is_empty() && key.chars().all(plain) && !key.starts_with(|c: char| c.is_ascii_digit()) {
        format!(".{key}")
    } else {
        format!("[{}]", Value::String(key.into()))
    }
}
