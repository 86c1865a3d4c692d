//! Bytes on both ways, and what a connector has besides tools.

use std::sync::{Arc, Mutex};

use codemode::connect::{BoxFuture, Call, CallError, Connector, Error, Query, Question, Reply};
use codemode::{CallOutcome, Listing, Policy, RunOptions, Runtime, Tool};
use serde_json::json;

/// Gives back what it gets, with bytes where they were; has resources and no prompts.
#[derive(Clone, Default)]
struct Mirror {
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Connector for Mirror {
    fn name(&self) -> &str {
        "mirror"
    }

    fn list(&self) -> BoxFuture<'_, Result<Listing, Error>> {
        let one = json!({ "type": "object", "properties": { "a/b": {} }, "required": ["a/b"] });
        let tools =
            vec![Tool::new("show", "Gives it back"), Tool::new("one", "The same").with_input_schema(one)];
        Box::pin(async { Ok(tools.into()) })
    }

    fn call(&self, call: Call) -> BoxFuture<'_, Result<Reply, CallError>> {
        self.calls.lock().unwrap().push(call.clone());
        Box::pin(async { Ok(Reply::with_binary(call.arguments, call.binary)) })
    }

    fn ask(&self, question: Question) -> BoxFuture<'_, Result<Reply, CallError>> {
        Box::pin(async move {
            match question.query {
                Query::Resources => Ok(json!([{ "uri": "a:1", "name": "one" }]).into()),
                Query::Resource { uri } => {
                    Ok(Reply::with_binary(json!([{ "uri": uri, "blob": "aGk=" }]), vec!["/0/blob".into()]))
                }
                other => Err(CallError::Connector {
                    error: Error::Unsupported { connector: "mirror".into(), what: other.kind() },
                    delivery: codemode::connect::Delivery::NotSent,
                }),
            }
        })
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }
}

async fn runtime(mirror: &Mirror, policy: Policy) -> Runtime {
    Runtime::builder().connector(mirror.clone()).policy(policy).build().await.unwrap()
}

#[tokio::test]
async fn bytes_pass_both_ways() {
    let mirror = Mirror::default();
    let program = r#"
        const back = await mirror.show({ image: new Uint8Array([104, 105]), text: "aGk=" });
        const bare = await mirror.one(new Uint8Array([1]));
        return [back.image instanceof Uint8Array, [...back.image], back.text, [...bare["a/b"]], back];"#;
    let run = runtime(&mirror, Policy::new()).await.run(program, RunOptions::default()).await;
    let expected = json!([true, [104, 105], "aGk=", [1], { "image": "aGk=", "text": "aGk=" }]);
    assert_eq!(run.value(), Some(&expected), "{:?}", run.error());
    let calls = mirror.calls.lock().unwrap();
    assert_eq!(calls[0].binary, ["/image"]);
    assert_eq!(
        (&calls[1].arguments, &calls[1].binary),
        (&json!({ "a/b": "AQ==" }), &vec!["/a~1b".to_owned()])
    );
}

#[tokio::test]
async fn resources_are_calls_that_policy_knows() {
    let program = r#"
        const [first] = await codemode.resources.list("mirror");
        const [{ blob }] = await codemode.resources.read("mirror", first.uri);
        const failed = await codemode.prompts.list("mirror").catch(e => [e.message, e.kind, e.tool]);
        const unknown = await codemode.prompts.list("miror").catch(e => e.message);
        const wrong = await codemode.resources.read("mirror").catch(e => e.message);
        return [new TextDecoder().decode(blob), failed, unknown, wrong];"#;
    let run = runtime(&Mirror::default(), Policy::new()).await.run(program, RunOptions::default()).await;
    let expected = json!([
        "hi",
        ["mirror has no prompts", "tool_error", "mirror.prompts.list"],
        "there is no connector \"miror\"; nearest: mirror",
        "codemode.resources.read takes the connector's name and the resource's uri",
    ]);
    assert_eq!(run.value(), Some(&expected), "{:?}", run.error());
    let calls: Vec<_> = run.calls().iter().map(|call| (call.tool.as_str(), call.outcome)).collect();
    assert_eq!(
        calls,
        [
            ("mirror.resources.list", CallOutcome::Ok),
            ("mirror.resources.read", CallOutcome::Ok),
            ("mirror.prompts.list", CallOutcome::NotStarted),
            ("miror.prompts.list", CallOutcome::NotStarted),
            ("resources.read", CallOutcome::NotStarted),
        ]
    );

    let policy = Policy::new().deny("mirror.resources.read");
    let program = "return codemode.resources.read('mirror', 'a:1').catch(e => [e.name, e.kind])";
    let run = runtime(&Mirror::default(), policy).await.run(program, RunOptions::default()).await;
    assert_eq!(run.value(), Some(&json!(["DeniedError", "denied"])));
}

#[tokio::test]
async fn a_rule_about_an_argument_holds_if_that_is_bytes() {
    let rule = serde_json::from_value(json!({
        "tools": "mirror.show", "action": "deny", "when": { "body": { "contains": "PRIVATE KEY" } },
    }));
    let runtime = runtime(&Mirror::default(), Policy::new().rule(rule.unwrap())).await;
    for (body, denied) in [
        ("'a PRIVATE KEY'", true),
        ("'nothing'", false),
        ("new TextEncoder().encode('a PRIVATE KEY')", true),
        ("{ part: [new Uint8Array(3)] }", true),
    ] {
        let program = format!(
            "return mirror.show({{ body: {body}, other: new Uint8Array(1) }}).then(() => false, e => e.name)"
        );
        let run = runtime.run(&program, RunOptions::default()).await;
        let expected = if denied { json!("DeniedError") } else { json!(false) };
        assert_eq!(run.value(), Some(&expected), "{body}");
    }
}

#[tokio::test]
async fn no_tool_gets_out_of_a_rule_by_another_that_takes_its_name() {
    let handler = |_| async { Ok::<_, String>(1) };
    let any = || json!({ "type": "object" });
    let runtime = Runtime::builder()
        .policy(Policy::new().deny("host.delete_repo"))
        .tool("delete-repo", "Deletes a repository", any(), handler)
        .tool("delete_repo", "Does nothing", any(), handler)
        .build()
        .await
        .unwrap();
    let program =
        "return Promise.all([host.delete_repo({}), host.delete_repo_2({})].map(c => c.catch(e => e.name)))";
    let run = runtime.run(program, RunOptions::default()).await;
    assert_eq!(run.value(), Some(&json!(["DeniedError", "DeniedError"])), "{:?}", run.error());
}
