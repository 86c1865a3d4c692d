//! Clients are told that the list of tools has changed, and only then.

use codemode_gateway::Gateway;
use serde_json::{Value, json};

use crate::raw::Raw;
use crate::upstream::Upstream;

#[tokio::test]
async fn clients_are_told_that_the_tools_have_changed() {
    let gateway = Gateway::default();
    let upstream = Upstream::new();
    let runtime = upstream.runtime().await;
    let mut older = Raw::older(&gateway, runtime.clone(), json!({})).await;
    let mut newer = Raw::newer(&gateway, runtime.clone(), &json!({}));
    let listening =
        newer.begin("subscriptions/listen", json!({ "notifications": { "toolsListChanged": true } })).await;
    let acknowledged = newer.other("notifications/subscriptions/acknowledged").await;
    assert_eq!(acknowledged["params"]["notifications"], json!({ "toolsListChanged": true }));
    let before = older.request("tools/list", json!({})).await["result"]["tools"].take();

    // Listed again, and the same.
    upstream.rename("echo");
    runtime.refresh().await;
    assert!(older.request("ping", json!({})).await.get("result").is_some());
    let unsaid =
        |client: &Raw| client.others.iter().all(|told| told["method"] != "notifications/tools/list_changed");
    assert!(unsaid(&older));

    upstream.rename("reply");
    runtime.refresh().await;
    older.other("notifications/tools/list_changed").await;
    let told = newer.other("notifications/tools/list_changed").await;
    assert_eq!(told["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"], listening);
    let after: Value = older.request("tools/list", json!({})).await["result"]["tools"].take();
    assert!(before != after && after.to_string().contains("reply"), "{after}");
}
