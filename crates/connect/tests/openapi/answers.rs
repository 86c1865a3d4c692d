//! From an answer to a result or an error.

use codemode_connect::{Call, CallError, Connector, Delivery};
use serde_json::{Value, json};

use crate::server::{Reply, Server};
use crate::{LONG, api, at, call};

/// Answers with what the request's place says: `cases/openapi-answers.json` holds answers by name.
async fn server() -> (Server, Vec<Value>) {
    let text = include_str!("../../../../cases/openapi-answers.json");
    let cases: Vec<Value> = serde_json::from_str(text).unwrap();
    let known = cases.clone();
    let server = Server::start(move |seen| {
        let index: usize = seen.path().rsplit('/').next().unwrap().parse().unwrap();
        let case = &known[index];
        let headers: Vec<&str> =
            case["headers"].as_array().unwrap().iter().map(|h| h.as_str().unwrap()).collect();
        let body = match &case["body"] {
            Value::String(text) => text.clone().into_bytes(),
            Value::Array(bytes) => bytes.iter().map(|byte| byte.as_u64().unwrap() as u8).collect(),
            value => value.to_string().into_bytes(),
        };
        Reply::new(case["status"].as_str().unwrap(), &headers, body)
    })
    .await;
    (server, cases)
}

#[tokio::test]
async fn answers_become_results() {
    let (server, cases) = server().await;
    let api = api(&server, &json!({}));
    for (index, case) in cases.iter().enumerate() {
        // Not by a method that would be tried again.
        let call = Call::new("post_at", json!({"place": index.to_string()}), LONG);
        let found = match api.call(call).await {
            Ok(reply) if reply.binary.is_empty() => json!({ "result": reply.value }),
            Ok(reply) => json!({ "result": reply.value, "bytes": reply.binary }),
            Err(CallError::Tool { message, problem }) => json!({
                "error": message,
                "status": problem.status,
                "body": problem.body,
                "retryAfter": problem.retry_after.map(|after| after.as_secs()),
            }),
            Err(error) => {
                json!({"error": error.to_string(), "sent": error.delivery() == Delivery::MaybeSent})
            }
        };
        assert_eq!(found, case["is"], "{}", case["name"]);
    }
}

#[tokio::test]
async fn deep_answers_are_refused() {
    let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let server = Server::start(move |seen| {
        let depth = seen.path().rsplit('/').next().unwrap().parse().unwrap();
        Reply::new("200 OK", &["Content-Type: application/json"], deep(depth))
    })
    .await;
    let api = api(&server, &json!({}));
    assert!(at(&api, "100").await.is_ok());
    for depth in ["101", "130", "100000"] {
        let error = at(&api, depth).await.unwrap_err();
        assert_eq!(error.to_string(), "things gave an answer that cannot be used: it is nested too deeply");
    }
}

#[tokio::test]
async fn an_operation_without_a_result_has_none() {
    let server = Server::always(Reply::new("200 OK", &["Content-Type: text/plain"], "deleted")).await;
    assert_eq!(call(&api(&server, &json!({})), "delete_thing", json!({})).await.unwrap(), Value::Null);
}

#[tokio::test]
async fn a_long_body_of_an_error_is_cut_and_stays_json() {
    let errors: Vec<Value> = (0..10_000).map(|n| json!({"field": n, "message": "is wrong"})).collect();
    let body = json!({"message": "Validation Failed", "errors": errors});
    let server = Server::always(Reply::json("422 Unprocessable Entity", &body)).await;
    let Err(CallError::Tool { message, problem }) = at(&api(&server, &json!({})), "x").await else {
        panic!()
    };
    assert_eq!(message, "422 Unprocessable Entity: Validation Failed");
    let body = problem.body.unwrap();
    assert!(body.to_string().len() < 5000);
    assert_eq!(body["errors"][0], json!({"field": 0, "message": "is wrong"}));
    assert!(body["errors"].as_array().unwrap().last().unwrap().as_str().unwrap().ends_with("more"));
}
