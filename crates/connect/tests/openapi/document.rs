//! Where documents come from, and what becomes tools.

use std::sync::atomic::{AtomicUsize, Ordering};

use codemode_connect::{Connector, OpenApi, Select, Source};
use serde_json::json;

use crate::server::{Reply, Server};
use crate::{api, at, call, document, quick};

async fn names(api: &OpenApi) -> Vec<String> {
    api.list().await.unwrap().tools.into_iter().map(|tool| tool.name).collect()
}

#[tokio::test]
async fn every_operation_is_a_tool_and_the_raw_request_the_last() {
    let server = Server::always(Reply::Drop).await;
    let listing = api(&server, &json!({})).list().await.unwrap();
    let names: Vec<&str> = listing.tools.iter().map(|tool| tool.name.as_str()).collect();
    assert_eq!(names, ["get_thing", "put_thing", "post_thing", "delete_thing", "at", "post_at", "request"]);
    assert!(listing.about.unwrap().contains("About things"));
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn operations_are_selected() {
    let server = Server::always(Reply::json("200 OK", &json!(1))).await;
    let included =
        api(&server, &json!({})).include(Select::Path("/at/*".into())).exclude(Select::Method("post".into()));
    assert_eq!(names(&included).await, ["at", "request"]);
    let excluded = api(&server, &json!({})).exclude(Select::Tag("danger".into())).without_raw_requests();
    assert_eq!(names(&excluded).await, ["get_thing", "put_thing", "post_thing", "at", "post_at"]);
    let named = api(&server, &json!({})).include(Select::Operation("*_thing".into()));
    assert_eq!(names(&named).await, ["get_thing", "put_thing", "post_thing", "delete_thing", "request"]);
    assert_eq!(
        call(&included, "get_thing", json!({})).await.unwrap_err().to_string(),
        "things has no tool \"get_thing\""
    );
    assert_eq!(
        call(&excluded, "request", json!({})).await.unwrap_err().to_string(),
        "things has no tool \"request\""
    );
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_document_is_fetched_once_and_again_after_a_failure() {
    let fetched = AtomicUsize::new(0);
    let server = Server::start(move |seen| match seen.path() {
        "/spec.json" if fetched.fetch_add(1, Ordering::Relaxed) == 0 => {
            Reply::new("500 Oops", &[], "secret detail")
        }
        "/spec.json" => Reply::json("200 OK", &document(&json!({"servers": [{"url": "/v2"}]}))),
        path => Reply::json("200 OK", &json!(path)),
    })
    .await;
    // The document is on the loopback: the operator named its host, and so the API's, which is the same.
    let api = OpenApi::new("things", Source::Url(server.url("/spec.json"))).limits(quick());
    let error = api.list().await.unwrap_err();
    assert_eq!(error.to_string(), "things is not available: its OpenAPI document could not be read");
    assert!(error.operator_message().ends_with("its server answered 500 Internal Server Error"));
    assert_eq!(at(&api, "x").await.unwrap(), json!("/v2/at/x"));
    assert_eq!(api.list().await.unwrap().tools.len(), 7);
    assert_eq!(server.seen().iter().filter(|seen| seen.target == "/spec.json").count(), 2);
}

#[tokio::test]
async fn g65_a_document_does_not_lead_to_private_hosts() {
    let other = Server::always(Reply::json("200 OK", &json!("canary"))).await;
    for url in
        [other.url(""), other.url("").replace("127.0.0.1", "localhost"), "http://169.254.169.254/".to_owned()]
    {
        let text = document(&json!({"servers": [{"url": url}]})).to_string();
        let api = OpenApi::new("things", Source::Bytes(text.into())).limits(quick());
        let error = at(&api, "x").await.unwrap_err();
        assert!(error.to_string().contains("its host is at a private address"), "{url}: {error}");
        assert_eq!(error.delivery(), codemode_connect::Delivery::NotSent);
    }
    assert!(other.seen().is_empty());
    let text = document(&json!({"servers": [{"url": other.url("")}]})).to_string();
    let allowed = OpenApi::new("things", Source::Bytes(text.into())).allow("127.0.0.0/8".parse().unwrap());
    assert_eq!(at(&allowed, "x").await.unwrap(), json!("canary"));
}

#[tokio::test]
async fn documents_are_bounded_and_faults_name_no_path() {
    let folder = std::env::temp_dir();
    let missing = OpenApi::new("things", folder.join("codemode-no-such-document.json"));
    let error = missing.list().await.unwrap_err();
    assert_eq!(error.to_string(), "things is not available: its OpenAPI document could not be read");
    assert!(error.operator_message().contains("codemode-no-such-document.json"));
    let text = document(&json!({})).to_string();
    let large = Server::always(Reply::new("200 OK", &[], &text)).await;
    let api = OpenApi::new("things", Source::Url(large.url("/"))).document_bytes(100);
    assert!(api.list().await.unwrap_err().to_string().contains("more than the limit of 100"));
    for bytes in [&b"hello"[..], b"", b"{}", b"\xff\xff"] {
        let error = OpenApi::new("things", Source::Bytes(bytes.to_vec())).list().await.unwrap_err();
        assert_eq!(error.to_string(), "things is not available: its OpenAPI document could not be read");
    }
    #[cfg(target_os = "linux")]
    {
        let endless = OpenApi::new("things", std::path::Path::new("/dev/zero")).document_bytes(1000);
        assert!(endless.list().await.unwrap_err().operator_message().contains("more than 1000 bytes"));
    }
}

#[tokio::test]
async fn a_closed_connector_does_nothing() {
    let server = Server::always(Reply::Hang).await;
    let api = api(&server, &json!({}));
    let (hanging, ()) = tokio::join!(at(&api, "x"), async {
        while server.seen().is_empty() {
            tokio::task::yield_now().await;
        }
        api.close().await;
    });
    assert_eq!(hanging.unwrap_err().to_string(), "things stopped before it answered");
    assert_eq!(at(&api, "x").await.unwrap_err().to_string(), "things was closed");
    assert_eq!(api.list().await.unwrap_err().to_string(), "things was closed");
    assert_eq!(server.seen().len(), 1);
}
