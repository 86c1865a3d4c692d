//! YAML to JSON, value by value: nothing is held but the text that comes out, so its length bounds what anchors and
//! aliases can do.

use std::fmt::Formatter;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_saphyr::options::{DuplicateKeyPolicy, NonFiniteFloatPolicy};

use super::ReadError;
use super::limits::{MAX_DOCUMENT_BYTES, MAX_YAML_DEPTH};

/// The stack for reading YAML of the greatest depth. In an unoptimised build 2 MiB
/// are too few for it and 4 are enough.
const STACK_BYTES: usize = 16 * 1024 * 1024;

/// The YAML document in `text` as JSON. Keys of any scalar become strings, of equal keys the first counts.
pub(super) fn json(text: &str) -> Result<String, ReadError> {
    // The library recurses; its caller's stack may be as small as a thread's usual.
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
        let done = thread.spawn_scoped(scope, || written(text)).map(std::thread::ScopedJoinHandle::join);
        let broken = || Err(ReadError::Yaml("the reader broke off".to_owned()));
        done.map_or_else(|_| broken(), |done| done.unwrap_or_else(|_| broken()))
    })
}

fn written(text: &str) -> Result<String, ReadError> {
    let mut out = Out { json: String::with_capacity(text.len()), full: false };
    let written = serde_saphyr::with_deserializer_from_str_with_options(text, options(), |yaml| {
        Node(&mut out).deserialize(yaml)
    });
    match written {
        Ok(()) => Ok(out.json),
        Err(_) if out.full => Err(ReadError::TooLong),
        Err(error) => Err(ReadError::Yaml(first_line(&error.to_string()))),
    }
}

/// The library's own bounds are those of a configuration file; the text's length bounds all that it counts.
fn options() -> serde_saphyr::Options {
    let alias_limits = serde_saphyr::alias_limits! {
        max_total_replayed_events: MAX_DOCUMENT_BYTES / 16,
        max_replay_stack_depth: 64,
    };
    let budget = serde_saphyr::budget! {
        max_events: MAX_DOCUMENT_BYTES,
        max_nodes: MAX_DOCUMENT_BYTES,
        max_depth: MAX_YAML_DEPTH,
        flow_nesting_limit: MAX_YAML_DEPTH,
        max_total_scalar_bytes: MAX_DOCUMENT_BYTES,
        max_documents: 1,
        enforce_alias_anchor_ratio: false,
    };
    serde_saphyr::options! {
        budget: budget,
        alias_limits: alias_limits,
        // YAML 1.2: `no` is a word, as in a list of countries.
        strict_booleans: true,
        duplicate_keys: DuplicateKeyPolicy::FirstWins,
        non_finite_float_policy: NonFiniteFloatPolicy::AsString,
        ignore_binary_tag_for_string: true,
        with_snippet: false,
    }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().chars().take(200).collect()
}

struct Out {
    json: String,
    full: bool,
}

impl Out {
    fn push<E: Error>(&mut self, text: &str) -> Result<(), E> {
        if self.json.len() + text.len() > MAX_DOCUMENT_BYTES {
            self.full = true;
            return Err(E::custom("too long"));
        }
        self.json.push_str(text);
        Ok(())
    }

    fn push_value<E: Error>(&mut self, value: &(impl serde::Serialize + ?Sized)) -> Result<(), E> {
        self.push(&serde_json::to_string(value).map_err(E::custom)?)
    }
}

/// Writes the next value.
struct Node<'o>(&'o mut Out);

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = ();

    fn expecting(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str("a value that JSON has")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.0.push_value(&value)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.0.push_value(&value)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.0.push_value(&value)
    }

    fn visit_i128<E: Error>(self, value: i128) -> Result<(), E> {
        self.0.push_value(&value)
    }

    fn visit_u128<E: Error>(self, value: u128) -> Result<(), E> {
        self.0.push_value(&value)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.0.push_value(&value)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        self.0.push_value(value)
    }

    fn visit_bytes<E: Error>(self, value: &[u8]) -> Result<(), E> {
        self.0.push_value(&String::from_utf8_lossy(value))
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.0.push("null")
    }

    fn visit_none<E: Error>(self) -> Result<(), E> {
        self.0.push("null")
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let mut before = "[";
        loop {
            let start = self.0.json.len();
            self.0.push(before)?;
            if items.next_element_seed(Node(self.0))?.is_none() {
                self.0.json.truncate(start);
                break;
            }
            before = ",";
        }
        self.0.push(if before == "[" { "[]" } else { "]" })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        let mut before = "{";
        while let Some(key) = entries.next_key_seed(Key)? {
            self.0.push(before)?;
            self.0.push_value(&key)?;
            self.0.push(":")?;
            entries.next_value_seed(Node(self.0))?;
            before = ",";
        }
        self.0.push(if before == "{" { "{}" } else { "}" })
    }
}

