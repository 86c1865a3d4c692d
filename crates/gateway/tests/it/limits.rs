//! What clients may take, and that others are served while some take too much.

use std::time::Duration;

use codemode_gateway::HttpOptions;
use serde_json::json;
use tokio::io::AsyncWriteExt as _;

use crate::raw::NEWER;
use crate::upstream::Upstream;
use crate::wire::{Ask, Site, execute, initialize, serve};

async fn site(limits: &str) -> (Upstream, Site) {
    let upstream = Upstream::new();
    let site = Site::start(&upstream.runtime().await, &format!("[serve.limits]\n{limits}")).await;
    (upstream, site)
}

#[tokio::test]
async fn g10_what_two_readers_could_read_differently_reaches_nobody() {
    let (upstream, site) = site("").await;
    let call = r#""method":"tools/call","params":{"name":"execute","arguments":{"code":"return await shop.echo({})"}}"#;
    let whole = format!(r#"{{"jsonrpc":"2.0","id":1,{call}}}"#);
    let deep = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"x","params":{}1{}}}"#,
        "[".repeat(200),
        "]".repeat(200)
    );
    let payloads: [Vec<u8>; 13] = [
        format!("[{whole}]").into(),
        format!(r#"{{"jsonrpc":"2.0","id":1,"id":2,{call}}}"#).into(),
        format!(r#"{{"jsonrpc":"2.0","id":null,{call}}}"#).into(),
        format!(r#"{{"jsonrpc":"2.0","id":{},{call}}}"#, "9".repeat(400)).into(),
        r#"{"jsonrpc":"2.0","id":1,"method":{"method":"tools/call"},"params":{}}"#.into(),
        format!(r#"{{"jsonrpc":2.0,"id":1,{call}}}"#).into(),
        format!("{whole}{whole}").into(),
        deep.into(),
        format!(r#"{{"jsonrpc":"2.0","id":1,"method":"ping",{call}}}"#).into(),
        format!(r#"{{"JSONRPC":"2.0","id":1,{call}}}"#).into(),
        format!(r#"{{"jsonrpc":"2.0","id":1,"Method":"ping",{call}}}"#).into(),
        [whole.as_bytes(), b"\xff"].concat(),
        format!(r#"{{"jsonrpc":"2.0","id":NaN,{call}}}"#).into(),
    ];
    for payload in payloads {
        let text = String::from_utf8_lossy(&payload).into_owned();
        let mut ask = Ask::post(&json!(null)).header("mcp-protocol-version", NEWER);
        ask.body = payload;
        let answer = site.ask(ask).await;
        let code = answer.json()["error"]["code"].as_i64().unwrap();
        assert_eq!((answer.status, [-32700, -32600].contains(&code)), (400, true), "{text} {answer:?}");
    }
    assert!(upstream.happened().is_empty());
}

#[tokio::test]
async fn g11_bodies_are_as_large_as_they_may_be() {
    let (upstream, site) = site("body = '2KiB'\nheaders = '8KiB'").await;
    let large = execute(&format!("return await shop.echo({{}}) //{}", "x".repeat(2048)));
    let answer = site.ask(large.clone()).await;
    assert_eq!((answer.status, answer.header("connection")), (413, "close"), "{answer:?}");
    // A length that is announced is not waited for.
    let announced = Ask::post(&json!({})).header("content-length", "100000000000");
    assert_eq!(site.ask(announced).await.status, 413);
    // Nor one that is not announced.
    let mut wire = site.connect().await;
    let mut chunked = Ask::post(&json!({})).without("content-length").header("transfer-encoding", "chunked");
    chunked.body.clear();
    wire.begin(chunked).await;
    let chunk = format!("400\r\n{}\r\n", "x".repeat(1024));
    for _ in 0..64 {
        if wire.stream.write_all(chunk.as_bytes()).await.is_err() {
            break;
        }
    }
    assert!(wire.hear().await.is_none_or(|answer| answer.status == 413));
    for coding in ["gzip", "br", "deflate", "identity, gzip"] {
        let answer = site.ask(execute("return await shop.echo({})").header("content-encoding", coding)).await;
        assert_eq!(answer.status, 415, "{coding}");
    }
    let answer = site.ask(execute("return 1").header("x-long", &"x".repeat(9000))).await;
    assert_eq!(answer.status, 431);
    let many = (0..200).fold(execute("return 1"), |ask, n| ask.header(&format!("x-{n}"), "1"));
    assert_eq!(site.ask(many).await.status, 431);
    assert!(upstream.happened().is_empty());
    assert_eq!(site.ask(execute("return 1")).await.status, 200);
}

#[tokio::test]
async fn g11_who_sends_nothing_is_not_waited_for() {
    let (upstream, site) =
        site("header_timeout = '200ms'\nbody_timeout = '200ms'\nidle_timeout = '200ms'").await;
    // Headers that come a byte at a time, and never end.
    let mut slow = site.connect().await;
    slow.send(b"POST /mcp HTTP/1.1\r\nhost: 127.0.0.1\r\nx-").await;
    let mut trickle = site.connect().await;
    let silent = site.connect().await;
    // Others are served meanwhile.
    assert_eq!(site.ask(execute("return 1")).await.status, 200);
    let more = async {
        while trickle.stream.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(crate::wire::PATIENCE, more).await.expect("the headers are waited for for ever");
    for mut wire in [slow, silent] {
        assert!(wire.ends().await);
    }
    let mut half = site.connect().await;
    let mut bytes = execute("return await shop.echo({})").bytes("127.0.0.1");
    bytes.truncate(bytes.len() - 10);
    half.send(&bytes).await;
    assert_eq!(half.hear().await.unwrap().status, 408);
    assert!(half.ends().await);
    // A connection with nothing to ask.
    let mut idle = site.connect().await;
    assert_eq!(idle.ask(execute("return 1")).await.status, 200);
    assert!(idle.ends().await);
    // A program is waited for as long as it takes.
    let program = "await new Promise((done) => setTimeout(done, 600)); return 1";
    assert_eq!(site.ask(execute(program)).await.status, 200);
    assert!(upstream.happened().is_empty());
}

#[tokio::test]
async fn g11_connections_beyond_their_number_are_refused_and_the_others_served() {
    let (_, site) = site("connections = 20").await;
    let mut there = Vec::new();
    for _ in 0..20 {
        there.push(site.connect().await);
    }
    // All of them are there when the last one is answered.
    assert_eq!(there[19].ask(execute("return 1")).await.status, 200);
    for _ in 0..100 {
        let mut refused = site.connect().await;
        let heard = refused.hear().await;
        assert!(heard.is_none_or(|answer| answer.status == 503));
        assert!(refused.ends().await);
    }
    for wire in &mut there {
        assert_eq!(wire.ask(execute("return 1")).await.status, 200);
    }
    drop(there);
    // Places are given back.
    let again = async {
        loop {
            let mut wire = site.connect().await;
            wire.begin(execute("return 1")).await;
            if wire.hear().await.is_some_and(|answer| answer.status == 200) {
                break;
            }
        }
    };
    tokio::time::timeout(crate::wire::PATIENCE, again).await.unwrap();
}

#[tokio::test]
async fn g11_an_address_has_so_many_connections() {
    let (_, site) = site("connections_per_address = 2").await;
    let (mut first, mut second) = (site.connect().await, site.connect().await);
    assert_eq!(first.ask(execute("return 1")).await.status, 200);
    assert_eq!(second.ask(execute("return 1")).await.status, 200);
    assert!(site.connect().await.ends().await);
    assert_eq!(first.ask(execute("return 1")).await.status, 200);
}

#[tokio::test]
async fn g11_streams_and_requests_at_once_are_bounded() {
    let (upstream, site) = site("requests = 2\nstreams = 1").await;
    let greeted = site.ask(Ask::post(&initialize())).await;
    let session = greeted.header("mcp-session-id").to_owned();
    let stream =
        || Ask::new("GET", "/mcp").header("mcp-session-id", &session).header("accept", "text/event-stream");
    let mut open = site.connect().await;
    open.begin(stream()).await;
    let head = open.head().await.unwrap();
    assert_eq!((head.status, head.header("content-type")), (200, "text/event-stream"));
    let answer = site.ask(stream()).await;
    assert_eq!((answer.status, answer.header("retry-after")), (429, "1"));
    // A stream is no request: those have places of their own.
    let mut waiting = Vec::new();
    for _ in 0..2 {
        let mut wire = site.connect().await;
        wire.begin(execute("return await shop.slow({})")).await;
        waiting.push(wire);
    }
    upstream.until("slow").await;
    let both = async {
        while upstream.happened().len() < 2 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(crate::wire::PATIENCE, both).await.unwrap();
    let answer = site.ask(execute("return 1")).await;
    assert_eq!((answer.status, answer.header("retry-after")), (429, "1"));
    assert!(answer.json()["message"].as_str().unwrap().contains("2 requests"));
    // G12: who leaves has nothing done for them any more, and their place is another's.
    drop(waiting);
    upstream.until("slow cancelled").await;
    let free = async { while site.ask(execute("return 1")).await.status != 200 {} };
    tokio::time::timeout(crate::wire::PATIENCE, free).await.unwrap();
}

#[tokio::test]
async fn requests_come_as_fast_as_they_may() {
    let (_, site) = site("rate = 1\nburst = 3").await;
    let mut wire = site.connect().await;
    let mut statuses = Vec::new();
    for _ in 0..6 {
        let answer = wire.ask(execute("return 1")).await;
        assert_eq!(answer.headers.contains_key("retry-after"), answer.status == 429);
        statuses.push(answer.status);
    }
    assert_eq!(statuses[..3], [200, 200, 200]);
    assert!(statuses.contains(&429), "{statuses:?}");
}

#[tokio::test]
async fn g13_nothing_is_smuggled_behind_a_request() {
    let (upstream, site) = site("").await;
    let smuggled = execute("return await shop.echo({})").bytes("127.0.0.1");
    let head = "POST /mcp HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\naccept: application/json, text/event-stream\r\n";
    for framing in [
        "content-length: 5\r\ntransfer-encoding: chunked\r\n",
        "transfer-encoding: chunked\r\ncontent-length: 5\r\n",
        "content-length: 5\r\ncontent-length: 6\r\n",
        "content-length: 5, 6\r\n",
        "content-length: +5\r\n",
        "transfer-encoding: xchunked\r\n",
        "transfer-encoding: chunked, identity\r\n",
        "transfer-encoding : chunked\r\n",
        "x-a: b\r\n folded: c\r\ncontent-length: 0\r\n",
        "x-a: b\rcontent-length: 5\r\n",
        "x-a: \0\r\n",
    ] {
        let mut wire = site.connect().await;
        let mut bytes = format!("{head}{framing}\r\n0\r\n\r\n").into_bytes();
        bytes.extend(&smuggled);
        let _ = wire.stream.write_all(&bytes).await;
        let answer = wire.hear().await;
        assert!(answer.as_ref().is_none_or(|answer| answer.status == 400), "{framing:?} {answer:?}");
        assert!(wire.hear().await.is_none(), "{framing:?}: there was a second answer");
    }
    assert!(upstream.happened().is_empty());
}

#[tokio::test]
async fn what_was_asked_before_the_end_is_answered() {
    let (upstream, site) = site("").await;
    let mut wire = site.connect().await;
    let mut idle = site.connect().await;
    assert_eq!(idle.ask(execute("return 1")).await.status, 200);
    let program = "await shop.echo({}); await new Promise((done) => setTimeout(done, 300)); return 7";
    wire.begin(execute(program)).await;
    upstream.until("echo").await;
    let address = site.address;
    site.stop().await;
    assert_eq!(wire.hear().await.unwrap().json()["result"]["structuredContent"]["result"], 7);
    assert!(idle.ends().await);
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn what_does_not_end_is_given_up() {
    let upstream = Upstream::new();
    let options = HttpOptions::new(serve("")).grace(Duration::from_millis(100));
    let site = Site::with(&upstream.runtime().await, options).await;
    let mut wire = site.connect().await;
    wire.begin(execute("return await shop.slow({})")).await;
    upstream.until("slow").await;
    site.stop().await;
    upstream.until("slow cancelled").await;
}
