//! Credentials: where they are put, what is said where they lack, and that nothing gives them away.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use codemode_connect::{CallError, Connector, Delivery, OpenApi, Secret};
use serde_json::{Value, json};

use crate::server::{Reply, Server};
use crate::{api, at, call};

const CANARY: &str = "canary+secret/0123456789?&\"x";

fn secret(text: &str) -> Secret {
    Secret::new(text).unwrap()
}

/// An API with these security schemes, all operations needing these.
fn schemes(server: &Server, schemes: &Value, security: &Value) -> OpenApi {
    api(server, &json!({"components": {"securitySchemes": schemes}, "security": security}))
}

fn all() -> Value {
    json!({
        "header": {"type": "apiKey", "in": "header", "name": "X-Key"},
        "query": {"type": "apiKey", "in": "query", "name": "api_key"},
        "cookie": {"type": "apiKey", "in": "cookie", "name": "session"},
        "bearer": {"type": "http", "scheme": "bearer"},
        "basic": {"type": "http", "scheme": "basic"},
        "mutual": {"type": "mutualTLS"},
    })
}

async fn ok() -> Server {
    Server::always(Reply::json("200 OK", &json!(null))).await
}

#[tokio::test]
async fn each_kind_goes_to_its_place() {
    for (scheme, given, header, expected) in [
        ("header", CANARY, "x-key", CANARY.to_owned()),
        ("cookie", CANARY, "cookie", format!("session={CANARY}")),
        ("bearer", CANARY, "authorization", format!("Bearer {CANARY}")),
        (
            "basic",
            "someone:hunter2 canary",
            "authorization",
            format!("Basic {}", STANDARD.encode("someone:hunter2 canary")),
        ),
    ] {
        for name in [scheme, "*"] {
            let server = ok().await;
            let api = schemes(&server, &all(), &json!([{ scheme: [] }])).credential(name, secret(given));
            at(&api, "x").await.unwrap();
            assert_eq!(server.only().header(header), Some(expected.as_str()), "{scheme} {name}");
        }
    }
    let server = ok().await;
    let api = schemes(&server, &all(), &json!([{"query": []}])).credential("query", secret(CANARY));
    at(&api, "x").await.unwrap();
    assert_eq!(server.only().target, "/v1/at/x?api_key=canary%2Bsecret%2F0123456789%3F%26%22x");
}

#[tokio::test]
async fn alternatives_are_tried_in_their_order() {
    let both = json!([{"mutual": []}, {"header": [], "query": []}, {"bearer": []}]);
    let server = ok().await;
    let api = schemes(&server, &all(), &both)
        .credential("header", secret(CANARY))
        .credential("bearer", secret(CANARY));
    at(&api, "x").await.unwrap();
    assert!(server.only().header("x-key").is_none() && server.only().header("authorization").is_some());
    let server = ok().await;
    let api = schemes(&server, &all(), &both)
        .credential("header", secret(CANARY))
        .credential("query", secret("another secret"))
        .credential("bearer", secret(CANARY));
    at(&api, "x").await.unwrap();
    let seen = server.only();
    assert_eq!((seen.header("x-key"), seen.header("authorization")), (Some(CANARY), None));
    assert_eq!(seen.target, "/v1/at/x?api_key=another+secret");
}