/// A key as text: `200:` is a number to YAML.
struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key {
    type Value = String;

    fn expecting(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, value: &str) -> Result<String, E> {
        Ok(value.to_owned())
    }

    fn visit_string<E>(self, value: String) -> Result<String, E> {
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn value(yaml: &str) -> Value {
        serde_json::from_str(&json(yaml).unwrap()).unwrap()
    }

    #[test]
    fn scalars_are_those_of_yaml_1_2() {
        let yaml = "a: no\nb: yes\nc: true\nd: 2024-01-02\ne: 1.5\nf: ~\ng: 0123\nh: '200'\ni:\nj: 1e400\nk: 0x10\nl: .nan\nm: 99999999999999999999999\n";
        let found = value(yaml);
        assert_eq!(found["a"], "no");
        assert_eq!(found["b"], "yes");
        assert_eq!(found["c"], true);
        assert_eq!(found["d"], "2024-01-02");
        assert_eq!(found["e"], 1.5);
        assert_eq!(found["f"], Value::Null);
        assert_eq!(found["h"], "200");
        assert_eq!(found["i"], Value::Null);
        assert_eq!(found["k"], 16);
        assert_eq!(found["l"], ".nan");
    }

    #[test]
    fn keys_become_text() {
        let yaml = "200: a\n4XX: b\ntrue: c\nno: d\n1.5: e\nnull: f\n? [1, 2]\n: g\n";
        assert!(json(yaml).is_err(), "a list is no key");
        let yaml = "200: a\n4XX: b\ntrue: c\nno: d\n1.5: e\n\"x\\ty\": g\n";
        assert_eq!(
            value(yaml),
            json!({"200": "a", "4XX": "b", "true": "c", "no": "d", "1.5": "e", "x\ty": "g"})
        );
    }

    #[test]
    fn aliases_merges_and_repeated_keys() {
        let yaml = "base: &b {x: 1, y: [1, &z 2]}\nmore:\n  <<: *b\n  x: 3\nlist: [*b, *z]\na: 1\na: 2\nempty: []\nnone: {}\n";
        let base = json!({"x": 1, "y": [1, 2]});
        let found = value(yaml);
        assert_eq!(found["more"], json!({"x": 3, "y": [1, 2]}));
        assert_eq!(found["list"], json!([base, 2]));
        assert_eq!(found["a"], 1);
        assert_eq!((&found["empty"], &found["none"]), (&json!([]), &json!({})));
    }

    #[test]
    fn bombs_are_refused() {
        let mut bomb = "a0: &a0 [lol,lol,lol,lol,lol,lol,lol,lol,lol,lol]\n".to_owned();
        for level in 1..12 {
            let below = vec![format!("*a{}", level - 1); 10].join(",");
            bomb.push_str(&format!("a{level}: &a{level} [{below}]\n"));
        }
        assert!(json(&bomb).is_err());
        let long = format!("a: &a \"{}\"\nb: [{}]", "x".repeat(1_000_000), vec!["*a"; 100].join(","));
        assert!(matches!(json(&long), Err(ReadError::TooLong | ReadError::Yaml(_))));
        for deep in ["[".repeat(100_000), "{a: ".repeat(100_000), "- ".repeat(100_000)] {
            assert!(matches!(json(&deep), Err(ReadError::Yaml(_))));
        }
        let nested: String = (0..10_000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
        assert!(matches!(json(&nested), Err(ReadError::Yaml(_))));
        assert!(matches!(json("a: &a [*a]"), Err(ReadError::Yaml(_))));
        assert!(matches!(json("a: 1\n---\nb: 2\n"), Err(ReadError::Yaml(_))));
    }
}
