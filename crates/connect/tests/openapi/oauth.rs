//! Client credentials that are exchanged for tokens.

use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use codemode_connect::{Connector, Delivery, OpenApi, Secret};
use serde_json::{Value, json};

use crate::server::{Reply, Seen, Server};
use crate::{api, at, call};

const PAIR: &str = "the-client:canary secret of the client";

fn scheme(token_url: &str) -> Value {
    let scopes = json!({"read": "", "write": ""});
    let flow = json!({"clientCredentials": {"tokenUrl": token_url, "scopes": scopes}});
    json!({"components": {"securitySchemes": {"oauth": {"type": "oauth2", "flows": flow}}}, "security": [{"oauth": ["read"]}]})
}

fn with_secret(api: OpenApi) -> OpenApi {
    api.credential("*", Secret::new(PAIR).unwrap())
}

/// Gives tokens at `/token`, each a number higher, and else says which token it was sent.
async fn server(token: impl Fn(usize, &Seen) -> Reply + Send + Sync + 'static) -> Server {
    let count = AtomicUsize::new(0);
    Server::start(move |seen| match seen.path() {
        "/token" => token(count.fetch_add(1, Ordering::Relaxed), seen),
        "/v1/at/stale" if seen.header("authorization") == Some("Bearer token-number-0") => {
            Reply::json("401 Unauthorized", &json!({"message": "expired"}))
        }
        "/v1/thing" if seen.header("authorization") == Some("Bearer token-number-0") => {
            Reply::json("401 Unauthorized", &json!({"message": "expired"}))
        }
        "/v1/at/never" => Reply::json("401 Unauthorized", &json!({"message": "no"})),
        _ => Reply::json(
            "200 OK",
            &json!(seen.header("authorization").map(|value| value.replace("token", "t o k e n"))),
        ),
    })
    .await
}

fn granted(number: usize) -> Reply {
    Reply::json(
        "200 OK",
        &json!({"access_token": format!("token-number-{number}"), "token_type": "Bearer", "expires_in": 3600}),
    )
}

fn tokens(server: &Server) -> usize {
    server.seen().iter().filter(|seen| seen.path() == "/token").count()
}

#[tokio::test]
async fn a_token_is_fetched_once_for_all_calls() {
    let server = server(|number, _| granted(number)).await;
    let api = with_secret(api(&server, &scheme("/token")));
    let all = tokio::join!(at(&api, "a"), at(&api, "b"), at(&api, "c"));
    for result in [all.0, all.1, all.2] {
        assert_eq!(result.unwrap(), json!("Bearer t o k e n-number-0"));
    }
    assert_eq!(tokens(&server), 1);
    let request = server.seen().into_iter().find(|seen| seen.path() == "/token").unwrap();
    assert_eq!(request.text(), "grant_type=client_credentials&scope=read+write");
    let pair = STANDARD.encode("the-client:canary+secret+of+the+client");
    assert_eq!(request.header("authorization"), Some(format!("Basic {pair}").as_str()));
}

#[tokio::test]
async fn a_refused_token_is_renewed_once() {
    let server = server(|number, _| granted(number)).await;
    let api = with_secret(api(&server, &scheme("/token")));
    assert_eq!(at(&api, "stale").await.unwrap(), json!("Bearer t o k e n-number-1"));
    assert_eq!(tokens(&server), 2);
    assert_eq!(at(&api, "never").await.unwrap_err().to_string(), "401 Unauthorized: no");
    assert_eq!(server.seen().iter().filter(|seen| seen.path() == "/v1/at/never").count(), 2);
}

#[tokio::test]
async fn what_cannot_be_sent_twice_gets_the_new_token_next_time() {
    let server = server(|number, _| granted(number)).await;
    let api = with_secret(api(&server, &scheme("/token")));
    let post = || call(&api, "post_thing", json!({"body": 1}));
    assert_eq!(post().await.unwrap_err().to_string(), "401 Unauthorized: expired");
    assert_eq!(post().await.unwrap(), json!("Bearer t o k e n-number-1"));
    assert_eq!(server.seen().iter().filter(|seen| seen.path() == "/v1/thing").count(), 2);
}

