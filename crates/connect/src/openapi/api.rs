//! An API as a call needs it: what is left of an OpenAPI document once it is read. All of it serialises, for the cache.

use std::collections::BTreeMap;

use codemode_catalog::Tool;
use serde::{Deserialize, Serialize};

/// What a document describes. Its shared schemas travel beside it, as JSON text.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Api {
    /// One tool an operation, in the document's order. Schemas are JSON Schema 2020-12 whatever the document's version,
    /// and refer to shared ones as `#/$defs/name`.
    pub(super) tools: Vec<Tool>,
    /// What each tool sends; as many as tools, in the same order.
    pub(super) operations: Vec<Operation>,
    /// Where the API is, as the document says: the first counts unless an operation has its own.
    pub(super) servers: Vec<Server>,
    /// The security schemes by name.
    pub(super) schemes: BTreeMap<String, Scheme>,
    /// Title and description.
    pub(super) about: Option<String>,
    /// What could not be taken over, each in one line, bounded in number.
    pub(super) notes: Vec<String>,
}

/// One operation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Operation {
    /// The HTTP method, in capitals.
    pub(super) method: String,
    /// The path template, such as `/repos/{owner}/issues`: begins with a slash, holds no query.
    pub(super) path: String,
    /// The parameters, in the document's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) parameters: Vec<Parameter>,
    /// The request body, if it may have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) body: Option<Body>,
    /// What may authorise it: alternatives, each a set of schemes that are all needed. No alternative, or an empty one:
    /// nothing is needed. [`UNSAID`] alone where the document does not say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) security: Vec<Vec<String>>,
    /// Its own server, where it is not that of the API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) server: Option<Server>,
    /// What a good answer is.
    #[serde(default, skip_serializing_if = "Answer::is_any")]
    pub(super) answer: Answer,
}

/// Stands for the scheme in what may authorise an operation where the document does not say, as operators say it of any.
pub(super) const UNSAID: &str = "*";

/// A parameter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Parameter {
    /// The property of the tool's input that holds it.
    pub(super) property: String,
    /// Its name on the wire.
    pub(super) name: String,
    /// Where it goes.
    pub(super) place: Place,
    /// Whether it must be given.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) required: bool,
    /// How arrays and objects are written.
    pub(super) style: Style,
    /// Whether each element of an array, or each property of an object, is written by itself.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) explode: bool,
    /// Whether reserved characters stay as they are (query only).
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) allow_reserved: bool,
    /// Whether the value is written as JSON (`content: {"application/json": …}`); style does not count then.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) json: bool,
}

/// Where a parameter goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Place {
    Path,
    Query,
    Header,
    Cookie,
}

/// How a parameter's value is written (OpenAPI 3.1, "Style Values"; `Tabs` is Swagger 2.0's `tsv`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Style {
    Simple,
    Label,
    Matrix,
    Form,
    Space,
    Pipe,
    Deep,
    Tabs,
}

/// A request body.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Body {
    /// The property of the tool's input that holds it: `body`.
    pub(super) property: String,
    /// Whether it must be given.
    pub(super) required: bool,
    /// Its media type as it is sent, such as `application/json`.
    pub(super) media_type: String,
    /// How the value becomes bytes.
    pub(super) form: BodyForm,
    /// How single fields of a form are written, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) fields: BTreeMap<String, Field>,
}

/// How a body's value becomes bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum BodyForm {
    /// As JSON.
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
    /// `multipart/form-data` (and its kin).
    Multipart,
    /// A string as it is.
    Text,
    /// Bytes: a string's own in UTF-8, or an array of numbers 0 to 255 (what a `Uint8Array` is in JSON).
    Binary,
}

/// How one field of a form is written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Field {
    pub(super) style: Style,
    pub(super) explode: bool,
    pub(super) allow_reserved: bool,
    /// The media type of a part of a multipart body.
    pub(super) media_type: Option<String>,
    /// Whether it is a file: bytes, as [`BodyForm::Binary`], sent with a file name.
    pub(super) binary: bool,
}

/// What a good answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Answer {
    /// What its `Content-Type` says.
    #[default]
    Any,
    /// Nothing: whatever comes is `null`.
    Nothing,
}

impl Answer {
    fn is_any(&self) -> bool {
        *self == Self::Any
    }
}

/// Where an API is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Server {
    /// The URL, perhaps relative to the document's, perhaps with `{variables}`.
    pub(super) url: String,
    /// The variables in it.
    pub(super) variables: BTreeMap<String, Variable>,
}

/// A part of a server's URL that an operator may choose.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Variable {
    /// Its value where nobody chose; without one somebody must.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) default: Option<String>,
    /// All it may be; empty: what the operator says.
    pub(super) values: Vec<String>,
}

/// A security scheme.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Scheme {
    /// A key under `name` in a header, the query or a cookie.
    ApiKey { place: Place, name: String },
    /// `Authorization: Bearer`.
    Bearer,
    /// `Authorization: Basic`.
    Basic,
    /// OAuth 2 client credentials; other flows of the same scheme can take a ready token, as bearer.
    OAuth2 { token_url: Option<String>, scopes: Vec<String> },
    /// One that this connector cannot do, in a word.
    Other(String),
}

/// What is not said is false: a document has thousands of parameters.
fn is_false(flag: &bool) -> bool {
    !*flag
}
