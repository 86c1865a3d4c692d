//! Traces that go on in what is behind us.

use std::collections::HashMap;
use std::sync::Arc;

use codemode::connect::{Accepts, BoxFuture, Caller, Input, InputReply, Log, Progress};
use opentelemetry::propagation::TextMapPropagator as _;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use super::super::RunWatch;

/// A caller whose calls go out with the spans that they have here.
pub(in super::super) struct Traced {
    pub(in super::super) caller: Arc<dyn Caller>,
    pub(in super::super) watch: Arc<RunWatch>,
}

impl Caller for Traced {
    fn principal(&self) -> &str {
        self.caller.principal()
    }

    fn accepts(&self) -> Accepts {
        self.caller.accepts()
    }

    /// A call's label is `<run>:<seq>`.
    fn trace(&self, label: &str) -> Option<String> {
        let seq = label.rsplit_once(':')?.1.parse().ok()?;
        self.watch.span_of(seq).and_then(|span| traceparent(&span))
    }

    fn input(&self, input: Input) -> BoxFuture<'static, InputReply> {
        self.caller.input(input)
    }

    fn progress(&self, progress: Progress) {
        self.caller.progress(progress);
    }

    fn log(&self, log: Log) {
        self.caller.log(log);
    }
}

/// The span as W3C's Trace Context writes it; `None` where it is in no trace.
pub(super) fn traceparent(span: &Span) -> Option<String> {
    let mut carrier = HashMap::new();
    TraceContextPropagator::new().inject_context(&span.context(), &mut carrier);
    carrier.remove("traceparent")
}