#[tokio::test]
async fn an_endpoint_may_want_the_client_in_the_body_and_no_scope() {
    let server = server(|number, seen| match (seen.header("authorization"), seen.text().contains("scope")) {
        (Some(_), _) => Reply::json("401 Unauthorized", &json!({"error": "invalid_client"})),
        (None, true) => Reply::json("400 Bad Request", &json!({"error": "invalid_scope"})),
        (None, false) => granted(number),
    })
    .await;
    let api = with_secret(api(&server, &scheme("/token")));
    at(&api, "x").await.unwrap();
    assert_eq!(tokens(&server), 3);
    let last = server.seen().into_iter().rfind(|seen| seen.path() == "/token").unwrap();
    assert_eq!(
        last.text(),
        "grant_type=client_credentials&client_id=the-client&client_secret=canary+secret+of+the+client"
    );
}

#[tokio::test]
async fn without_a_token_nothing_is_sent() {
    for reply in [
        Reply::json(
            "400 Bad Request",
            &json!({"error": "unauthorized_client", "error_description": "canary secret of the client"}),
        ),
        Reply::json("200 OK", &json!({"access_token": "short"})),
        Reply::json("200 OK", &json!({"access_token": "a\r\nHost: evil-and-long"})),
        Reply::json("200 OK", &json!({"access_token": "long-enough-token", "token_type": "mac"})),
        Reply::new("200 OK", &[], "hello"),
        Reply::Drop,
    ] {
        let server = server(move |_, _| reply.clone()).await;
        let api = with_secret(api(&server, &scheme("/token")));
        let error = at(&api, "x").await.unwrap_err();
        assert!(error.to_string().starts_with("things has no usable credential for \"oauth\": "), "{error}");
        assert_eq!(error.delivery(), Delivery::NotSent);
        assert!(!format!("{error:?}").contains("canary"), "{error:?}");
        assert_eq!(server.seen().iter().filter(|seen| seen.path() != "/token").count(), 0);
    }
}

#[tokio::test]
async fn g69_a_token_is_not_given_away() {
    let server = server(|number, _| granted(number)).await;
    let echo = Server::start(|seen| Reply::json("200 OK", &json!(seen.header("authorization")))).await;
    let api = with_secret(api(&echo, &scheme("/token"))).token_url(&server.url("/token")).unwrap();
    assert_eq!(at(&api, "x").await.unwrap(), json!("Bearer [redacted]"));
}

#[tokio::test]
async fn the_client_secret_is_not_sent_where_a_document_says_alone() {
    let server = server(|number, _| granted(number)).await;
    // The loopback is what the operator named; its other name is another host.
    let elsewhere = server.url("/token").replace("127.0.0.1", "localhost");
    let api = with_secret(api(&server, &scheme(&elsewhere)));
    let notes = api.list().await.unwrap().notes;
    assert!(notes.iter().any(|note| note.contains("confirm it with token_url")), "{notes:?}");
    let error = at(&api, "x").await.unwrap_err();
    assert!(error.to_string().contains("needs a credential for \"oauth\""), "{error}");
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn nothing_is_learnt_from_an_endpoint_that_is_out_of_order() {
    let server = server(|number, seen| match (number, seen.header("authorization")) {
        (0 | 1, _) | (_, None) => Reply::json("401 Unauthorized", &json!({"message": "try later"})),
        (_, Some(_)) => granted(number),
    })
    .await;
    let api = with_secret(api(&server, &scheme("/token")));
    at(&api, "x").await.unwrap_err();
    assert_eq!(tokens(&server), 2);
    at(&api, "x").await.unwrap();
    assert_eq!(tokens(&server), 3);
}
