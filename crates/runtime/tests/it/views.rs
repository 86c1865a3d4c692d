//! Views: runtimes over the same connectors with less to them.

use std::sync::Arc;

use codemode::connect::Host;
use codemode::{
    CancellationToken, Condition, Kind, Limits, Policy, Rule, RunOptions, Runtime, SearchOptions, Shape,
    Verdict, View,
};
use serde_json::{Value, json};

use crate::upstream::{self, Sent};

async fn kind(runtime: &Runtime, program: &str) -> Option<Kind> {
    runtime.run(program, RunOptions::default()).await.error().map(|error| error.kind)
}

fn rule(action: Verdict, tools: &str) -> Rule {
    Rule::new(action, tools)
}

#[tokio::test]
async fn a_view_has_the_connectors_that_it_names_and_no_others() {
    let runtime = upstream::plain().await;
    let view = runtime.view(View::default().connectors(["github", "nothing"]));
    let names: Vec<_> = view.connectors().into_iter().map(|connector| connector.name).collect();
    assert_eq!(names, ["github"]);
    let run = view.run("return (await github.list_issues({})).length", RunOptions::default()).await;
    assert_eq!(run.value(), Some(&json!(2)));
    for program in [
        "return host.add({ a: 1, b: 2 })",
        "return codemode.add({ a: 1, b: 2 })",
        "return tools.files.search({})",
    ] {
        let run = view.run(program, RunOptions::default()).await;
        let error = run.error().unwrap();
        assert!(!error.message.contains("not be called"), "it is as unknown as what never was: {error:?}");
        assert_eq!(runtime.run(program, RunOptions::default()).await.exit_code(), 0);
    }
    let found = view.search("search files", SearchOptions::default()).await.unwrap();
    assert!(found.results.iter().all(|result| result.path.starts_with("github.")), "{found:?}");
    let refused = view.search("files", SearchOptions::default().connector("files")).await.unwrap_err();
    assert!(!refused.message.contains("host"), "{refused:?}");
    assert!(view.describe("host.add").await.is_err());
    let listed = serde_json::to_string(&view.tools()).unwrap();
    assert!(listed.contains("github") && !listed.contains("files"), "{listed}");
    assert!(!view.system_prompt().contains("files"));
}

#[tokio::test]
async fn rules_of_a_view_only_make_verdicts_stricter() {
    let policy = Policy::new()
        .deny("github.delete_repo")
        .rule(rule(Verdict::Ask, "github.create_issue").because("the base asks"));
    let runtime = upstream::runtime(&Sent::default(), |builder| builder.policy(policy)).await;
    let lax = runtime.view(View::default().rules([rule(Verdict::Allow, "*")]));
    for runtime in [&runtime, &lax] {
        assert_eq!(kind(runtime, "return github.delete_repo({})").await, Some(Kind::Denied));
        assert_eq!(kind(runtime, "return github.create_issue({ title: 'x' })").await, Some(Kind::Denied));
        assert_eq!(kind(runtime, "return github.list_issues({})").await, None);
    }
    let reader = View::default().rules([
        rule(Verdict::Deny, "*"),
        rule(Verdict::Allow, "github.*"),
        rule(Verdict::Deny, "github.search")
            .when("q", Condition::eq("secret"))
            .unwrap()
            .because("it is secret"),
    ]);
    let reader = runtime.view(reader);
    assert_eq!(kind(&reader, "return host.add({ a: 1, b: 2 })").await, Some(Kind::Denied));
    assert_eq!(kind(&reader, "return github.list_issues({})").await, None);
    assert_eq!(kind(&reader, "return github.search({ q: 'open' })").await, None);
    let run = reader.run("return github.search({ q: 'secret' })", RunOptions::default()).await;
    assert!(run.error().unwrap().message.contains("it is secret"), "{:?}", run.error());
    assert_eq!(kind(&reader, "return github.delete_repo({})").await, Some(Kind::Denied));
    let explained = reader.explain("github.search", Some(json!({ "q": "secret" }))).await.unwrap();
    assert_eq!((explained.verdict, explained.rule), (Verdict::Deny, Some(5)), "{explained:?}");
    assert!(explained.considered.iter().any(|considered| considered.rule == 5));
    // A view of a view has less again.
    let less = reader.view(View::default().rules([rule(Verdict::Ask, "github.list_issues")]));
    assert_eq!(kind(&less, "return github.list_issues({})").await, Some(Kind::Denied));
    assert_eq!(kind(&less, "return host.add({ a: 1, b: 2 })").await, Some(Kind::Denied));
    let found = reader.search("add numbers issue", SearchOptions::default()).await.unwrap();
    assert!(found.results.iter().all(|result| result.path != "host.add"), "{found:?}");
    assert!(found.results.iter().any(|result| result.path == "github.list_issues"), "{found:?}");
}

#[tokio::test]
async fn a_view_has_its_own_shape_and_limits() {
    let runtime = upstream::plain().await;
    let single = runtime.view(View::default().shape(Shape::Single));
    assert_eq!(single.tools()[0].name, "codemode");
    assert_eq!(runtime.tools()[0].name, "execute");
    assert!(Arc::ptr_eq(&runtime.catalog(), &single.catalog()));
    let mut limits = Limits::default();
    limits.set("calls", "1").unwrap();
    let limited = runtime.view(View::default().limits(limits));
    let program = "await host.echo({}); return host.echo({})";
    assert_eq!(kind(&limited, program).await, Some(Kind::CallLimit));
    assert_eq!(kind(&runtime, program).await, None);
}

#[tokio::test]
async fn a_view_finds_what_an_index_of_its_own_would_find() {
    let host = |name: &str, tools: &[(&str, &str)]| {
        tools.iter().fold(Host::new(name), |host, (tool, about)| {
            let any = json!({ "type": "object" });
            host.tool(*tool, *about, any, |_: Value| async { Ok::<_, String>(1) })
        })
    };
    let mail = || host("mail", &[("send_mail", "Sends a message"), ("list_mail", "Lists messages")]);
    let chat =
        || host("chat", &[("post_message", "Posts a message in a channel"), ("list_channels", "Lists")]);
    let whole = Runtime::builder().connector(mail()).connector(chat()).build().await.unwrap();
    let view = whole.view(View::default().connectors(["mail"]).rules([rule(Verdict::Deny, "mail.list_*")]));
    let alone = Runtime::builder().connector(mail()).policy(Policy::new().deny("mail.list_*"));
    let alone = alone.build().await.unwrap();
    for query in ["send a message", "list messages", "channel", "post"] {
        let found = view.search(query, SearchOptions::default()).await.unwrap();
        assert_eq!(found, alone.search(query, SearchOptions::default()).await.unwrap(), "{query}");
    }
}

#[tokio::test]
async fn a_view_follows_what_its_runtime_is_connected_to() {
    let runtime = upstream::plain().await;
    let view = runtime.view(View::default().connectors(["github"]));
    let before = view.catalog();
    assert!(Arc::ptr_eq(&before, &view.catalog()), "nothing is made twice");
    let mut listed = runtime.listed();
    listed.mark_unchanged();
    drop(runtime);
    let cancel = CancellationToken::new();
    let run = view.run("return github.list_issues({})", RunOptions::default().cancel(cancel)).await;
    assert_eq!(run.exit_code(), 0, "a view outlives what it was made of");
    view.close().await;
}
