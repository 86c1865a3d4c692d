//! A part of a kept result, so that a program need not be given all of it.

use serde::Deserialize;
use serde_json::Value;

/// Which part: what `path`, a JSON Pointer (RFC 6901), leads to; of a list `count` elements, of a text as many characters,
/// beginning with the one at `from`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Part {
    path: String,
    from: Option<usize>,
    count: Option<usize>,
}

impl Part {
    /// The part of the value in `json`, as JSON.
    ///
    /// # Errors
    ///
    /// What is wrong with the options, for the program.
    pub(crate) fn of(&self, json: &str) -> Result<String, String> {
        let mut value: Value = serde_json::from_str(json).map_err(|_| "the result is not JSON".to_owned())?;
        let place = value.pointer_mut(&self.path).map(Value::take).ok_or_else(|| {
            let path: String = self.path.chars().take(100).collect();
            format!("{path:?} leads nowhere in the result; a path is a JSON Pointer such as \"/items/0\"")
        })?;
        if self.from.is_none() && self.count.is_none() {
            return Ok(place.to_string());
        }
        let (from, count) = (self.from.unwrap_or(0), self.count.unwrap_or(usize::MAX));
        match place {
            Value::Array(elements) => {
                Ok(Value::Array(elements.into_iter().skip(from).take(count).collect()).to_string())
            }
            Value::String(text) => {
                // In the units that a program counts; half of a pair is no text, and becomes U+FFFD.
                let units: Vec<u16> = text.encode_utf16().skip(from).take(count).collect();
                Ok(Value::String(String::from_utf16_lossy(&units)).to_string())
            }
            _ => {
                Err("`from` and `count` are of a list or a text, and what `path` leads to is neither"
                    .to_owned())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn parts_are_cut_out() {
        let json = json!({ "items": [1, 2, 3, 4], "a/b": "héllo 😀" }).to_string();
        let part = |options: Value| Part::deserialize(options).map_err(|e| e.to_string())?.of(&json);
        assert_eq!(part(json!({ "path": "/items", "from": 1, "count": 2 })).unwrap(), "[2,3]");
        assert_eq!(part(json!({ "path": "/items/3" })).unwrap(), "4");
        assert_eq!(part(json!({ "path": "/items", "from": 9 })).unwrap(), "[]");
        assert_eq!(part(json!({ "path": "/a~1b", "from": 1, "count": 4 })).unwrap(), "\"éllo\"");
        assert_eq!(part(json!({})).unwrap(), json);
        assert!(part(json!({ "path": "/nothing" })).unwrap_err().contains("leads nowhere"));
        assert!(part(json!({ "count": 1 })).unwrap_err().contains("neither"));
        assert!(part(json!({ "from": -1 })).is_err() && part(json!({ "size": 1 })).is_err());
    }
}
