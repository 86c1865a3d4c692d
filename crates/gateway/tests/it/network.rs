//! What a server on a network withstands: names, pages, sizes, times, numbers.

use codemode::Runtime;
use codemode_gateway::{Gateway, HttpError, HttpOptions, HttpServer};
use serde_json::json;

use crate::raw::NEWER;
use crate::upstream::Upstream;
use crate::wire::{Ask, Site, execute, initialize, newer, serve};

async fn site(text: &str) -> (Upstream, Site) {
    let upstream = Upstream::new();
    let site = Site::start(&upstream.runtime().await, text).await;
    (upstream, site)
}

#[tokio::test]
async fn programs_run_over_http_in_both_eras() {
    let (_, site) = site("").await;
    let answer = site.ask(execute("return (await shop.echo({ a: 1 })).echo.a + 1")).await;
    assert_eq!((answer.status, &answer.json()["result"]["structuredContent"]["result"]), (200, &json!(2)));
    let mut wire = site.connect().await;
    let greeted = wire.ask(Ask::post(&initialize())).await;
    let session = greeted.header("mcp-session-id").to_owned();
    assert_eq!((greeted.status, session.is_empty()), (200, false), "{greeted:?}");
    let inside = |message| Ask::post(&message).header("mcp-session-id", &session);
    let noted = wire.ask(inside(json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }))).await;
    assert_eq!(noted.status, 202);
    let params = json!({ "name": "execute", "arguments": { "code": "return 1 + 2" } });
    let answer = wire
        .ask(inside(json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": params })))
        .await;
    assert_eq!(answer.json()["result"]["structuredContent"]["result"], 3, "{answer:?}");
    site.stop().await;
}

#[tokio::test]
async fn g01_g03_a_page_of_another_origin_is_refused() {
    let (upstream, site) = site("allowed_origins = ['https://app.example.com']").await;
    let port = site.address.port();
    let from = |origin: &str| execute("return await shop.echo({})").header("origin", origin);
    for origin in [
        "https://evil.example",
        "null",
        "http://localhost.evil",
        "http://127.0.0.1:1",
        "http://localhost:1",
        &format!("http://localhost:{port}"),
        &format!("https://127.0.0.1:{port}"),
        &format!("http://127.0.0.1:{port}.evil"),
        "https://app.example.com.evil",
        "https://app.example.com:444",
        "http://app.example.com",
        "",
    ] {
        let answer = site.ask(from(origin)).await;
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (403, ""), "{origin}");
    }
    // Two of them are none, even where each would do.
    let twice = from("https://app.example.com").header("origin", "https://app.example.com");
    assert_eq!(site.ask(twice).await.status, 403);
    assert!(upstream.happened().is_empty());
    for origin in ["https://app.example.com", &format!("http://127.0.0.1:{port}")] {
        let answer = site.ask(from(origin)).await;
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, origin));
    }
    assert_eq!(upstream.happened(), ["echo", "echo"]);
}

#[tokio::test]
async fn g02_a_name_that_is_not_the_servers_is_refused() {
    let (upstream, site) = site("").await;
    let port = site.address.port();
    let ask = || execute("return await shop.echo({})");
    for host in [
        "evil.example",
        "127.0.0.1.evil",
        "localhost.evil",
        "evil.localhost",
        "127.0.0.1@evil.example",
        "",
        "0.0.0.0",
        "[::ffff:127.0.0.1]",
    ] {
        assert_eq!(site.ask(ask().header("host", host)).await.status, 403, "{host}");
    }
    assert_eq!(site.ask(ask().without("host")).await.status, 403);
    let twice = ask().header("host", "127.0.0.1").header("host", "127.0.0.1");
    assert_eq!(site.ask(twice).await.status, 403);
    // The name in a whole URL counts as much.
    let mut whole = ask();
    whole.target = "http://evil.example/mcp".to_owned();
    assert_eq!(site.ask(whole.header("host", "127.0.0.1")).await.status, 403);
    // Nor are the pages for operators there under another name, but for those of probes, which know addresses only.
    for (page, status) in
        [("/metrics", 403), ("/", 403), ("/healthz/", 403), ("/healthz", 200), ("/readyz", 503)]
    {
        for host in ["evil.example", "10.1.2.3:8931"] {
            let answer = site.ask(Ask::new("GET", page).header("host", host)).await;
            assert_eq!(answer.status, status, "{page} {host}");
        }
    }
    assert!(upstream.happened().is_empty());
    for host in ["localhost", "127.0.0.1", "[::1]", "LOCALHOST", &format!("127.0.0.1:{port}")] {
        assert_eq!(site.ask(ask().header("host", host)).await.status, 200, "{host}");
    }
}

