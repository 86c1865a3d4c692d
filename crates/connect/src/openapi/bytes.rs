//! Bytes among a call's arguments.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::api::{Body, BodyForm};
use crate::{CallError, Error};

/// Where a tool's arguments are sent as the bytes they are. Everywhere else bytes stay base64, which is how JSON, a query
/// and a header hold them, and the text that was checked.
#[derive(Debug, Clone, Copy)]
pub(super) enum Takes<'a> {
    /// The `body` of a raw request.
    Raw,
    /// What an operation's body takes.
    Body(&'a Body),
    Nothing,
}

impl Takes<'_> {
    fn bytes_at(self, pointer: &str) -> bool {
        let mut path = pointer.split('/').skip(1).map(|name| name.replace("~1", "/").replace("~0", "~"));
        let Some(property) = path.next() else { return false };
        match (self, path.next()) {
            (Self::Raw, None) => property == "body",
            (Self::Body(body), None) => property == body.property && body.form == BodyForm::Binary,
            (Self::Body(body), Some(field)) => {
                property == body.property
                    && body.form == BodyForm::Multipart
                    && body.fields.get(&field).is_some_and(|field| field.binary)
            }
            _ => false,
        }
    }
}

/// Turns the base64 at those of the pointers `binary` where bytes are sent into the list of numbers that a request is made
/// of.
pub(super) fn decode(arguments: &mut Value, binary: &[String], takes: Takes<'_>) -> Result<(), CallError> {
    for pointer in binary.iter().filter(|pointer| takes.bytes_at(pointer)) {
        let Some(place) = arguments.pointer_mut(pointer) else { continue };
        let bytes = place.as_str().and_then(|text| STANDARD.decode(text).ok());
        *place = bytes.map(Value::from).ok_or_else(|| {
            let message = format!("the bytes at {pointer:?} are no base64");
            CallError::not_sent(Error::InvalidArguments { message })
        })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::api::{Field, Style};
    use super::*;

    fn body(form: BodyForm) -> Body {
        let file = Field {
            style: Style::Form,
            explode: true,
            allow_reserved: false,
            media_type: None,
            binary: true,
        };
        let fields = [("a/b".to_owned(), file)].into();
        Body { property: "body".to_owned(), required: false, media_type: String::new(), form, fields }
    }

    fn decoded(mut arguments: Value, binary: &[&str], takes: Takes<'_>) -> Result<Value, String> {
        let binary: Vec<String> = binary.iter().map(|pointer| (*pointer).to_owned()).collect();
        decode(&mut arguments, &binary, takes).map(|()| arguments).map_err(|error| error.to_string())
    }

    #[test]
    fn bytes_are_decoded_where_bytes_are_sent() {
        let whole = json!({"body": "AP8=", "id": "AP8="});
        let bytes = json!({"body": [0, 255], "id": "AP8="});
        let both = &["/body", "/id"];
        assert_eq!(decoded(whole.clone(), both, Takes::Raw), Ok(bytes.clone()));
        assert_eq!(decoded(whole.clone(), both, Takes::Body(&body(BodyForm::Binary))), Ok(bytes));
        for takes in [Takes::Nothing, Takes::Body(&body(BodyForm::Json))] {
            assert_eq!(decoded(whole.clone(), both, takes), Ok(whole.clone()));
        }
        let form = json!({"body": {"a/b": ["AA=="], "c": "AA=="}});
        let found = decoded(form, &["/body/a~1b/0", "/body/c"], Takes::Body(&body(BodyForm::Multipart)));
        assert_eq!(found, Ok(json!({"body": {"a/b": [[0]], "c": "AA=="}})));
        let wrong = decoded(json!({"body": "?"}), &["/body", "/nowhere"], Takes::Raw);
        assert_eq!(wrong, Err("the bytes at \"/body\" are no base64".to_owned()));
    }
}
