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
    assert!(api.amounts_to("request", &arguments).is_empty());
    let known = json!({"method": "delete", "path": "/thing"});
    assert_eq!(api.amounts_to("request", &known), ["delete_thing"]);
    assert!(api.amounts_to("get_thing", &known).is_empty());
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
    assert_eq!(whole.amounts_to("at", &place), ["at_danger"]);
    assert!(whole.amounts_to("at", &json!({"place": "peace"})).is_empty());
    let without = api(&server, &more).exclude(Select::Operation("at_danger".into()));
    let error = call(&without, "at", place).await.unwrap_err();
    assert!(error.to_string().contains("the operator has left that operation out"), "{error}");
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn no_spelling_of_an_argument_reaches_another_operation() {
    let server = Server::always(Reply::json("200 OK", &json!("ok"))).await;
    let more = json!({"paths": {"/at/danger": {"get": {"operationId": "at_danger", "responses": {}}}}});
    let whole = api(&server, &more);
    let without = api(&server, &more).exclude(Select::Operation("at_danger".into()));
    whole.list().await.unwrap();
    for place in ["DANGER", "danger;x", "danger.", "danger.json", "danger/", "%64anger", " danger"] {
        assert_eq!(whole.amounts_to("at", &json!({ "place": place })), ["at_danger"], "{place}");
        let error = call(&without, "at", json!({ "place": place })).await.unwrap_err();
        assert!(error.to_string().contains("the operator has left that operation out"), "{place}: {error}");
    }
    assert!(server.seen().is_empty());
    for place in ["group/project", "peace.json", "dangerous"] {
        assert!(call(&without, "at", json!({ "place": place })).await.is_ok(), "{place}");
    }
}

#[tokio::test]
async fn operations_of_one_path_are_told_apart_by_their_tools_only() {
    let server = Server::always(Reply::json("200 OK", &json!("ok"))).await;
    let operation = |id: &str| json!({"get": {"operationId": id, "responses": {}}});
    let more = json!({"paths": {
        "/cookies": operation("cookies"), "/cookies#formExploded": operation("exploded"),
    }});
    let whole = api(&server, &more);
    assert!(call(&whole, "exploded", json!({})).await.is_ok());
    for tool in ["cookies", "exploded"] {
        assert!(whole.amounts_to(tool, &json!({})).is_empty());
    }
    let arguments = json!({"method": "GET", "path": "/cookies"});
    assert_eq!(whole.amounts_to("request", &arguments), ["cookies", "exploded"]);
    assert!(call(&whole, "request", arguments.clone()).await.is_ok());
    for (left_out, other) in [("cookies", "exploded"), ("exploded", "cookies")] {
        let without = api(&server, &more).exclude(Select::Operation(left_out.into()));
        assert!(call(&without, other, json!({})).await.is_ok(), "{other}");
        let error = call(&without, "request", arguments.clone()).await.unwrap_err();
        assert!(error.to_string().contains("the operator has left that operation out"), "{error}");
    }
}

#[tokio::test]
async fn what_is_excluded_is_so_where_no_operation_describes_it() {
    for (select, refused, allowed) in [
        (Select::Method("delete".into()), vec![("DELETE", "/pets/7")], vec![("GET", "/pets/7")]),
        (Select::Method("GET".into()), vec![("GET", "/pets"), ("HEAD", "/pets")], vec![("POST", "/pets")]),
        (
            Select::Path("/Admin/{id}/*".into()),
            vec![
                ("GET", "/admin/1/x"),
                ("PUT", "/v1/ADMIN/1/x"),
                ("GET", "/%61dmin/1/x/y"),
                ("GET", "//v1//admin//1//x"),
            ],
            vec![("GET", "/administrators/1/x"), ("GET", "/admin/1")],
        ),
        (
            Select::Path("/admin".into()),
            vec![("GET", "/admin/"), ("GET", "/admin.json")],
            vec![("GET", "/admins")],
        ),
        (
            Select::Tag("danger".into()),
            vec![("PATCH", "/thing")],
            vec![("PATCH", "/things"), ("POST", "/thing")],
        ),
        (Select::Operation("put_*".into()), vec![("PATCH", "/thing/")], vec![("DELETE", "/other")]),
    ] {
        let server = Server::always(Reply::json("200 OK", &json!("ok"))).await;
        let api = api(&server, &json!({})).exclude(select.clone());
        for (method, path) in refused {
            let error = call(&api, "request", json!({"method": method, "path": path})).await.unwrap_err();
            assert_eq!(error.delivery(), Delivery::NotSent, "{select:?} {method} {path}: {error}");
        }
        assert!(server.seen().is_empty(), "{select:?}");
        for (method, path) in allowed {
            let result = call(&api, "request", json!({"method": method, "path": path})).await;
            assert!(result.is_ok(), "{select:?} {method} {path}: {result:?}");
        }
    }
}
