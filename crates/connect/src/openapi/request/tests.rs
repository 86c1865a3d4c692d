//! Requests, without anything that sends them. Cases are in `cases/openapi-requests`; the generated tests say what holds
//! whatever the arguments.

mod cases;
mod generated;
mod real;
mod security;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use super::*;
use crate::openapi::api::{Answer, Body, BodyForm, Field, Parameter, Place, Server, Style};

pub(super) const BASE: &str = "https://api.example.com/v1";

/// An operation as cases write it: what they do not say is as in most documents.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    method: String,
    path: String,
    #[serde(default)]
    parameters: Vec<WrittenParameter>,
    body: Option<WrittenBody>,
    server: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenParameter {
    property: Option<String>,
    name: String,
    place: Place,
    #[serde(default)]
    required: bool,
    style: Option<Style>,
    explode: Option<bool>,
    #[serde(default)]
    allow_reserved: bool,
    #[serde(default)]
    json: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenBody {
    #[serde(default)]
    required: bool,
    media_type: String,
    form: BodyForm,
    fields: BTreeMap<String, WrittenField>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenField {
    style: Option<Style>,
    explode: Option<bool>,
    #[serde(default)]
    allow_reserved: bool,
    media_type: Option<String>,
    #[serde(default)]
    binary: bool,
}

impl From<Written> for Operation {
    fn from(written: Written) -> Self {
        Self {
            method: written.method,
            path: written.path,
            parameters: written.parameters.into_iter().map(Into::into).collect(),
            body: written.body.map(Into::into),
            security: Vec::new(),
            server: written.server.map(|url| Server { url, variables: BTreeMap::new() }),
            answer: Answer::Any,
        }
    }
}

impl From<WrittenParameter> for Parameter {
    fn from(written: WrittenParameter) -> Self {
        let usual = match written.place {
            Place::Path | Place::Header => Style::Simple,
            Place::Query | Place::Cookie => Style::Form,
        };
        let style = written.style.unwrap_or(usual);
        Self {
            property: written.property.unwrap_or_else(|| written.name.clone()),
            name: written.name,
            place: written.place,
            required: written.required || written.place == Place::Path,
            style,
            explode: written.explode.unwrap_or(style == Style::Form),
            allow_reserved: written.allow_reserved,
            json: written.json,
        }
    }
}

impl From<WrittenBody> for Body {
    fn from(written: WrittenBody) -> Self {
        let field = |field: WrittenField| Field {
            style: field.style.unwrap_or(Style::Form),
            explode: field.explode.unwrap_or(true),
            allow_reserved: field.allow_reserved,
            media_type: field.media_type,
            binary: field.binary,
        };
        Self {
            property: "body".to_owned(),
            required: written.required,
            media_type: written.media_type,
            form: written.form,
            fields: written.fields.into_iter().map(|(name, written)| (name, field(written))).collect(),
        }
    }
}

/// An operation without a body.
pub(super) fn operation(method: &str, path: &str, parameters: Vec<WrittenParameter>) -> Operation {
    Written { method: method.to_owned(), path: path.to_owned(), parameters, body: None, server: None }.into()
}

pub(super) fn parameter(name: &str, place: Place) -> WrittenParameter {
    serde_json::from_value(serde_json::json!({"name": name, "place": place})).unwrap()
}

pub(super) fn base() -> Base {
    let choices = Choices { base_url: Some(BASE.to_owned()), ..Choices::default() };
    Base::new(None, None, &choices).unwrap()
}

pub(super) fn read<T: DeserializeOwned>(file: &str) -> T {
    let path = format!("{}/../../cases/openapi-requests/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// What `refused` means for a call: nothing was sent, and the arguments are to blame.
pub(super) fn refusal(result: Result<Outgoing, CallError>) -> Result<Outgoing, String> {
    result.map_err(|error| match error {
        CallError::Connector {
            error: crate::Error::InvalidArguments { message },
            delivery: crate::Delivery::NotSent,
        } => message,
        other => panic!("{other:?}"),
    })
}

/// Path and query, below the base's path where there is nothing else to say.
pub(super) fn shown(url: &Url) -> String {
    url.as_str().strip_prefix(BASE).unwrap_or(url.as_str()).to_owned()
}

pub(super) fn empty() -> Value {
    serde_json::json!({})
}
