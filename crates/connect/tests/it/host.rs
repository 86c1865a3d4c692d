//! Host functions.

use std::time::Duration;

use codemode_connect::{Call, CallError, Connector, Delivery, Host, Redactor, Secret};
use serde_json::{Value, json};

fn call(tool: &str, arguments: Value) -> Call {
    Call::new(tool, arguments, Duration::from_millis(100))
}

fn host() -> Host {
    Host::new("h")
        .tool("echo", "Echoes", json!({"type": "object"}), |input: Value| async { Ok::<_, String>(input) })
        .tool("fail", "", json!({}), |_: Value| async { Err::<Value, _>("out of stock".to_owned()) })
        .tool("panic", "", json!({}), |_: Value| async {
            if true { panic!("at /home/me") } else { Ok::<_, String>(1) }
        })
        .tool("panic_early", "", json!({}), |_: Value| {
            assert!(std::hint::black_box(false), "early");
            async { Ok::<_, String>(1) }
        })
        .tool("hang", "", json!({}), |_: Value| std::future::pending::<Result<Value, String>>())
        .tool("not_json", "", json!({}), |_: Value| async {
            Ok::<_, String>(std::collections::BTreeMap::from([((1, 2), 3)]))
        })
}

#[tokio::test]
async fn outcomes() {
    let host = host();
    assert_eq!(host.call(call("echo", json!({"a": 1}))).await.unwrap(), json!({"a": 1}).into());
    for (tool, message, delivery) in [
        ("fail", "out of stock", Delivery::MaybeSent),
        ("panic", "h.panic failed: internal error in the host function", Delivery::MaybeSent),
        ("panic_early", "h.panic_early failed: internal error in the host function", Delivery::MaybeSent),
        ("hang", "h did not answer within 100 ms", Delivery::MaybeSent),
        ("not_json", "the result is not JSON: key must be a string", Delivery::MaybeSent),
        ("none", "h has no tool \"none\"", Delivery::NotSent),
    ] {
        let error = host.call(call(tool, json!({}))).await.unwrap_err();
        assert_eq!((error.to_string().as_str(), error.delivery()), (message, delivery));
    }
    let panicked = host.call(call("panic", json!({}))).await.unwrap_err();
    assert!(matches!(panicked, CallError::Panicked { .. }));
    assert!(panicked.operator_message().contains("at /home/me"));
    assert_eq!(host.list().await.unwrap().tools.len(), 6);
    host.close().await;
    assert_eq!(host.call(call("echo", json!({}))).await.unwrap_err().to_string(), "h was closed");
}

#[cfg(feature = "schemars")]
#[tokio::test]
async fn typed() {
    #[derive(serde::Deserialize, schemars::JsonSchema)]
    struct In {
        /// How many.
        count: u32,
    }
    #[derive(serde::Serialize, schemars::JsonSchema)]
    struct Out {
        doubled: u32,
    }
    let host = Host::new("h").typed_tool("double", "Doubles", |input: In| async move {
        Ok::<_, String>(Out { doubled: input.count * 2 })
    });
    let tool = host.list().await.unwrap().tools.remove(0);
    assert_eq!(tool.input_schema.get()["properties"]["count"]["description"], "How many.");
    assert_eq!(tool.input_schema.get()["required"], json!(["count"]));
    assert_eq!(tool.output_schema.unwrap().get()["properties"]["doubled"]["type"], "integer");
    assert_eq!(host.call(call("double", json!({"count": 4}))).await.unwrap(), json!({"doubled": 8}).into());
    let error = host.call(call("double", json!({"count": "x"}))).await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert!(error.to_string().starts_with("invalid arguments: invalid type: string"), "{error}");
}

#[tokio::test]
async fn g69_a_registered_secret_is_hidden_in_results_and_errors() {
    const CANARY: &str = "canary-0123456789";
    let redactor = Redactor::default();
    let host = Host::new("h")
        .redactor(redactor.clone())
        .tool("echo", "", json!({}), |input: Value| async { Ok::<_, String>(input) })
        .tool("fail", "", json!({}), |input: Value| async move { Err::<Value, _>(format!("no: {input}")) })
        .tool("panic", "", json!({}), |input: Value| async move {
            if true { panic!("at {input}") } else { Ok::<_, String>(1) }
        });
    // Also one that is registered later.
    redactor.hide(&Secret::new(CANARY).unwrap()).await.unwrap();
    let input =
        json!({"key": CANARY, "url": "x?k=canary%2D0123456789", CANARY: ["Y2FuYXJ5LTAxMjM0NTY3ODk="]});
    let echoed = host.call(call("echo", input.clone())).await.unwrap().value;
    assert_eq!(echoed, json!({"key": "[redacted]", "url": "x?k=[redacted]", "[redacted]": ["[redacted]k="]}));
    for tool in ["fail", "panic"] {
        let error = host.call(call(tool, input.clone())).await.unwrap_err();
        let said = format!("{error} {error:?} {}", error.operator_message());
        assert!(
            said.contains("[redacted]") && !said.contains("0123456789") && !said.contains("Y2FuY"),
            "{said}"
        );
    }
}