#[tokio::test]
async fn names_are_those_that_are_configured() {
    let (_, site) = site("allowed_hosts = ['mcp.example.com', 'b.example:8443']").await;
    let ask = |host: &str| execute("return 1").header("host", host);
    for (host, status) in [
        ("mcp.example.com", 200),
        ("MCP.example.com:1", 200),
        ("b.example:8443", 200),
        ("b.example", 403),
        ("b.example:84430", 403),
        ("127.0.0.1", 403),
    ] {
        assert_eq!(site.ask(ask(host)).await.status, status, "{host}");
    }
}

#[tokio::test]
async fn g04_nothing_that_others_reach_is_open() {
    let runtime = Runtime::builder().build().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let bound = |bind: &str, more: &str| {
        let mut serve = serve(more);
        serve.bind = bind.parse().unwrap();
        HttpServer::new(&Gateway::default(), &runtime, HttpOptions::new(serve).state(folder.path()))
    };
    for bind in ["0.0.0.0:0", "[::]:0", "10.1.2.3:0", "[::ffff:10.1.2.3]:0"] {
        for more in ["", "[serve.auth]\nmode = 'none'"] {
            let error = bound(bind, more).unwrap_err();
            assert!(matches!(error, HttpError::Open(_)), "{error}");
            let said = error.to_string();
            assert!(
                said.contains(bind) && said.contains("codemode token create") && said.contains("127.0.0.1"),
                "{said}"
            );
        }
        bound(bind, "[serve.auth]\nmode = 'token'").unwrap();
    }
    for bind in ["127.0.0.1:0", "[::1]:0", "localhost:0"] {
        bound(bind, "").unwrap();
    }
    assert_eq!(codemode::config::Serve::default().bind.to_string(), "127.0.0.1:8931");
    // Nor does it become so while it runs.
    let server = bound("0.0.0.0:0", "[serve.auth]\nmode = 'token'").unwrap();
    assert!(matches!(
        server.reload(&runtime, &serve("[serve.auth]\nmode = 'none'")),
        Err(HttpError::Open(_))
    ));
}

#[tokio::test]
async fn g05_a_preflight_allows_one_origin_exactly() {
    let (_, site) = site("allowed_origins = ['https://app.example.com']").await;
    let preflight = |origin: &str| {
        Ask::new("OPTIONS", "/mcp")
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "mcp-param-city, x-evil, mcp-param-a b")
    };
    let answer = site.ask(preflight("https://app.example.com")).await;
    assert_eq!(
        (answer.status, answer.header("access-control-allow-origin")),
        (204, "https://app.example.com")
    );
    assert_eq!(answer.header("vary"), "origin");
    assert!(!answer.headers.contains_key("access-control-allow-credentials"));
    let allowed = answer.header("access-control-allow-headers");
    assert!(allowed.contains("authorization") && allowed.ends_with(", mcp-param-city"), "{allowed}");
    assert!(answer.headers.values().all(|value| !value.contains('*')), "{answer:?}");
    let refused = site.ask(preflight("https://evil.example")).await;
    assert_eq!((refused.status, refused.header("access-control-allow-origin")), (403, ""));
    // Without an origin it is no preflight.
    assert_eq!(site.ask(Ask::new("OPTIONS", "/mcp")).await.status, 405);
}

