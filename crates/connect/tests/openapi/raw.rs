//! Requests that no operation describes.

use codemode_connect::{Connector, Delivery, Select};
use serde_json::json;

use crate::server::{Reply, Server};
use crate::{api, call};

#[tokio::test]
async fn a_raw_request_is_sent_below_the_base() {
    let server = Server::always(Reply::json("200 OK", &json!("ok"))).await;
    let api = api(&server, &json!({}));
    let arguments = json!({"method": "GET", "path": "/other", "query": {"a": [1, 2]}});
    assert_eq!(call(&api, "request", arguments.clone()).await.unwrap(), json!("ok"));
    assert_eq!(server.only().target, "/v1/other?a=1&a=2");
    assert_eq!(api.amounts_to("request", &arguments), None);
    let known = json!({"method": "delete", "path": "/thing"});
    assert_eq!(api.amounts_to("request", &known).as_deref(), Some("delete_thing"));
    assert_eq!(api.amounts_to("get_thing", &known), None);
}

#[tokio::test]
async fn what_the_operator_left_out_is_out_of_reach() {
    let server = Server::always(Reply::json("200 OK", &json!("ok"))).await;
    let without = api(&server, &json!({})).exclude(Select::Tag("danger".into()));
    let error = call(&without, "request", json!({"method": "DELETE", "path": "/thing"})).await.unwrap_err();
    assert!(error.to_string().contains("the operator has left that operation out"), "{error}");
    assert_eq!(error.delivery(), Delivery::NotSent);
    let only = api(&server, &json!({})).include(Select::Operation("get_thing".into()));
    for path in ["/other", "/at/x"] {
        let error = call(&only, "request", json!({"method": "GET", "path": path})).await.unwrap_err();
        assert!(error.to_string().contains("the operator has left that operation out"), "{error}");
    }
    assert!(server.seen().is_empty());
    assert!(call(&only, "request", json!({"method": "GET", "path": "/thing"})).await.is_ok());
}

#[tokio::test]
async fn an_argument_that_names_another_operation_does_not_reach_it() {
    let server = Server::always(Reply::json("200 OK", &json!("ok"))).await;
    let more = json!({"paths": {"/at/danger": {"get": {"operationId": "at_danger", "responses": {}}}}});
    let place = json!({"place": "danger"});
    let whole = api(&server, &more);
    assert_eq!(call(&whole, "at", place.clone()).await.unwrap(), json!("ok"));
    assert_eq!(whole.amounts_to("at", &place).as_deref(), Some("at_danger"));
    assert_eq!(whole.amounts_to("at", &json!({"place": "peace"})), None);
    let without = api(&server, &more).exclude(Select::Operation("at_danger".into()));
    let error = call(&without, "at", place).await.unwrap_err();
    assert!(error.to_string().contains("the operator has left that operation out"), "{error}");
    assert_eq!(server.seen().len(), 1);
}
