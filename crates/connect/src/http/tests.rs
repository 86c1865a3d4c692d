//! The client against servers on the loopback, with a resolver that says what a test wants it to.

use std::collections::VecDeque;
use std::io::Write;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::Method;
use reqwest::header::HeaderMap;
use url::Url;

use super::client::Budget;
use super::resolve::Lookup;
use super::*;
use crate::{BoxFuture, Delivery};
use server::{Reply, Server};

#[path = "../../tests/openapi/server.rs"]
mod server;

const LONG: Duration = Duration::from_secs(20);

/// Answers in turn; the last one stays.
struct Script(Mutex<VecDeque<Vec<IpAddr>>>);

impl Script {
    fn new(answers: &[&str]) -> Arc<Self> {
        let parse = |text: &&str| text.split_whitespace().map(|address| address.parse().unwrap()).collect();
        Arc::new(Self(Mutex::new(answers.iter().map(parse).collect())))
    }
}

impl Lookup for Script {
    fn lookup(&self, _host: &str) -> BoxFuture<'static, std::io::Result<Vec<IpAddr>>> {
        let mut answers = self.0.lock().unwrap();
        let answer = if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() };
        Box::pin(async move { answer.ok_or_else(|| std::io::Error::other("no such host")) })
    }
}

fn allowing(texts: &[&str]) -> Arc<Guard> {
    Arc::new(Guard::new(texts.iter().map(|text| text.parse().unwrap())))
}

fn client(guard: &Arc<Guard>, lookup: Arc<dyn Lookup>) -> Client {
    let limits = HttpLimits { connect_timeout: Duration::from_secs(5), ..HttpLimits::default() };
    Client::with_lookup(guard.clone(), &limits, lookup).unwrap()
}

fn get(url: &str) -> Request {
    let url = Url::parse(url).unwrap();
    Request { method: Method::GET, url, headers: HeaderMap::new(), body: None, keys: Vec::new() }
}

async fn send(client: &Client, request: Request) -> Result<Response, Failure> {
    client.send(request, Budget::new(LONG, 1024 * 1024)).await
}

async fn refused(client: &Client, url: &str) -> String {
    match send(client, get(url)).await {
        Err(failure @ Failure::Refused(_)) => {
            assert_eq!(failure.delivery(), Delivery::NotSent);
            failure.to_string()
        }
        other => panic!("{url}: {other:?}"),
    }
}

#[tokio::test]
async fn g65_private_addresses_are_refused_in_every_spelling() {
    let client = client(&allowing(&[]), Arc::new(resolve::System));
    for host in [
        "127.1",
        "0177.0.0.1",
        "2130706433",
        "0x7f.1",
        "0x7f000001",
        "127.0.0.1.",
        "127.0.0.1",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::1]",
        "[0:0:0:0:0:0:0:1]",
        "[::127.0.0.1]",
        "[fe80::1]",
        "[fd00::1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "0.0.0.0",
        "0",
        "169.254.169.254",
        "100.64.0.1",
        "10.0.0.1",
        "192.168.0.1",
        "①②⑦.⓪.⓪.①",
        "localhost",
        "LOCALHOST",
        "user:password@127.0.0.1",
    ] {
        refused(&client, &format!("http://{host}:9/")).await;
    }
    // A zone is no part of a URL's host.
    assert!(Url::parse("http://[fe80::1%25eth0]/").is_err());
}

#[tokio::test]
async fn g65_a_name_is_judged_by_what_it_resolves_to() {
    for answer in ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:10.0.0.1", "fd00::1"] {
        let client = client(&allowing(&[]), Script::new(&[answer]));
        let message = refused(&client, "http://harmless.example:9/").await;
        assert!(message.starts_with("harmless.example is at "), "{message}");
        // Not every system's resolver takes the dot.
        refused(&client, "http://localhost.:9/").await;
    }
}

#[tokio::test]
async fn g65_what_is_allowed_is_reached() {
    let server = Server::always(Reply::new("200 OK", &[], "hello")).await;
    let port = server.address.port();
    for (allowed, host) in [
        ("127.0.0.0/8", "127.0.0.1"),
        ("127.0.0.1", "some.example"),
        ("127.1", "some.example"),
        ("some.example", "some.example"),
        ("Some.Example.", "some.example"),
        ("some.example", "SOME.example."),
        ("::ffff:0:0/96", "some.example"),
    ] {
        let client = client(&allowing(&[allowed]), Script::new(&["127.0.0.1"]));
        let outcome = send(&client, get(&format!("http://{host}:{port}/"))).await;
        match allowed {
            // A range of mapped addresses is not one of what they map to.
            "::ffff:0:0/96" => assert!(matches!(outcome, Err(Failure::Refused(_)))),
            _ => assert_eq!(outcome.unwrap().body, b"hello", "{allowed}"),
        }
    }
    let client = client(&allowing(&["some.example", "10.0.0.0/8"]), Script::new(&["127.0.0.1"]));
    refused(&client, &format!("http://other.example:{port}/")).await;
    refused(&client, &format!("http://some.example.other.example:{port}/")).await;
}