/// Says where the authorization server is.
const AUTH: &str = "[serve.auth]\nissuer = 'https://login.example'\nresource = 'https://mcp.example.com'";

#[tokio::test]
async fn the_resource_is_named_as_it_was_configured() {
    let (_, site) = site(AUTH).await;
    let metadata = site.ask(Ask::new("GET", "/.well-known/oauth-protected-resource")).await.json();
    assert_eq!(metadata["resource"], "https://mcp.example.com");
}

#[tokio::test]
async fn g06_headers_that_differ_from_the_body_are_refused() {
    let (upstream, site) = site("").await;
    let message = newer(
        "tools/call",
        json!({ "name": "execute", "arguments": { "code": "return await shop.echo({})" } }),
    );
    let with = |version: &str, method: &str, name: &str| {
        let ask = Ask::post(&message).header("mcp-protocol-version", version);
        ask.header("mcp-method", method).header("mcp-name", name)
    };
    for (version, method, name) in [
        (NEWER, "tools/list", "execute"),
        (NEWER, "tools/call", "search"),
        (NEWER, "tools/call", "=?base64?c2VhcmNo?="),
        (NEWER, "tools/call", "=?base64?not base64?="),
        (NEWER, "TOOLS/CALL", "execute"),
        ("2025-11-25", "tools/call", "execute"),
    ] {
        let answer = site.ask(with(version, method, name)).await;
        assert_eq!(
            (answer.status, &answer.json()["error"]["code"]),
            (400, &json!(-32020)),
            "{method} {name} {answer:?}"
        );
    }
    assert!(upstream.happened().is_empty());
    assert_eq!(site.ask(with(NEWER, "tools/call", "execute")).await.status, 200);
    assert_eq!(site.ask(with(NEWER, "tools/call", "=?base64?ZXhlY3V0ZQ==?=")).await.status, 200);
}

#[tokio::test]
async fn g07_what_a_request_has_to_say_of_itself_it_says() {
    let (_, site) = site("").await;
    let code = |answer: &crate::wire::Heard| answer.json()["error"]["code"].as_i64().unwrap();
    let mut message = newer("tools/list", json!({}));
    message["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"] = json!("2099-01-01");
    let ask =
        Ask::post(&message).header("mcp-protocol-version", "2099-01-01").header("mcp-method", "tools/list");
    let answer = site.ask(ask).await;
    assert_eq!((answer.status, code(&answer)), (400, -32022), "{answer:?}");
    for missing in ["clientCapabilities", "protocolVersion"] {
        let mut message = newer("tools/list", json!({}));
        message["params"]["_meta"]
            .as_object_mut()
            .unwrap()
            .remove(&format!("io.modelcontextprotocol/{missing}"));
        let ask =
            Ask::post(&message).header("mcp-protocol-version", NEWER).header("mcp-method", "tools/list");
        let answer = site.ask(ask).await;
        assert_eq!(answer.status, 400, "{missing} {answer:?}");
        assert!([-32602, -32020].contains(&code(&answer)), "{missing} {answer:?}");
    }
}

#[tokio::test]
async fn g08_only_posts_are_of_the_newer_era() {
    let (_, site) = site("").await;
    for method in ["GET", "DELETE"] {
        let ask = Ask::new(method, "/mcp")
            .header("mcp-protocol-version", NEWER)
            .header("accept", "text/event-stream");
        assert_eq!(site.ask(ask).await.status, 405, "{method}");
    }
    for method in ["PUT", "PATCH", "TRACE"] {
        let answer = site.ask(Ask::new(method, "/mcp")).await;
        assert_eq!((answer.status, answer.header("allow")), (405, "POST, GET, DELETE"), "{method}");
    }
}
