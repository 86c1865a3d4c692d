use codemode::{RunOptions, Runtime};
use opentelemetry_otlp::WithExportConfig as _;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tracing_subscriber::layer::SubscriberExt as _;

use super::*;
use crate::Ops;
use opentelemetry_http::{Bytes, HttpClient as _, Request};

/// Takes one request and answers that all is well; what it was.
async fn collector(listener: TcpListener) -> (String, Vec<u8>) {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut read = Vec::new();
    loop {
        let mut buffer = [0; 4096];
        let count = stream.read(&mut buffer).await.unwrap();
        read.extend_from_slice(&buffer[..count]);
        let Some(end) = read.windows(4).position(|bytes| bytes == b"\r\n\r\n") else { continue };
        let head = String::from_utf8(read[..end].to_vec()).unwrap().to_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        if read.len() >= end + 4 + length.parse::<usize>().unwrap() {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await.unwrap();
            return (head, read.split_off(end + 4));
        }
    }
}

fn holds(body: &[u8], part: &[u8]) -> bool {
    body.windows(part.len()).any(|bytes| bytes == part)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_gets_a_span_a_run_and_one_a_call() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}/v1/traces", listener.local_addr().unwrap());
    let received = tokio::spawn(collector(listener));
    let exporter = SpanExporter::builder().with_http().with_endpoint(endpoint);
    let traces = Traces::exporting(exporter.with_http_client(client::Client::new()).build().unwrap());

    let runtime = Runtime::builder()
        .tool("echo", "Echoes", json!({ "type": "object" }), |input: Value| async { Ok::<_, String>(input) })
        .build()
        .await
        .unwrap();
    let (trace, span) = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7");
    let parent = Parent { traceparent: Some(format!("00-{trace}-{span}-01")), tracestate: None };
    let subscriber = tracing_subscriber::registry().with(traces.layer());
    let watch = tracing::subscriber::with_default(subscriber, || {
        let (ops, subscriber) = (Ops::default(), tracing::dispatcher::get_default(Clone::clone));
        let watch = ops.run("somebody", "7", &parent);
        move |event: codemode::Event<'_>| {
            tracing::dispatcher::with_default(&subscriber, || watch.event(event));
        }
    });
    let run =
        runtime.run("return host.echo({ a: 'sk_live_1' })", RunOptions::default().observer(watch)).await;
    traces.end().await;

    let (head, body) = received.await.unwrap();
    assert!(head.starts_with("post /v1/traces http/1.1"), "{head}");
    assert!(head.contains("content-type: application/x-protobuf"), "{head}");
    let bytes = |hex: &str| -> Vec<u8> {
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
    };
    assert!(holds(&body, &bytes(trace)) && holds(&body, &bytes(span)), "the client's span is the parent");
    for part in ["codemode", "run", "call", "host.echo", "somebody", run.run_id()] {
        assert!(holds(&body, part.as_bytes()), "{part} is not in the trace");
    }
    assert!(!holds(&body, b"sk_live"), "arguments are nobody's business");
}

#[test]
fn what_is_behind_us_is_told_of_the_span_of_its_call() {
    let provider = SdkTracerProvider::builder().build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        let traceparent = format!("00-{trace}-00f067aa0ba902b7-01");
        let parent = Parent { traceparent: Some(traceparent.clone()), tracestate: None };
        let watch = Ops::default().run("somebody", "7", &parent);
        watch.event(codemode::Event::CallStarted { seq: 3, tool: "a.b" });
        let span = watch.span_of(3).unwrap();
        let told = out::traceparent(&span).unwrap();
        assert!(told.starts_with(&format!("00-{trace}-")) && told != traceparent, "{told}");
        assert!(watch.span_of(4).is_none());
    });
}

#[tokio::test]
async fn a_collector_that_is_elsewhere_is_not_reached_in_the_clear() {
    let request = Request::post("https://collector.example/v1/traces").body(Bytes::new()).unwrap();
    let error = client::Client::new().send_bytes(request).await.unwrap_err();
    assert!(error.to_string().contains("plain http"), "{error}");
}
