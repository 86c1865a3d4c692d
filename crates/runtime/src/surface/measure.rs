//! What a JSON value would cost a model: whole, cut to its outline, and cut to a stub.

use serde_json::Value;

use super::tokens::{TOKEN, cost, cost_escaped};

/// Levels of a value that are looked into; what is deeper is left out. A run's result cannot be set to have more, and with
/// what an answer is wrapped in it stays below the 127 levels that parsers of JSON take.
const MAX_DEPTH: usize = 120;

/// What a string keeps in the outline of a value: about two lines.
const OUTLINED_STRING: u64 = 40 * TOKEN;

/// How many elements an array keeps in the outline of a value: enough to see what it is a list of.
const OUTLINED_ELEMENTS: usize = 3;

/// What a value costs with what separates it from its neighbours. `stub <= outline <= whole`.
#[derive(Debug, Default)]
pub(super) struct Measured {
    pub(super) whole: u64,
    /// With long strings and long arrays cut short, and all keys.
    pub(super) outline: u64,
    /// The least it can be cut to: for a list or an object, nothing but how much is left out.
    pub(super) stub: u64,
    /// The elements, or the values in the order of their keys.
    pub(super) children: Vec<Measured>,
}

/// Measures a value. Time and memory are linear in its size.
pub(super) fn measure(value: &Value) -> Measured {
    measure_at(value, 0)
}

fn measure_at(value: &Value, depth: usize) -> Measured {
    match value {
        Value::Null | Value::Bool(_) => Measured::fixed(2 * TOKEN),
        Value::Number(number) => Measured::fixed(cost(&number.to_string()) + TOKEN),
        Value::String(text) => {
            let whole = cost_escaped(text) + STRING;
            let stub = whole.min(STRING + left_out_chars(text));
            Measured { whole, outline: whole.min(OUTLINED_STRING).max(stub), stub, children: Vec::new() }
        }
        Value::Array(elements) if depth < MAX_DEPTH => {
            let children: Vec<_> = elements.iter().map(|element| measure_at(element, depth + 1)).collect();
            let whole = children.iter().map(|child| child.whole).fold(CONTAINER, u64::saturating_add);
            let stub = whole.min(CONTAINER + left_out_elements(elements.len()));
            let outlined: u64 = children.iter().take(OUTLINED_ELEMENTS).map(|child| child.outline).sum();
            let outline = whole.min(CONTAINER + outlined + left_out_elements(elements.len()));
            Measured { whole, outline: outline.max(stub), stub, children }
        }
        Value::Object(entries) if depth < MAX_DEPTH => {
            let children: Vec<_> = entries.values().map(|value| measure_at(value, depth + 1)).collect();
            let keys: u64 = entries.keys().map(|key| key_cost(key)).sum();
            let whole = children.iter().map(|child| child.whole).fold(CONTAINER + keys, u64::saturating_add);
            let stub = whole.min(CONTAINER + left_out_keys(entries.len()));
            let outline = CONTAINER + keys + children.iter().map(|child| child.outline).sum::<u64>();
            Measured { whole, outline: whole.min(outline).max(stub), stub, children }
        }
        Value::Array(elements) => Measured::too_deep(elements.len(), left_out_elements(elements.len())),
        Value::Object(entries) => Measured::too_deep(entries.len(), left_out_keys(entries.len())),
    }
}

impl Measured {
    fn fixed(cost: u64) -> Self {
        Self { whole: cost, outline: cost, stub: cost, children: Vec::new() }
    }

    /// A container that is not looked into. Nothing that holds it is ever cheap enough to be given whole.
    fn too_deep(length: usize, left_out: u64) -> Self {
        if length == 0 {
            return Self::fixed(CONTAINER);
        }
        let stub = CONTAINER + left_out;
        Self { whole: u64::MAX, outline: stub, stub, children: Vec::new() }
    }
}

/// The quotes, and the comma or colon, of a string. Neighbouring marks are one token.
pub(super) const STRING: u64 = TOKEN;

/// The brackets and the comma of a list or an object.
pub(super) const CONTAINER: u64 = 2 * TOKEN;

/// A key with its quotes and colon.
pub(super) fn key_cost(key: &str) -> u64 {
    cost_escaped(key) + TOKEN
}

/// What stands in a list for the elements left out.
pub(super) fn elements_left_out(count: usize) -> String {
    format!("… {count} more")
}

/// What stands in an object for the values left out, under [`ELLIPSIS`].
pub(super) fn keys_left_out(count: usize) -> String {
    format!("{count} more keys")
}

/// What stands at the end of a string for the rest.
pub(super) fn chars_left_out(count: usize) -> String {
    format!("… {count} more characters")
}

/// The key in an object that says what is left out.
pub(super) const ELLIPSIS: &str = "…";

pub(super) fn left_out_elements(count: usize) -> u64 {
    cost_escaped(&elements_left_out(count)) + STRING
}

pub(super) fn left_out_keys(count: usize) -> u64 {
    key_cost(ELLIPSIS) + cost_escaped(&keys_left_out(count)) + STRING
}

pub(super) fn left_out_chars(text: &str) -> u64 {
    cost_escaped(&chars_left_out(text.len()))
}
