//! What is sent again, what never is, and how long anything may take.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use codemode_connect::{Call, CallError, Connector, Delivery};
use serde_json::json;

use crate::server::{Reply, Server};
use crate::{api, at, call, quick};

/// Busy for the first `failures` requests.
async fn busy(failures: usize, reply: Reply) -> Server {
    let count = AtomicUsize::new(0);
    Server::start(move |_| {
        if count.fetch_add(1, Ordering::Relaxed) < failures {
            reply.clone()
        } else {
            Reply::json("200 OK", &json!("done"))
        }
    })
    .await
}

#[tokio::test]
async fn idempotent_requests_are_sent_again() {
    for tool in ["get_thing", "put_thing", "delete_thing"] {
        let server = busy(2, Reply::new("503 Service Unavailable", &[], "")).await;
        assert!(call(&api(&server, &json!({})), tool, json!({})).await.is_ok(), "{tool}");
        assert_eq!(server.seen().len(), 3);
    }
    let server = busy(3, Reply::new("429 Too Many Requests", &["Retry-After: 0"], "")).await;
    let error = call(&api(&server, &json!({})), "get_thing", json!({})).await.unwrap_err();
    assert_eq!(error.to_string(), "429 Too Many Requests");
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn others_are_sent_once() {
    for reply in [Reply::new("503 Service Unavailable", &["Retry-After: 0"], ""), Reply::Drop] {
        let server = busy(1, reply).await;
        let error = call(&api(&server, &json!({})), "post_thing", json!({"body": 1})).await.unwrap_err();
        assert_eq!(error.delivery(), Delivery::MaybeSent);
        assert_eq!(server.seen().len(), 1);
    }
    // Whether a request was executed whose connection broke is not known, so not even GET goes again.
    let server = busy(1, Reply::Drop).await;
    let error = at(&api(&server, &json!({})), "x").await.unwrap_err();
    assert_eq!(error.to_string(), "things stopped before it answered");
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_long_wait_is_left_to_the_caller() {
    let server = busy(1, Reply::new("503 Service Unavailable", &["Retry-After: 120"], "")).await;
    let Err(CallError::Tool { problem, .. }) = at(&api(&server, &json!({})), "x").await else { panic!() };
    assert_eq!(problem.retry_after, Some(Duration::from_secs(120)));
    assert_eq!(server.seen().len(), 1);
    let server = busy(1, Reply::new("503 Service Unavailable", &["Retry-After: 4"], "")).await;
    let hurried =
        api(&server, &json!({})).call(Call::new("get_thing", json!({}), Duration::from_secs(3))).await;
    assert_eq!(hurried.unwrap_err().to_string(), "503 Service Unavailable");
}

#[tokio::test]
async fn what_was_not_sent_is_tried_again_and_said_to_be_not_sent() {
    let server = Server::always(Reply::Drop).await;
    let api = api(&server, &json!({}));
    api.list().await.unwrap();
    drop(server);
    // The port is closed now, unless the system gave it away.
    let error = call(&api, "post_thing", json!({"body": 1})).await.unwrap_err();
    assert_eq!(error.to_string(), "things is not available: it did not accept a connection");
    assert_eq!(error.delivery(), Delivery::NotSent);
}

#[tokio::test]
async fn g68_calls_end_in_time_and_size() {
    let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    let server = Server::start(move |seen| match seen.path() {
        "/v1/at/hang" => Reply::Hang,
        _ => Reply::Endless(chunked.clone(), [b"4000\r\n", &[b' '; 0x4000][..], b"\r\n"].concat()),
    })
    .await;
    let api = api(&server, &json!({})).limits(quick());
    let large = at(&api, "large").await.unwrap_err();
    assert!(large.to_string().contains("more than the limit of 1048576"), "{large}");
    let late =
        api.call(Call::new("at", json!({"place": "hang"}), Duration::from_millis(100))).await.unwrap_err();
    assert_eq!(late.to_string(), "things did not answer within 100 ms");
    assert_eq!(late.delivery(), Delivery::MaybeSent);
}
