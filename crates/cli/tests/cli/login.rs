//! A login from the command line to the file that it leaves, with a server that lets everybody in.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::Stdio;

use axum::extract::Query;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

const TOKEN: &str = "canary-access-token-0123456789";

/// A server that wants a login, and its authorization server. Ends with the test.
fn serve() -> (String, tokio::runtime::Runtime) {
    let tokio = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let listener = tokio.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let us = format!("http://{}", listener.local_addr().unwrap());
    let say = |value: Value| get(move || async move { Json(value) });
    let metadata = json!({
        "issuer": us, "authorization_endpoint": format!("{us}/authorize"), "token_endpoint": format!("{us}/token"),
        "registration_endpoint": format!("{us}/register"), "response_types_supported": ["code"],
        "code_challenge_methods_supported": ["S256"],
    });
    let app = Router::new()
        .route("/mcp", post(mcp).get(|| async { StatusCode::METHOD_NOT_ALLOWED }))
        .route(
            "/.well-known/oauth-protected-resource/mcp",
            say(json!({"resource": format!("{us}/mcp"), "authorization_servers": [us]})),
        )
        .route("/.well-known/oauth-authorization-server", say(metadata))
        .route("/register", post(|| async { Json(json!({"client_id": "us", "redirect_uris": []})) }))
        .route("/authorize", get(authorize))
        .route("/token", post(token));
    tokio.spawn(async move { axum::serve(listener, app).await });
    (format!("{us}/mcp"), tokio)
}

async fn mcp(headers: HeaderMap, Json(body): Json<Value>) -> impl IntoResponse {
    if headers.get("authorization").is_none_or(|value| value != format!("Bearer {TOKEN}").as_str()) {
        return (StatusCode::UNAUTHORIZED, [("www-authenticate", "Bearer")], Json(Value::Null));
    }
    let result = match body["method"].as_str() {
        Some("server/discover") => json!({
            "resultType": "complete", "supportedVersions": ["2026-07-28"], "capabilities": {"tools": {}},
            "serverInfo": {"name": "fake", "version": "0"}, "ttlMs": 0, "cacheScope": "private",
        }),
        _ => json!({"resultType": "complete", "tools": [], "ttlMs": 0, "cacheScope": "private"}),
    };
    (StatusCode::OK, [("x-fake", "1")], Json(json!({"jsonrpc": "2.0", "id": body["id"], "result": result})))
}

async fn authorize(Query(query): Query<HashMap<String, String>>) -> impl IntoResponse {
    let location = format!("{}?code=the-code&state={}", query["redirect_uri"], query["state"]);
    (StatusCode::FOUND, [("location", location)])
}

async fn token(form: String) -> impl IntoResponse {
    assert!(form.contains("code=the-code&"), "{form}");
    Json(json!({"access_token": TOKEN, "token_type": "Bearer", "expires_in": 3600}))
}

/// What a browser does with a page.
fn visit(url: &str) -> String {
    let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    write!(stream, "GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let location = answer.lines().find_map(|line| line.strip_prefix("location: "));
    location.map_or(answer.clone(), visit)
}

#[test]
fn a_person_logs_in_and_out() {
    let (url, _tokio) = serve();
    let state = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let mut command = crate::codemode(arguments);
        command.env("CODEMODE_STATE", state.path());
        command
    };
    // By the name that it has in a configuration; below by its URL alone.
    let config = state.path().join("codemode.toml");
    std::fs::write(&config, format!("[connectors.issues]\nurl = {url:?}\n")).unwrap();
    let mut login = run(&["login", "issues", "--no-browser", "--config", config.to_str().unwrap()])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut page = String::new();
    BufReader::new(login.stdout.take().unwrap()).read_line(&mut page).unwrap();
    let answer = visit(page.trim());
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("You are logged in"), "{answer}");
    let output = login.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && said.ends_with("You are logged in to issues.\n"), "{said}");
    assert!(!said.contains("canary") && !answer.contains("canary") && !page.contains("canary"));
    let kept = state.path().join("credentials/issues.json");
    assert!(std::fs::read_to_string(&kept).unwrap().contains(TOKEN));

    let logout = run(&["logout", "issues", "--url", &url]).output().unwrap();
    assert_eq!(String::from_utf8(logout.stderr).unwrap(), "You are logged out of issues.\n");
    assert!(!kept.exists());
}
