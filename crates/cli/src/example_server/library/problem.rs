//! What an answer says that is no success (RFC 9457).

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// An answer that is no success.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    detail: String,
    field: Option<&'static str>,
}

impl Problem {
    pub(super) fn new(status: StatusCode, detail: String) -> Self {
        Self { status, detail, field: None }
    }

    /// There is nothing of this id.
    pub(super) fn missing(what: &str, id: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("there is no {what} {id:?}"))
    }

    /// It cannot be done as things are.
    pub(super) fn conflict(detail: String) -> Self {
        Self::new(StatusCode::CONFLICT, detail)
    }

    /// A field of the body is not what is asked for.
    pub(super) fn field(field: &'static str, detail: String) -> Self {
        Self { status: StatusCode::UNPROCESSABLE_ENTITY, detail, field: Some(field) }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut body = json!({
            "title": self.status.canonical_reason().unwrap_or("Error"),
            "status": self.status.as_u16(),
            "detail": self.detail,
        });
        if let (Some(field), Some(body)) = (self.field, body.as_object_mut()) {
            body.insert("field".to_owned(), json!(field));
        }
        (self.status, [(header::CONTENT_TYPE, "application/problem+json")], body.to_string()).into_response()
    }
}