#[tokio::test]
async fn one_secret_is_not_sent_as_two_things() {
    let server = ok().await;
    let api = schemes(&server, &all(), &json!([{"header": [], "query": []}])).credential("*", secret(CANARY));
    let error = at(&api, "x").await.unwrap_err();
    assert!(error.to_string().contains("needs a credential for"), "{error}");
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn without_a_credential_it_is_said_which_one_lacks() {
    let server = ok().await;
    let api = schemes(&server, &all(), &json!([{"basic": []}])).credential("header", secret(CANARY));
    let error = at(&api, "x").await.unwrap_err();
    let expected =
        "things needs a credential for \"basic\" (user:password), which the operator has not given";
    assert_eq!((error.to_string().as_str(), error.delivery()), (expected, Delivery::NotSent));
    assert!(error.operator_message().contains("under the name \"basic\" or \"*\""));
    let wrong =
        schemes(&server, &all(), &json!([{"basic": []}])).credential("basic", secret("no colon in here"));
    let error = at(&wrong, "x").await.unwrap_err();
    assert!(error.to_string().ends_with("it must be written as user:password"), "{error}");
    assert!(server.seen().is_empty());
    let optional = schemes(&server, &all(), &json!([{"basic": []}, {}]));
    at(&optional, "x").await.unwrap();
    assert_eq!(server.only().header("authorization"), None);
}

#[tokio::test]
async fn what_needs_no_credential_gets_none() {
    let server = ok().await;
    let api = schemes(&server, &all(), &json!([])).credential("*", secret(CANARY));
    at(&api, "x").await.unwrap();
    assert!(!format!("{:?}", server.only()).contains("canary"));
}

#[tokio::test]
async fn a_document_that_does_not_say_what_needs_a_credential_gets_what_is_given() {
    let silent = json!({"components": {"securitySchemes": all()}});
    let mut mistaken = silent.clone();
    mistaken["security"] = json!([{"Header": []}]);
    for more in [silent, mistaken] {
        for name in ["header", "*"] {
            let server = ok().await;
            let one = json!({"components": {"securitySchemes": {"header": all()["header"].clone()}}});
            let mut more = more.clone();
            if name == "*" {
                more["components"] = one["components"].clone();
            }
            let api = api(&server, &more).credential(name, secret(CANARY));
            at(&api, "x").await.unwrap();
            call(&api, "request", json!({"method": "GET", "path": "/other"})).await.unwrap();
            for seen in server.seen() {
                assert_eq!(seen.header("x-key"), Some(CANARY), "{more} {name}");
            }
        }
        let server = ok().await;
        let both = api(&server, &more)
            .credential("header", secret(CANARY))
            .credential("query", secret("another secret"));
        at(&both, "x").await.unwrap();
        at(&api(&server, &more), "x").await.unwrap();
        let [seen, without] = &server.seen()[..] else { panic!() };
        assert_eq!(
            (seen.header("x-key"), seen.target.as_str()),
            (Some(CANARY), "/v1/at/x?api_key=another+secret")
        );
        assert_eq!((without.header("x-key"), without.target.as_str()), (None, "/v1/at/x"));
    }
}

#[tokio::test]
async fn a_document_without_schemes_takes_a_bearer_token() {
    let server = ok().await;
    let api = api(&server, &json!({})).credential("*", secret(CANARY));
    at(&api, "x").await.unwrap();
    call(&api, "request", json!({"method": "GET", "path": "/other"})).await.unwrap();
    for seen in server.seen() {
        assert_eq!(seen.header("authorization"), Some(format!("Bearer {CANARY}").as_str()));
    }
}

#[tokio::test]
async fn a_raw_request_carries_what_most_operations_do() {
    let server = ok().await;
    let api = schemes(&server, &all(), &json!([{"header": []}])).credential("*", secret(CANARY));
    call(&api, "request", json!({"method": "GET", "path": "/other"})).await.unwrap();
    assert_eq!(server.only().header("x-key"), Some(CANARY));
}

#[tokio::test]
async fn a_credential_for_a_scheme_that_is_not_there_is_an_error() {
    let server = ok().await;
    let api = schemes(&server, &all(), &json!([])).credential("Header", secret(CANARY));
    let error = api.list().await.unwrap_err();
    assert_eq!(
        error.operator_message(),
        "things has no usable credential for \"Header\": its API's document has no such security scheme\n\
         the document's security schemes are basic, bearer, cookie, header, mutual, query"
    );
    let error = at(&api, "x").await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert!(!format!("{api:?} {error:?}").contains("canary"));
    let without = crate::api(&server, &json!({})).credential("header", secret(CANARY));
    let message = without.list().await.unwrap_err().operator_message();
    assert!(message.ends_with("give a bearer token under the name \"*\""), "{message}");
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn g64_a_credential_does_not_follow_a_redirect_elsewhere() {
    let other = ok().await;
    let location = format!("Location: {}", other.url("/"));
    let server = Server::start(move |seen| match seen.path() {
        "/v1/at/x" => Reply::new("307 Temporary Redirect", &[&location], ""),
        _ => Reply::new("307 Temporary Redirect", &["Location: /v1/at/x"], ""),
    })
    .await;
    for scheme in ["header", "query", "cookie", "bearer"] {
        let api = schemes(&server, &all(), &json!([{ scheme: [] }])).credential("*", secret(CANARY));
        for place in ["x", "y"] {
            let error = at(&api, place).await.unwrap_err();
            assert!(error.to_string().contains("it leads to 127.0.0.1"), "{error}");
        }
    }
    assert!(other.seen().is_empty());
}

#[tokio::test]
async fn a_key_in_the_query_follows_a_redirect_within_the_origin() {
    let server = Server::start(|seen| match seen.path() {
        "/v1/at/x" => Reply::new("302 Found", &["Location: /v1/at/y?page=2&api_key=other"], ""),
        _ => Reply::json("200 OK", &json!("arrived")),
    })
    .await;
    let api = schemes(&server, &all(), &json!([{"query": []}])).credential("query", secret("the key itself"));
    assert_eq!(at(&api, "x").await.unwrap(), json!("arrived"));
    let targets: Vec<String> = server.seen().into_iter().map(|seen| seen.target).collect();
    assert_eq!(targets, ["/v1/at/x?api_key=the+key+itself", "/v1/at/y?page=2&api_key=the+key+itself"]);
}

/// Echoes what it was sent, in every way.
async fn parrot() -> Server {
    Server::start(|seen| {
        let key = seen.header("x-key").or(seen.header("authorization")).unwrap_or_default().to_owned();
        let escaped: String = url::form_urlencoded::byte_serialize(key.as_bytes()).collect();
        let body = json!({
            "plain": format!("your key is {key}!"), "target": seen.target, &key: {"nested": [key, null, 7]},
            "base64": [STANDARD.encode(&key), STANDARD.encode(format!("x:{key}")), URL_SAFE_NO_PAD.encode(format!("ab{key}cd"))],
            "escaped": [&escaped, escaped.to_lowercase(), json!(key).to_string(), json!(json!(key).to_string()).to_string()],
            "message": format!("invalid key {key}"),
        });
        match seen.path() {
            "/v1/at/fail" => Reply::json("401 Unauthorized", &body),
            "/v1/at/text" => Reply::new("200 OK", &["Content-Type: text/plain"], body.to_string()),
            "/v1/at/bytes" => Reply::new("200 OK", &["Content-Type: image/png"], format!("\u{1}{key}")),
            "/v1/at/redirect" => Reply::new("302 Found", &[&format!("Location: https://{escaped}.example/")], body.to_string()),
            _ => Reply::json("200 OK", &body),
        }
    })
    .await
}

fn assert_clean(text: &str, given: &str) {
    let lower = text.to_lowercase();
    for needle in [given, "canary", "0123456789"] {
        assert!(!lower.contains(needle), "{needle} in {text}");
    }
    for before in 0..3 {
        let encoded = STANDARD.encode(format!("{}{given}", "x".repeat(before)));
        let middle = &encoded[4..12];
        assert!(!text.contains(middle), "{middle} in {text}");
    }
}

#[tokio::test]
async fn g69_no_answer_gives_a_secret_away() {
    let server = parrot().await;
    for (scheme, given) in [
        ("header", CANARY),
        ("query", CANARY),
        ("bearer", CANARY),
        ("basic", "someone:canary 0123456789 / + ?"),
    ] {
        let api = schemes(&server, &all(), &json!([{ scheme: [] }])).credential("*", secret(given));
        for place in ["json", "text", "bytes"] {
            let text = at(&api, place).await.unwrap().to_string();
            assert_clean(&text, given);
            assert!(text.contains("[redacted]") || scheme == "query", "{scheme} {place}: {text}");
        }
        for place in ["fail", "redirect"] {
            let error = at(&api, place).await.unwrap_err();
            let CallError::Tool { problem, .. } = &error else { panic!("{error:?}") };
            assert_clean(&format!("{error} {} {problem:?} {error:?}", error.operator_message()), given);
        }
    }
}

#[tokio::test]
async fn g69_no_failure_gives_a_secret_away() {
    for reply in [Reply::Drop, Reply::Last(b"HTTP/1.1 garbage\r\n\r\n".to_vec())] {
        let server = Server::always(reply).await;
        let api = schemes(&server, &all(), &json!([{"query": []}])).credential("*", secret(CANARY));
        let error = at(&api, "x").await.unwrap_err();
        assert_clean(&format!("{error} {} {error:?}", error.operator_message()), CANARY);
        drop(server);
        let error = at(&api, "x").await.unwrap_err();
        assert_clean(&format!("{error} {} {error:?}", error.operator_message()), CANARY);
        assert!(!format!("{error:?}").contains("api_key"));
    }
}

#[tokio::test]
async fn g69_a_large_answer_gives_no_secret_away() {
    let server = Server::start(|seen| {
        let filler = "x".repeat(1000);
        let items: Vec<Value> = (0..500).map(|n| json!([n, filler, seen.header("x-key")])).collect();
        Reply::json("200 OK", &json!(items))
    })
    .await;
    let api = schemes(&server, &all(), &json!([{"header": []}])).credential("*", secret(CANARY));
    let result = at(&api, "x").await.unwrap();
    assert_eq!(result.as_array().unwrap().len(), 500);
    assert!(result.as_array().unwrap().iter().all(|item| item[2] == "[redacted]"));
}

#[tokio::test]
async fn a_call_cannot_put_something_in_a_credentials_place() {
    let parameter =
        |name: &str, place: &str| json!({"name": name, "in": place, "schema": {"type": "string"}});
    let parameters =
        [parameter("api_key", "query"), parameter("other", "query"), parameter("session", "cookie")];
    let more = json!({
        "components": {"securitySchemes": all()},
        "security": [{"query": [], "cookie": []}],
        "paths": {"/keyed": {"get": {"operationId": "keyed", "parameters": parameters, "responses": {}}}},
    });
    let server = ok().await;
    let api = api(&server, &more)
        .credential("query", secret("the real key"))
        .credential("cookie", secret("the real session"));
    call(&api, "keyed", json!({"api_key": "forged", "other": "a b", "session": "forged"})).await.unwrap();
    let seen = server.only();
    assert_eq!(seen.target, "/v1/keyed?other=a%20b&api_key=the+real+key");
    assert_eq!(seen.header("cookie"), Some("session=the real session"));
}
