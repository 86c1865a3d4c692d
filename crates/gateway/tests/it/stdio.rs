//! What goes over standard input and output.

use std::time::Duration;

use codemode::CancellationToken;
use codemode_gateway::{Gateway, Principal, serve_stdio};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};

use crate::raw::Raw;
use crate::upstream::Upstream;

/// A call of `execute` that reaches the upstream if it is taken for one.
const CALL: &str = r#"{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"execute","arguments":{"code":"return shop.echo({})"}}}"#;

/// Each is answered by an error of this code and id, and nothing else happens.
#[tokio::test]
async fn g10_malformed_messages_reach_nobody() {
    let mut deep =
        CALL.replace(r#""code""#, &format!(r#""input":{}1{},"code""#, "[".repeat(200), "]".repeat(200)));
    deep.truncate(100_000);
    let payloads: Vec<(&str, Vec<u8>, i64, Value)> = vec![
        ("a batch", format!("[{CALL}]").into(), -32600, Value::Null),
        ("no id", CALL.replace(r#""id":9"#, r#""id":null"#).into(), -32600, Value::Null),
        ("a huge id", CALL.replace(":9", &format!(":{}", "9".repeat(400))).into(), -32700, Value::Null),
        ("an id that is not exact", CALL.replace(":9", ":9007199254740993").into(), -32600, Value::Null),
        (
            "a long id",
            CALL.replace(":9", &format!(r#":"{}""#, "i".repeat(10_000))).into(),
            -32600,
            Value::Null,
        ),
        (
            "a nested method",
            CALL.replace(r#""tools/call""#, r#"{"method":"tools/call"}"#).into(),
            -32600,
            json!(9),
        ),
        ("a version that is a number", CALL.replace(r#""2.0""#, "2.0").into(), -32600, Value::Null),
        (
            "params in a list",
            CALL.replace(r#""params":{"#, r#""params":[{"#).replace("}}}", "}}]}").into(),
            -32600,
            json!(9),
        ),
        ("bytes after the end", format!("{CALL}{CALL}").into(), -32700, Value::Null),
        ("depth", deep.into(), -32600, json!(9)),
        ("a key twice", CALL.replace(r#""name":"#, r#""name":"search","name":"#).into(), -32600, json!(9)),
        ("a key in another case", CALL.replace("method", "Method").into(), -32600, Value::Null),
        ("a parameter in another case", CALL.replace(r#""name""#, r#""Name""#).into(), -32600, json!(9)),
        (
            "what is not UTF-8",
            CALL.replace("shop", "\u{1}").bytes().map(|byte| if byte == 1 { 0xff } else { byte }).collect(),
            -32700,
            Value::Null,
        ),
        ("NaN", CALL.replace(r#""code""#, r#""input":NaN,"code""#).into(), -32700, Value::Null),
        ("half a message", CALL.split_at(60).0.into(), -32700, Value::Null),
    ];
    let upstream = Upstream::new();
    let mut client = Raw::older(&Gateway::default(), upstream.runtime().await, json!({})).await;
    for (what, mut payload, code, id) in payloads {
        payload.push(b'\n');
        client.send_bytes(&payload).await;
        let answer = client.next().await;
        assert_eq!((&answer["error"]["code"], &answer["id"]), (&json!(code), &id), "{what}: {answer}");
    }
    assert!(upstream.happened().is_empty());
    // The message that they were made of is one, and the connection goes on.
    client.send_bytes(format!("{CALL}\n").as_bytes()).await;
    assert_eq!(client.answer(9).await["result"]["structuredContent"]["result"], json!({ "echo": {} }));
    assert_eq!(upstream.happened(), ["echo"]);
    client.leave().await;
}

/// The twelfth of G10: an id that is under way already.
#[tokio::test]
async fn g10_a_second_request_of_the_same_id_is_refused() {
    let upstream = Upstream::new();
    let mut client = Raw::older(&Gateway::default(), upstream.runtime().await, json!({})).await;
    let id = client
        .begin("tools/call", json!({ "name": "execute", "arguments": { "code": "await shop.slow({})" } }))
        .await;
    upstream.until("slow").await;
    let again = json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call",
        "params": { "name": "execute", "arguments": { "code": "return shop.echo({})" } } });
    client.send(&again).await;
    let answer = client.next().await;
    assert_eq!((&answer["error"]["code"], &answer["id"]), (&json!(-32600), &Value::Null), "{answer}");
    assert_eq!(upstream.happened(), ["slow"]);
    client.leave().await;
}

#[tokio::test]
async fn a_line_that_is_too_long_is_refused_and_the_next_is_read() {
    let upstream = Upstream::new();
    let mut client = Raw::older(&Gateway::default(), upstream.runtime().await, json!({})).await;
    let long = format!("{}\n", CALL.replace("shop", &" ".repeat(5 * 1024 * 1024)));
    client.send_bytes(long.as_bytes()).await;
    let answer = client.next().await;
    assert_eq!(answer["error"]["code"], -32600);
    assert!(answer["error"]["message"].as_str().unwrap().contains("longer than"));
    assert!(client.request("ping", json!({})).await.get("result").is_some());
    client.leave().await;
}

/// What was begun ends with whoever began it.
#[tokio::test]
async fn a_client_that_leaves_takes_its_calls_with_it() {
    let upstream = Upstream::new();
    let mut client = Raw::older(&Gateway::default(), upstream.runtime().await, json!({})).await;
    client
        .begin("tools/call", json!({ "name": "execute", "arguments": { "code": "await shop.slow({})" } }))
        .await;
    upstream.until("slow").await;
    client.leave().await;
    assert_eq!(upstream.happened(), ["slow", "slow cancelled"]);
}

/// A program that waits for an answer in the middle is nobody's when its client has gone.
#[tokio::test]
async fn a_client_that_leaves_takes_its_unanswered_questions_with_it() {
    let upstream = Upstream::new();
    let capabilities = json!({ "elicitation": {} });
    let mut client = Raw::newer(&Gateway::default(), upstream.runtime().await, &capabilities);
    let call = json!({ "name": "execute", "arguments": { "code": "return shop.ask({})" } });
    let asking = client.request("tools/call", call).await;
    assert_eq!(asking["result"]["resultType"], "input_required", "{asking}");
    client.leave().await;
    upstream.until("ask cancelled").await;
}

/// An answer that is refused is answered with nothing: its id may be that of a request of the client's as well. Whoever waits
/// for it is told.
#[tokio::test]
async fn a_refused_answer_ends_the_question() {
    let upstream = Upstream::new();
    let capabilities = json!({ "elicitation": {} });
    let mut client = Raw::older(&Gateway::default(), upstream.runtime().await, capabilities).await;
    let call = json!({ "name": "execute", "arguments": { "code": "return shop.ask({})" } });
    for wrong in [r#""result":7"#, r#""result":{"action":"accept","action":"accept"}"#] {
        let id = client.begin("tools/call", call.clone()).await;
        let asked = client.other("elicitation/create").await;
        client
            .send_bytes(format!("{{\"jsonrpc\":\"2.0\",\"id\":{},{wrong}}}\n", asked["id"]).as_bytes())
            .await;
        let answer = client.next().await;
        assert_eq!((&answer["id"], &answer["result"]["isError"]), (&json!(id), &json!(true)), "{answer}");
    }
    client.leave().await;
}

/// A client that does not read what it is answered is left all the same: when it closes its end, and when we are told to stop.
/// The clock is the test's own: real ones are not waited for.
#[tokio::test(start_paused = true)]
async fn a_client_that_reads_nothing_cannot_keep_us() {
    let upstream = Upstream::new();
    let ask = |id: u32, method: &str, params: &Value| {
        format!("{}\n", json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }))
    };
    let greeting = json!({ "protocolVersion": crate::raw::OLDER, "capabilities": {}, "clientInfo": { "name": "deaf", "version": "1" } });
    for (ends, refused) in [(true, false), (false, false), (true, true), (false, true)] {
        // Less than one answer has room.
        let ((ours, input), (output, theirs)) = (tokio::io::duplex(1 << 20), tokio::io::duplex(64));
        let (gateway, principal) = (Gateway::default(), Principal::local(upstream.runtime().await));
        let (stop, mut writer, mut reader) = (CancellationToken::new(), ours, BufReader::new(theirs));
        let stopped = stop.clone();
        let server =
            tokio::spawn(async move { serve_stdio(&gateway, principal, input, output, stopped).await });
        writer.write_all(ask(1, "initialize", &greeting).as_bytes()).await.unwrap();
        reader.read_line(&mut String::new()).await.unwrap();
        writer.write_all(b"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n").await.unwrap();
        for id in 2..120 {
            writer.write_all(ask(id, "tools/list", &json!({})).as_bytes()).await.unwrap();
            if refused {
                writer.write_all(b"{}\n").await.unwrap();
            }
        }
        if ends {
            writer.shutdown().await.unwrap();
        } else {
            tokio::task::yield_now().await;
            stop.cancel();
        }
        let ended = tokio::time::timeout(Duration::from_secs(40), server).await;
        ended.unwrap_or_else(|_| panic!("ends: {ends}, refused: {refused}")).unwrap().unwrap();
    }
}
