//! The outermost object of a message.

use std::fmt;

use serde::de::{Deserializer as _, Error, MapAccess, Visitor};
use serde_json::Value;
use serde_json::de::{Deserializer, StrRead};

use super::keys::{Key, Keys, exact, shortened};
use super::value::{Checked, Shape};
use super::{Envelope, Kind, MAX_ID, MAX_ID_BYTES, MAX_METHOD_BYTES, Refusal};

const KEYS: &[&str] = &["jsonrpc", "id", "method", "params", "result", "error"];

/// What may stand in `params`, of all methods.
const PARAMS: &[&str] = &[
    "_meta",
    "argument",
    "arguments",
    "capabilities",
    "clientInfo",
    "context",
    "cursor",
    "inputResponses",
    "level",
    "name",
    "notifications",
    "progress",
    "progressToken",
    "protocolVersion",
    "reason",
    "ref",
    "requestId",
    "requestState",
    "taskId",
    "uri",
];

/// What was seen of it.
#[derive(Debug, Default)]
pub(super) struct Top {
    version: bool,
    /// Whether there is the key of a request, or one of an answer, whatever is under it.
    asks: bool,
    answers: bool,
    method: bool,
    result: bool,
    error: bool,
    /// `null` where that is what was sent.
    id: Option<Value>,
    id_twice: bool,
}

impl Top {
    pub(super) fn read<'de>(&mut self, reader: &mut Deserializer<StrRead<'de>>) -> serde_json::Result<()> {
        reader.deserialize_map(self)
    }

    fn id(self) -> Value {
        if self.id_twice { Value::Null } else { self.id.unwrap_or_default() }
    }

    /// Why it is refused, with whom to tell.
    pub(super) fn refusal(self, message: String) -> Refusal {
        let (asks, answers) = (self.asks, self.answers);
        let (id, answers) = match self.id() {
            id if answers && !asks => (Value::Null, Some(Box::new(id))),
            id if asks && !answers => (id, None),
            // Nobody knows whose the id is.
            _ => (Value::Null, None),
        };
        Refusal { id, answers, ..Refusal::invalid(message) }
    }

    pub(super) fn envelope(self) -> Result<Envelope, Refusal> {
        let Self { version, method, result, error, .. } = self;
        let wrong = match (method, result, error) {
            _ if !version => Some("`jsonrpc` has to be \"2.0\""),
            (false, false, false) => Some("`method` is missing"),
            (true, false, false) | (false, true, false) | (false, false, true) => None,
            _ => Some("it has to have one of `method`, `result` and `error`"),
        };
        let wrong = wrong.or(match &self.id {
            // Of a message whose id could not be read.
            Some(Value::Null) if !error => Some("`id` has to be a string or an integer"),
            None if result => Some("a result has to have the `id` it answers"),
            _ => None,
        });
        let kind = match (method, self.id.is_some()) {
            (true, true) => Kind::Request,
            (true, false) => Kind::Notification,
            (false, _) => Kind::Response,
        };
        match wrong {
            Some(wrong) => Err(self.refusal(format!("not a message: {wrong}"))),
            None => Ok(Envelope { kind, id: self.id() }),
        }
    }

    fn member<E: Error>(&mut self, key: &str, shape: Shape<'_>) -> Result<(), E> {
        match (key, shape) {
            ("jsonrpc", Shape::Text(version)) if version == "2.0" => self.version = true,
            ("jsonrpc", _) => return Err(E::custom("`jsonrpc` has to be \"2.0\"")),
            ("id", Shape::Integer(id)) if (-MAX_ID..=MAX_ID).contains(&id) => self.id = Some(id.into()),
            ("id", Shape::Text(id)) if id.len() <= MAX_ID_BYTES => self.id = Some(id.into()),
            // Allowed in one place; what else is in the message is not known yet.
            ("id", Shape::Null) => self.id = Some(Value::Null),
            ("id", Shape::Integer(_) | Shape::Number) => {
                return Err(E::custom("`id` has to be an integer that is exact as a double, or a string"));
            }
            ("id", Shape::Text(_)) => {
                return Err(E::custom(format_args!("`id` is longer than {MAX_ID_BYTES} bytes")));
            }
            ("id", _) => return Err(E::custom("`id` has to be a string or an integer")),
            ("method", Shape::Text(method)) if method.len() <= MAX_METHOD_BYTES => self.method = true,
            ("method", Shape::Text(method)) => {
                return Err(E::custom(format_args!("there is no method {:?}…", shortened(&method))));
            }
            ("method", _) => return Err(E::custom("`method` has to be a string")),
            ("params", Shape::Object) => {}
            ("params", _) => return Err(E::custom("`params` has to be an object")),
            ("result", Shape::Object) => self.result = true,
            ("result", _) => return Err(E::custom("`result` has to be an object")),
            ("error", Shape::Object) => self.error = true,
            ("error", _) => return Err(E::custom("`error` has to be an object")),
            _ => {}
        }
        Ok(())
    }
}

impl<'de> Visitor<'de> for &mut Top {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let mut keys = Keys::default();
        while let Some(key) = object.next_key::<Key<'de>>()? {
            let name = key.0.clone();
            exact(&name, KEYS)?;
            self.asks |= name == "method";
            self.answers |= name == "result" || name == "error";
            keys.add::<A::Error>(key).inspect_err(|_| self.id_twice |= name == "id")?;
            let known = if name == "params" { PARAMS } else { &[] };
            let shape = object.next_value_seed(Checked { depth: 1, known })?;
            self.member(&name, shape)?;
        }
        Ok(())
    }
}
