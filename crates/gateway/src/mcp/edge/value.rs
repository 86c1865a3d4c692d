//! Any value inside a message: read through for what is wrong with it, and forgotten.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::MAX_DEPTH;
use super::keys::{Key, Keys, exact};

/// What a value is.
#[derive(Debug)]
pub(super) enum Shape<'de> {
    Null,
    Bool,
    Integer(i64),
    /// A number that is no integer, or too large for one.
    Number,
    Text(Cow<'de, str>),
    List,
    Object,
}

/// Reads a value at `depth`, which is that of what it stands in.
pub(super) struct Checked {
    pub(super) depth: usize,
    /// Keys that, in an object, have to be written as they are here.
    pub(super) known: &'static [&'static str],
}

impl Checked {
    fn inside<E: Error>(&self) -> Result<Self, E> {
        let depth = self.depth + 1;
        if depth > MAX_DEPTH {
            return Err(E::custom(format_args!("it is deeper than {MAX_DEPTH} levels")));
        }
        Ok(Self { depth, known: &[] })
    }
}

impl<'de> DeserializeSeed<'de> for Checked {
    type Value = Shape<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Checked {
    type Value = Shape<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Shape::Null)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Shape::Bool)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Shape::Integer(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        Ok(i64::try_from(number).map_or(Shape::Number, Shape::Integer))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Shape::Number)
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Shape::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Shape::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        while list.next_element_seed(self.inside()?)?.is_some() {}
        Ok(Shape::List)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        let mut keys = Keys::default();
        while let Some(key) = object.next_key::<Key<'de>>()? {
            exact(&key.0, self.known)?;
            keys.add(key)?;
            object.next_value_seed(self.inside()?)?;
        }
        Ok(Shape::Object)
    }
}
