//! The beginning of a value that is still a value.

use serde_json::{Map, Value};

/// `value` cut to about `bytes` of JSON: strings end early, arrays and objects leave out their last entries, and each
/// says so where it was cut. It recurses as deep as the value goes, which decoding has bounded.
pub(super) fn cut(value: Value, bytes: usize) -> Value {
    let mut left = bytes;
    entry(value, &mut left)
}

fn entry(value: Value, left: &mut usize) -> Value {
    match value {
        Value::String(text) => Value::String(string(text, left)),
        Value::Array(items) => Value::Array(array(items, left)),
        Value::Object(object) => Value::Object(self::object(object, left)),
        scalar => {
            *left = left.saturating_sub(scalar.to_string().len());
            scalar
        }
    }
}

fn string(mut text: String, left: &mut usize) -> String {
    let length = text.len();
    if length > *left {
        let end = (0..=*left).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
        text.truncate(end);
        text.push('…');
    }
    *left = left.saturating_sub(length.saturating_add(2));
    text
}

fn array(items: Vec<Value>, left: &mut usize) -> Vec<Value> {
    let count = items.len();
    let mut kept = Vec::new();
    for item in items {
        if *left == 0 {
            kept.push(Value::String(format!("… {} more", count - kept.len())));
            break;
        }
        *left = left.saturating_sub(2);
        kept.push(entry(item, left));
    }
    kept
}

fn object(object: Map<String, Value>, left: &mut usize) -> Map<String, Value> {
    let count = object.len();
    let mut kept = Map::new();
    for (key, value) in object {
        if *left <= key.len() {
            *left = 0;
            kept.insert("…".to_owned(), Value::String(format!("{} more", count - kept.len())));
            break;
        }
        *left = left.saturating_sub(key.len().saturating_add(4));
        let value = entry(value, left);
        kept.insert(key, value);
    }
    kept
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::cut;

    #[test]
    fn what_is_small_stays() {
        let value = json!({"a": [1, "b", null], "c": {"d": true}});
        assert_eq!(cut(value.clone(), 100), value);
    }

    #[test]
    fn what_is_large_says_that_it_was_cut() {
        assert_eq!(cut(json!("äöü"), 3), json!("ä…"));
        assert_eq!(cut(json!([11, 22, 33]), 6), json!([11, 22, "… 1 more"]));
        assert_eq!(cut(json!({"a": 1, "b": 2, "c": 3}), 10), json!({"a": 1, "b": 2, "…": "1 more"}));
        assert_eq!(cut(json!({"a": "x".repeat(99), "b": 2}), 10), json!({"a": "xxxxx…", "…": "1 more"}));
    }

    #[test]
    fn the_size_is_about_what_was_asked_for() {
        for value in [
            json!(vec![json!({"name": "x".repeat(30), "list": [1, 2, 3]}); 10_000]),
            json!("x".repeat(1_000_000)),
            json!({"errors": vec![vec![vec!["deep"; 100]; 100]; 100]}),
            json!({"k".repeat(100_000): 1}),
        ] {
            let size = cut(value, 4096).to_string().len();
            assert!(size < 4096 + 512, "{size}");
        }
    }
}
