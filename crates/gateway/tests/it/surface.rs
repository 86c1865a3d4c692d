//! The runtime's tools as clients of both eras see them.

use codemode::{Docs, Runtime, Shape, SurfaceOptions, Tool};
use codemode_gateway::Gateway;
use serde_json::{Value, json};

use crate::raw::{NEWER, Raw};
use crate::upstream::Upstream;

#[tokio::test]
async fn both_eras_list_and_execute() {
    let gateway = Gateway::default();
    let upstream = Upstream::new();
    let mut older = Raw::connect(&gateway, upstream.runtime().await);
    let greeting = older.initialize(json!({})).await;
    assert!(greeting["result"]["instructions"].is_string(), "{greeting}");
    assert_eq!(greeting["result"]["capabilities"]["tools"], json!({ "listChanged": true }));
    let mut newer = Raw::newer(&gateway, upstream.runtime().await, &json!({}));
    let discovered = newer.request("server/discover", json!({})).await;
    assert!(discovered["result"]["supportedVersions"].as_array().unwrap().contains(&json!(NEWER)));
    assert_eq!(discovered["result"]["instructions"], greeting["result"]["instructions"]);

    let listed_older = older.request("tools/list", json!({})).await["result"].take();
    let listed_newer = newer.request("tools/list", json!({})).await["result"].take();
    assert_eq!(listed_older["tools"], listed_newer["tools"]);
    assert!(listed_older.get("ttlMs").is_none() && listed_older.get("resultType").is_none());
    assert_eq!(listed_newer["cacheScope"], "private");
    assert!(listed_newer["ttlMs"].as_u64().unwrap() > 0);

    for client in [&mut older, &mut newer] {
        let result = client.call("execute", json!({ "code": "return shop.echo({ a: 1 })" })).await;
        assert_eq!(result["isError"], false);
        assert_eq!(result["structuredContent"]["result"], json!({ "echo": { "a": 1 } }));
        let text: serde_json::Value =
            serde_json::from_str(result["content"][0]["text"].as_str().unwrap()).unwrap();
        assert_eq!(text, result["structuredContent"]);
    }
    older.leave().await;
    newer.leave().await;
}

/// What a model pays for before it has done anything, with a catalog that is too large to be inlined.
#[tokio::test]
async fn the_list_of_tools_costs_less_than_700_tokens() {
    let folder = tempfile::tempdir().unwrap();
    let text = "# A handbook\n\nWhatever is written at length is found by what it says.\n\n".repeat(200);
    std::fs::write(folder.path().join("handbook.md"), text).unwrap();
    for (shape, count) in [(Shape::Auto, 3), (Shape::Pair, 3), (Shape::Single, 1)] {
        let docs = Docs::read([folder.path().to_owned()]);
        let mut builder = Runtime::builder().surface(SurfaceOptions::default().shape(shape)).docs(docs);
        for name in ["github", "linear", "sentry", "notion", "stripe", "postgres", "slack", "browser"] {
            builder = builder.connector(Upstream::new().named(name));
        }
        for number in 0..500 {
            let tool = Tool::new(format!("tool-{number}"), "Does one of five hundred things");
            builder = builder.tool_as(tool, |_: Value| async { Ok::<_, String>(Value::Null) });
        }
        let mut client = Raw::newer(&Gateway::default(), builder.build().await.unwrap(), &json!({}));
        let listed = client.request("tools/list", json!({})).await["result"].take();
        let tokens = tiktoken_rs::o200k_base().unwrap().encode_ordinary(&listed["tools"].to_string()).len();
        assert!(tokens < 700, "{shape:?}: {tokens} tokens");
        assert_eq!(listed["tools"].as_array().unwrap().len(), count, "{shape:?}");
        for tool in listed["tools"].as_array().unwrap() {
            for key in ["title", "description", "annotations"] {
                assert!(tool.get(key).is_some(), "{tool} has no {key}");
            }
            for schema in ["inputSchema", "outputSchema"] {
                assert_eq!(tool[schema]["type"], "object");
                plain(&tool[schema]);
            }
        }
    }
}

/// What some clients choke on: several types in one, formats of integers that are not of JSON Schema, objects without a list
/// of properties, references.
fn plain(schema: &Value) {
    match schema {
        Value::Object(entries) => {
            assert!(!entries.get("type").is_some_and(Value::is_array), "{schema}");
            assert!(!entries.contains_key("$ref"), "{schema}");
            let format = entries.get("format").and_then(Value::as_str).unwrap_or_default();
            assert!(!format.starts_with("uint") && !format.starts_with("int"), "{schema}");
            if entries.get("type").is_some_and(|kind| kind == "object") {
                assert!(entries.contains_key("properties"), "{schema}");
            }
            entries.values().for_each(plain);
        }
        Value::Array(elements) => elements.iter().for_each(plain),
        _ => {}
    }
}

/// What a model does wrong it is told as a result, in words that it can act on.
#[tokio::test]
async fn misuse_and_failures_are_results() {
    let upstream = Upstream::new();
    let mut client = Raw::older(&Gateway::default(), upstream.runtime().await, json!({})).await;
    for (tool, arguments, words) in [
        ("execut", json!({}), "execute"),
        ("execute", json!({ "cod": "1" }), "code"),
        ("execute", json!({ "code": "throw new Error('mine')" }), "mine"),
        ("execute", json!({ "code": "return shop.nothing()" }), "nothing"),
        ("execute", json!({ "code": "let let" }), "let"),
    ] {
        let result = client.call(tool, arguments.clone()).await;
        assert_eq!(result["isError"], true, "{tool} {arguments}");
        let text = result["content"][0]["text"].as_str().unwrap();
        assert!(text.contains(words), "{tool} {arguments}: {text}");
    }
    // What a client does wrong is an error of the protocol.
    for (method, params, code) in [
        ("tools/call", json!({ "arguments": {} }), -32602),
        ("tools/call", json!({ "name": "execute", "arguments": [] }), -32602),
        ("no/such", json!({}), -32601),
    ] {
        let answer = client.request(method, params).await;
        assert_eq!(answer["error"]["code"], code, "{method}: {answer}");
    }
    assert!(upstream.happened().is_empty());
}

/// A client shows what a program returns to be seen, in either era.
#[tokio::test]
async fn images_are_blocks_of_content() {
    let upstream = Upstream::new();
    let gateway = Gateway::default();
    let mut older = Raw::older(&gateway, upstream.runtime().await, json!({})).await;
    let mut newer = Raw::newer(&gateway, upstream.runtime().await, &json!({}));
    for client in [&mut older, &mut newer] {
        let code = "return { type: 'image', data: 'aGk=', mimeType: 'image/png' }";
        let result = client.call("execute", json!({ "code": code })).await;
        let blocks = result["content"].as_array().unwrap();
        assert_eq!((blocks.len(), &blocks[0]["type"]), (2, &json!("text")), "{result}");
        assert_eq!(blocks[1], json!({ "type": "image", "data": "aGk=", "mimeType": "image/png" }));
        assert!(!blocks[0].to_string().contains("aGk="), "{result}");
    }
}