#[tokio::test]
async fn g65_a_name_does_not_cover_link_local_addresses() {
    let client = client(&allowing(&["some.example"]), Script::new(&["169.254.169.254"]));
    refused(&client, "http://some.example/").await;
    let mixed = self::client(&allowing(&["some.example"]), Script::new(&["127.0.0.1 169.254.169.254"]));
    refused(&mixed, "http://some.example/").await;
}

#[tokio::test]
async fn g66_a_mixed_answer_is_refused_as_a_whole() {
    for answer in ["8.8.8.8 127.0.0.1", "127.0.0.1 8.8.8.8", "2606:4700::1111 ::1", "8.8.8.8 fd00::1", ""] {
        let client = client(&allowing(&[]), Script::new(&[answer]));
        refused(&client, "http://some.example:9/").await;
    }
}

#[tokio::test]
async fn g66_a_second_answer_is_judged_as_the_first() {
    // The first address is public and unreachable from a test: what counts is that the second is not connected to.
    let server = Server::always(Reply::new("200 OK", &[], "hello")).await;
    let limits = HttpLimits { connect_timeout: Duration::from_millis(1), ..HttpLimits::default() };
    let url = format!("http://some.example:{}/", server.address.port());
    for named in [false, true] {
        let guard = allowing(&[]);
        if named {
            guard.name(&Url::parse(&url).unwrap());
        }
        let client = Client::with_lookup(guard, &limits, Script::new(&["8.8.8.8", "127.0.0.1"])).unwrap();
        let first = send(&client, get(&url)).await.unwrap_err();
        assert!(first.is_not_connected(), "{first:?}");
        let message = refused(&client, &url).await;
        assert_eq!(message.contains("has moved from public addresses"), named, "{message}");
    }
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_host_of_the_operator_may_be_private_from_the_start() {
    let server = Server::always(Reply::new("200 OK", &[], "hello")).await;
    let url = format!("http://intranet.example:{}/", server.address.port());
    let guard = allowing(&[]);
    guard.name(&Url::parse(&url).unwrap());
    let client = client(&guard, Script::new(&["127.0.0.1"]));
    assert_eq!(send(&client, get(&url)).await.unwrap().body, b"hello");
    refused(&client, &url.replace("intranet", "other")).await;
    let metadata = self::client(&guard, Script::new(&["169.254.169.254"]));
    refused(&metadata, &url).await;
}

#[tokio::test]
async fn g64_redirects_stay_within_their_origin() {
    let other = Server::always(Reply::new("200 OK", &[], "secret")).await;
    let elsewhere = format!("Location: {}", other.url("/"));
    let server = Server::start(move |seen| match seen.path() {
        "/here" => Reply::new("302 Found", &["Location: /there?x=1"], "on the way"),
        "/there" => Reply::new("200 OK", &[], "arrived"),
        "/round" => Reply::new("307 Temporary Redirect", &["Location: /round"], ""),
        "/nowhere" => Reply::new("302 Found", &[], ""),
        _ => Reply::new("302 Found", &[&elsewhere], ""),
    })
    .await;
    let client = client(&allowing(&["127.0.0.0/8"]), Arc::new(resolve::System));
    let found = send(&client, get(&server.url("/here"))).await.unwrap();
    assert_eq!((found.status.as_u16(), found.body.as_slice()), (200, &b"arrived"[..]));
    let found = send(&client, get(&server.url("/away"))).await.unwrap();
    assert_eq!((found.status.as_u16(), found.elsewhere.as_deref()), (302, Some("127.0.0.1")));
    let found = send(&client, get(&server.url("/nowhere"))).await.unwrap();
    assert_eq!((found.status.as_u16(), found.elsewhere), (302, None));
    let round = send(&client, get(&server.url("/round"))).await.unwrap_err();
    assert_eq!(round.to_string(), "more than 5 redirects in a row");
    let post = Request { method: Method::POST, body: Some(b"x".to_vec()), ..get(&server.url("/here")) };
    assert_eq!(send(&client, post).await.unwrap().status.as_u16(), 302);
    assert!(other.seen().is_empty());
}

#[tokio::test]
async fn g68_no_more_is_read_than_agreed() {
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    (0..64).for_each(|_| bomb.write_all(&[0; 1024 * 1024]).unwrap());
    let bomb = bomb.finish().unwrap();
    let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    let server = Server::start(move |seen| match seen.path() {
        "/bomb" => Reply::new("200 OK", &["Content-Encoding: gzip"], &bomb),
        "/claims" => Reply::Bytes(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n".to_vec()),
        "/endless" => Reply::Endless(chunked.clone(), [b"10000\r\n", &[b'x'; 0x10000][..], b"\r\n"].concat()),
        "/headers" => Reply::Endless(b"HTTP/1.1 200 OK\r\n".to_vec(), b"X-More: and more\r\n".to_vec()),
        "/unasked" => Reply::new("200 OK", &["Content-Encoding: br"], "\u{3}"),
        "/broken" => Reply::new("200 OK", &["Content-Encoding: gzip"], "no gzip"),
        "/short" => Reply::Last(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort".to_vec()),
        "/rubbish" => Reply::Last(b"SSH-2.0-OpenSSH_9.6\r\n".to_vec()),
        _ => Reply::Drop,
    })
    .await;
    let client = client(&allowing(&["127.0.0.1"]), Arc::new(resolve::System));
    for (path, expected) in [
        ("/bomb", "the answer has more than 1048576 bytes"),
        ("/claims", "the answer has more than 1048576 bytes"),
        ("/endless", "the answer has more than 1048576 bytes"),
        ("/unasked", "it is compressed in a way that was not asked for"),
        ("/broken", "it is not compressed as it says"),
    ] {
        let failure = send(&client, get(&server.url(path))).await.unwrap_err();
        assert_eq!(
            (failure.to_string().as_str(), failure.delivery()),
            (expected, Delivery::MaybeSent),
            "{path}"
        );
    }
    for path in ["/headers", "/short", "/rubbish", "/hang-up?key=canary"] {
        let failure = send(&client, get(&server.url(path))).await.unwrap_err();
        // The HTTP library reports a body that ends early as one that cannot be decoded.
        assert!(matches!(failure, Failure::Broken(_) | Failure::Encoding(_)), "{path}: {failure:?}");
        assert!(!failure.to_string().contains("canary"));
    }
}

#[tokio::test]
async fn g68_an_answer_without_end_runs_out_of_time() {
    let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n";
    let server = Server::start(|seen| match seen.path() {
        "/silent" => Reply::Hang,
        _ => Reply::Endless(chunked.to_vec(), b"".to_vec()),
    })
    .await;
    let client = client(&allowing(&["127.0.0.1"]), Arc::new(resolve::System));
    let silent =
        client.send(get(&server.url("/silent")), Budget::new(Duration::from_millis(100), 1000)).await;
    assert_eq!(silent.unwrap_err().to_string(), "no answer within 100 ms");
}

#[tokio::test]
async fn g68_nothing_is_kept_between_requests() {
    let server =
        Server::always(Reply::new("200 OK", &["Set-Cookie: a=b", "Cache-Control: max-age=99"], "x")).await;
    let client = client(&allowing(&["127.0.0.1"]), Arc::new(resolve::System));
    for _ in 0..2 {
        send(&client, get(&server.url("/"))).await.unwrap();
    }
    let seen = server.seen();
    assert_eq!(seen.len(), 2);
    assert!(seen.iter().all(|seen| seen.header("cookie").is_none() && seen.header("referer").is_none()));
}

#[tokio::test]
async fn what_was_not_connected_was_not_sent() {
    let unused = {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap()
    };
    let reachable = client(&allowing(&["127.0.0.1"]), Arc::new(resolve::System));
    let failure = send(&reachable, get(&format!("http://{unused}/a?key=canary"))).await.unwrap_err();
    assert!(failure.is_not_connected() && failure.delivery() == Delivery::NotSent, "{failure:?}");
    assert!(failure.to_string().contains("refused") && !failure.to_string().contains("canary"), "{failure}");
    let nameless = client(&allowing(&[]), Script::new(&[]));
    let failure = send(&nameless, get("http://some.example/?key=canary")).await.unwrap_err();
    assert_eq!(
        failure.into_error("up").to_string(),
        "up is not available: the name of its host is not known"
    );
}

#[tokio::test]
async fn what_is_not_encrypted_gets_no_request() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/?key=canary", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::io::AsyncWriteExt::write_all(&mut stream, b"HTTP/1.1 400 Bad Request\r\n\r\n")
                .await
                .unwrap();
        }
    });
    let client = client(&allowing(&["127.0.0.1"]), Arc::new(resolve::System));
    let failure = send(&client, get(&url)).await.unwrap_err();
    assert_eq!(failure.delivery(), Delivery::NotSent, "{failure:?}");
    assert!(
        matches!(failure, Failure::NotConnected { reason: "no encrypted connection could be agreed on", .. }),
        "{failure:?}"
    );
}
