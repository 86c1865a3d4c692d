//! The runtime's tools as clients of both eras see them.

use codemode_gateway::Gateway;
use serde_json::json;

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
