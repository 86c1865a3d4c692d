//! JSON that is parsed once it is needed.

use std::borrow::Cow;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use serde_json::Value;

/// A JSON document, as text until its value is asked for and as a value from then on. A text takes a tenth of the memory
/// of its value.
pub(crate) struct Lazy {
    /// Gone once the value is kept.
    text: Mutex<Option<Box<str>>>,
    /// In a box, for most never have one.
    value: OnceLock<Box<Value>>,
}

impl Lazy {
    /// The document in `text`, which is known to be JSON; a text that is not is `null`.
    pub(crate) fn from_json(text: impl Into<Box<str>>) -> Self {
        Self { text: Mutex::new(Some(text.into())), value: OnceLock::new() }
    }

    /// The value, which is kept.
    pub(crate) fn get(&self) -> &Value {
        self.value.get_or_init(|| {
            let text = self.text().take();
            Box::new(text.map(|text| parsed(&text)).unwrap_or_default())
        })
    }

    /// The value; where it was not kept before, it is not now.
    pub(crate) fn read(&self) -> Cow<'_, Value> {
        if self.value.get().is_none()
            && let Some(text) = &*self.text()
        {
            return Cow::Owned(parsed(text));
        }
        Cow::Borrowed(self.get())
    }

    /// The text, written anew where there is none.
    pub(crate) fn to_json(&self) -> Box<str> {
        let text = self.text().clone();
        text.unwrap_or_else(|| self.get().to_string().into())
    }

    fn text(&self) -> MutexGuard<'_, Option<Box<str>>> {
        self.text.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl From<Value> for Lazy {
    fn from(value: Value) -> Self {
        Self { text: Mutex::new(None), value: OnceLock::from(Box::new(value)) }
    }
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn text_stays_until_its_value_is_kept() {
        let lazy = Lazy::from_json(r#"{"b": 1, "a": [2]}"#);
        assert_eq!(lazy.read(), Cow::<Value>::Owned(json!({"b": 1, "a": [2]})));
        assert!(matches!(lazy.read(), Cow::Owned(_)), "reading keeps nothing");
        assert_eq!(&*lazy.to_json(), r#"{"b": 1, "a": [2]}"#);
        let kept = lazy.get();
        assert!(matches!(lazy.read(), Cow::Borrowed(read) if std::ptr::eq(read, kept)));
        assert!(lazy.text().is_none());
        assert_eq!(&*lazy.to_json(), r#"{"b":1,"a":[2]}"#);
    }

    #[test]
    fn what_is_no_json_is_null() {
        for text in ["", "{", "1 2", &"[".repeat(100_000)] {
            assert_eq!(*Lazy::from_json(text).read(), Value::Null);
            assert_eq!(*Lazy::from_json(text).get(), Value::Null);
        }
    }

    #[test]
    fn many_may_ask_at_once() {
        let lazy = Lazy::from_json("[1, 2, 3]");
        std::thread::scope(|scope| {
            for number in 0..8 {
                let lazy = &lazy;
                scope.spawn(move || {
                    let read = if number % 2 == 0 { lazy.read() } else { Cow::Borrowed(lazy.get()) };
                    assert_eq!(*read, json!([1, 2, 3]));
                });
            }
        });
    }
}
