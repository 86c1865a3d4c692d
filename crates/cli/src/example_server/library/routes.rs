//! Which request is answered by what.

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};

use super::collection::Library;
use super::problem::Problem;
use super::{DOCUMENT, KEY, OPENAPI, authors, books, loans, members};

/// The largest body that is read: a thousand times what a book takes.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// A library of its own, behind the operations of the document.
pub(super) fn router() -> Router {
    let operations = Router::new()
        .route("/books", get(books::list).post(books::create))
        .route("/books/{id}", get(books::get).patch(books::update).delete(books::delete))
        .route("/authors", get(authors::list))
        .route("/authors/{id}", get(authors::get))
        .route("/members", get(members::list))
        .route("/members/{id}", get(members::get))
        .route("/loans", get(loans::list).post(loans::lend))
        .route("/loans/{id}", get(loans::get))
        .route("/loans/{id}/return", post(loans::take_back))
        .layer(from_fn(authorized));
    Router::new()
        .nest("/v1", operations)
        .route(DOCUMENT, get(async || ([(header::CONTENT_TYPE, "application/json")], OPENAPI)))
        .fallback(async || Problem::new(StatusCode::NOT_FOUND, format!("see {DOCUMENT} for what there is")))
        .method_not_allowed_fallback(async || {
            Problem::new(StatusCode::METHOD_NOT_ALLOWED, format!("see {DOCUMENT} for what there is"))
        })
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(Library::default())
}

/// Whoever changes something needs the key, and a wrong one is refused in any case.
async fn authorized(request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    match key(request.headers()) {
        Some(KEY) => next.run(request).await,
        None if reads => next.run(request).await,
        None => unauthorized("this needs the header X-Api-Key"),
        Some(_) => unauthorized("the key in the header X-Api-Key is not valid"),
    }
}

fn key(headers: &HeaderMap) -> Option<&str> {
    Some(headers.get("x-api-key")?.to_str().unwrap_or_default())
}

fn unauthorized(detail: &str) -> Response {
    Problem::new(StatusCode::UNAUTHORIZED, detail.to_owned()).into_response()
}
