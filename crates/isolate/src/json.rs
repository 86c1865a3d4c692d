//! Values that cross the border: JSON, and where in it bytes are.

use std::fmt;

use serde::{Deserialize, Serialize};

/// JSON text, and where in it bytes stand: a `Uint8Array` in the program, base64 in the text. Text converts into it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Json {
    /// The text. From the guest it is untrusted, and perhaps not JSON at all.
    pub text: String,
    /// JSON Pointers (RFC 6901) to the strings of base64.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub binary: Vec<String>,
}

/// One step of a path as the guest writes it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Key {
    Index(u64),
    Name(String),
}

impl Json {
    /// What the guest sends: the text, and behind a NUL, which no JSON text holds, the paths. `None` for anything else.
    pub(crate) fn from_guest(mut payload: String) -> Option<Self> {
        let Some(end) = payload.find('\0') else { return Some(payload.into()) };
        let paths: Vec<Vec<Key>> = serde_json::from_str(payload.get(end + 1..)?).ok()?;
        payload.truncate(end);
        Some(Self { text: payload, binary: paths.iter().map(|path| pointer(path)).collect() })
    }

    /// The paths as the guest reads them: an array of arrays of keys. Empty where there are none.
    pub(crate) fn paths(&self) -> String {
        if self.binary.is_empty() {
            return String::new();
        }
        let paths: Vec<Vec<String>> = self.binary.iter().map(|pointer| keys(pointer)).collect();
        serde_json::to_string(&paths).unwrap_or_default()
    }

    /// The bytes of all of it.
    pub fn len(&self) -> usize {
        self.text.len() + self.binary.iter().map(String::len).sum::<usize>()
    }

    /// Whether there is nothing at all, which is no JSON.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }
}

fn pointer(path: &[Key]) -> String {
    let mut pointer = String::new();
    for key in path {
        pointer.push('/');
        match key {
            Key::Index(index) => pointer.push_str(&index.to_string()),
            Key::Name(name) => pointer.push_str(&name.replace('~', "~0").replace('/', "~1")),
        }
    }
    pointer
}

fn keys(pointer: &str) -> Vec<String> {
    pointer.split('/').skip(1).map(|key| key.replace("~1", "/").replace("~0", "~")).collect()
}

impl From<String> for Json {
    fn from(text: String) -> Self {
        Self { text, binary: Vec::new() }
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_pointers_say_the_same() {
        let payload = "{}\0[[\"a/b~1\",0],[],[\"\"],[\"~1\"]]";
        let json = Json::from_guest(payload.to_owned()).unwrap();
        assert_eq!(
            (json.text.as_str(), json.binary.clone()),
            ("{}", vec!["/a~1b~01/0".to_owned(), String::new(), "/".to_owned(), "/~01".to_owned(),])
        );
        assert_eq!(json.paths(), r#"[["a/b~1","0"],[],[""],["~1"]]"#);
    }

    #[test]
    fn what_is_no_list_of_paths_is_refused() {
        for paths in ["", "[", "{}", "[1]", "[[null]]", "[[-1]]", "[[1.5]]"] {
            assert_eq!(Json::from_guest(format!("{{}}\0{paths}")), None, "{paths}");
        }
        assert_eq!(Json::from_guest("{}".to_owned()).unwrap(), "{}".into());
    }
}
