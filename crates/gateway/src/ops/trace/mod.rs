//! Traces by OpenTelemetry: a span a run, a child a tool call, sent to a collector by OTLP over HTTP.

mod client;
mod out;

use opentelemetry::propagation::{Extractor, TextMapPropagator as _};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use tracing::{Span, Subscriber};
use tracing_opentelemetry::{OpenTelemetryLayer, OpenTelemetrySpanExt as _};
use tracing_subscriber::registry::LookupSpan;

use super::Parent;
pub(super) use out::Traced;

/// What says where the collector is. Where neither does, nothing is sent.
const ENDPOINTS: [&str; 2] = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"];

/// What is sent to a collector. The standard variables of the environment say where and how: `OTEL_EXPORTER_OTLP_ENDPOINT`
/// and those that begin like it, `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`, `OTEL_TRACES_SAMPLER`, `OTEL_BSP_*`,
/// `OTEL_SDK_DISABLED`. The collector is reached by plain `http`: one that is elsewhere is reached through one that is here.
#[derive(Debug, Clone)]
pub struct Traces {
    provider: SdkTracerProvider,
}

impl Traces {
    /// As the environment says; `None` where it names no collector. The tokio runtime that this is called on sends.
    ///
    /// # Errors
    ///
    /// A variable that cannot be what it is.
    pub fn from_env() -> Result<Option<Self>, ExporterBuildError> {
        let is_set = |name: &&str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let is_off = std::env::var("OTEL_SDK_DISABLED").is_ok_and(|value| value.eq_ignore_ascii_case("true"))
            || std::env::var("OTEL_TRACES_EXPORTER").is_ok_and(|value| value == "none");
        if is_off || !ENDPOINTS.iter().any(is_set) {
            return Ok(None);
        }
        let exporter = SpanExporter::builder().with_http().with_http_client(client::Client::new()).build()?;
        Ok(Some(Self::exporting(exporter)))
    }

    fn exporting(exporter: SpanExporter) -> Self {
        let resource = Resource::builder();
        let resource = match std::env::var_os("OTEL_SERVICE_NAME") {
            Some(_) => resource,
            None => resource.with_service_name("codemode"),
        };
        let provider =
            SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource.build());
        Self { provider: provider.build() }
    }

    /// What a subscriber of `tracing` sends spans through.
    pub fn layer<S>(&self) -> OpenTelemetryLayer<S, SdkTracer>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        tracing_opentelemetry::layer().with_tracer(self.provider.tracer("codemode"))
    }

    /// Sends what was not sent yet, and nothing more. It waits for the collector as long as the environment says, five
    /// seconds by default.
    pub async fn end(self) {
        let ended = tokio::task::spawn_blocking(move || self.provider.shutdown()).await;
        if let Ok(Err(error)) = ended {
            tracing::debug!(target: "codemode", "traces were not sent: {error}");
        }
    }
}

/// Makes a span a child of the client's own, where the client says which that is and is understood.
pub(super) fn adopt(span: &Span, parent: &Parent) {
    let context = TraceContextPropagator::new().extract(parent);
    // Where nothing collects traces, there is no such parent to have.
    let _ = span.set_parent(context);
}

impl Extractor for Parent {
    fn get(&self, key: &str) -> Option<&str> {
        match key {
            "traceparent" => self.traceparent.as_deref(),
            "tracestate" => self.tracestate.as_deref(),
            _ => None,
        }
    }

    fn keys(&self) -> Vec<&str> {
        vec!["traceparent", "tracestate"]
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]
mod tests;
