//! What an operator's programs ask for over HTTP.

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::json;

use super::Ops;

/// OpenMetrics 1.0, which Prometheus and its like read.
const METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

impl Ops {
    /// `GET /healthz`: 200 for as long as the process answers. `GET /readyz`: 200 once every connector has listed its tools
    /// or failed to, before that 503; the body has only counts, so that both may be reached by anyone. With `metrics`, `GET
    /// /metrics`, which names connectors.
    pub fn pages(&self, metrics: bool) -> Router {
        let pages = Router::new().route("/healthz", get(|| async { "ok\n" })).route("/readyz", get(ready));
        let pages = if metrics { pages.route("/metrics", get(all_metrics)) } else { pages };
        pages.with_state(self.clone())
    }
}

async fn ready(State(ops): State<Ops>) -> Response {
    let connecting = ops.connecting();
    let status = match &connecting {
        Some(connecting) if connecting.is_empty() => StatusCode::OK,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    };
    let body =
        json!({ "ready": status == StatusCode::OK, "connecting": connecting.map_or(0, |names| names.len()) });
    (status, Json(body)).into_response()
}

async fn all_metrics(State(ops): State<Ops>) -> Response {
    ([(header::CONTENT_TYPE, METRICS)], ops.inner.metrics.text(ops.inner.runtime.get())).into_response()
}
