//! What a model is given: tools that stay small, answers that keep to their budgets, errors that say what is right.

use codemode::connect::Host;
use codemode::{
    Builder, CallOutcome, Limits, Output, Policy, RunOptions, Runtime, Shape, SurfaceOptions, Tool,
};
use codemode_catalog::Validator;
use serde_json::{Value, json};

use crate::upstream::{self, Sent};

const SHAPES: [Shape; 3] = [Shape::Auto, Shape::Pair, Shape::Single];

fn shaped(shape: Shape) -> impl FnOnce(Builder) -> Builder {
    move |builder| builder.surface(SurfaceOptions::default().shape(shape))
}

async fn with_shape(shape: Shape) -> Runtime {
    upstream::runtime(&Sent::default(), shaped(shape)).await
}

fn tokens(text: &str) -> usize {
    tiktoken_rs::o200k_base_singleton().encode_ordinary(text).len()
}

/// As many connectors of as many tools, under names as long as they may be where `long`.
async fn crowd(connectors: usize, tools: usize, long: bool, shape: Shape) -> Runtime {
    let mut builder = shaped(shape)(Runtime::builder());
    for connector in 0..connectors {
        let name = format!("connector{connector}{}", if long { "_name".repeat(20) } else { String::new() });
        let mut host = Host::new(name);
        for tool in 0..tools {
            let schema = json!({ "type": "object", "properties": { "id": { "type": "string" } } });
            host =
                host.tool(format!("tool_{tool}"), "Does one thing well", schema, |input: Value| async move {
                    Ok::<_, String>(input)
                });
        }
        builder = builder.connector(host);
    }
    builder.build().await.unwrap()
}

#[tokio::test]
async fn tools_and_prompt_stay_under_700_tokens_whatever_the_catalog() {
    for shape in SHAPES {
        for (connectors, tools, long) in [(0, 0, false), (1, 3_000, false), (30, 20, false), (1_000, 1, true)]
        {
            let runtime = crowd(connectors, tools, long, shape).await;
            let (tools, prompt) = (serde_json::to_string(&runtime.tools()).unwrap(), runtime.system_prompt());
            let (of_tools, of_prompt) = (tokens(&tools), tokens(&prompt));
            eprintln!("{shape:?}, {connectors} connectors: {of_tools} + {of_prompt} tokens");
            assert!(of_tools + of_prompt < 700, "{shape:?}: {of_tools} + {of_prompt}: {tools}");
            assert_eq!(serde_json::to_string(&runtime.tools()).unwrap(), tools);
        }
    }
}

#[tokio::test]
async fn the_tools_are_tools_of_an_mcp_server() {
    for (shape, names) in [(Shape::Pair, &["search", "execute"][..]), (Shape::Single, &["codemode"])] {
        let tools = with_shape(shape).await.tools();
        assert_eq!(tools.iter().map(|tool| tool.name).collect::<Vec<_>>(), names);
        for tool in &tools {
            let json = serde_json::to_value(tool).unwrap();
            let keys: Vec<_> = json.as_object().unwrap().keys().collect();
            assert_eq!(keys, ["name", "title", "description", "inputSchema", "outputSchema", "annotations"]);
            let read: Tool = serde_json::from_value(json).unwrap();
            assert_eq!((&*read.name, read.annotations), (tool.name, tool.annotations));
            plain(&tool.input_schema);
            plain(&tool.output_schema);
            assert_eq!(
                (&tool.input_schema["type"], &tool.output_schema["type"]),
                (&json!("object"), &json!("object"))
            );
        }
    }
}

/// Panics at what some client is known to choke on.
fn plain(schema: &Value) {
    let schema = schema.as_object().unwrap();
    for (key, value) in schema {
        match key.as_str() {
            "type" => assert!(value.is_string(), "{schema:?}"),
            "properties" => value.as_object().unwrap().values().for_each(plain),
            "items" => plain(value),
            "description" | "enum" | "minimum" | "maximum" | "required" => {}
            "additionalProperties" => assert_eq!(value, &json!(false)),
            other => panic!("{other}"),
        }
    }
    if schema.get("type") == Some(&json!("object")) {
        assert!(schema["properties"].is_object(), "{schema:?}");
    }
    if schema.get("type") == Some(&json!("array")) {
        assert!(schema["items"].is_object(), "{schema:?}");
    }
}

#[tokio::test]
async fn a_few_tools_are_declared_in_the_description() {
    let runtime = upstream::runtime(&Sent::default(), |builder| {
        builder.policy(Policy::new().deny("github.delete_repo"))
    })
    .await;
    let tools = runtime.tools();
    assert_eq!(tools.len(), 1, "{tools:?}");
    let description = &tools[0].description;
    assert!(description.contains("declare namespace github"), "{description}");
    assert!(description.contains("function create_issue(input: {"), "{description}");
    assert!(!description.contains("delete_repo"), "what policy forbids is not offered: {description}");
    assert!(!runtime.system_prompt().contains("`search`"));
    assert!(tokens(description) < 1_500 + 200);
    // A client that has the list of another shape is answered all the same.
    let found = runtime.call("search", json!({ "query": "file an issue" })).await.unwrap();
    assert_eq!(found.structured["results"][0]["path"], "github.create_issue");
    let many = crowd(1, 200, false, Shape::Auto).await;
    assert_eq!(many.tools().len(), 2);
}

#[tokio::test]
async fn a_tool_more_or_less_does_not_change_the_shape_back_and_forth() {
    let state = tempfile::tempdir().unwrap();
    let build = async |tools: usize, state: Option<&std::path::Path>| {
        let mut builder = Runtime::builder().surface(SurfaceOptions::default().inline_tokens(500));
        for tool in 0..tools {
            let any = json!({ "type": "object" });
            builder = builder
                .tool(format!("tool_{tool}"), "Does one thing", any, |_: Value| async { Ok::<_, String>(1) });
        }
        if let Some(state) = state {
            builder = builder.state(state);
        }
        builder.build().await.unwrap().tools().len() == 1
    };
    let mut most = 1;
    while build(most + 1, None).await {
        most += 1;
    }
    assert!(most > 5, "{most}");
    let kept = Some(state.path());
    assert!(!build(most + 1, kept).await, "it was not inlined before");
    assert!(build(most, kept).await);
    assert!(build(most + 1, kept).await, "it was inlined before");
    assert!(build(most, kept).await);
    assert!(!build(most * 2, kept).await);
    assert!(!build(most + 1, kept).await);
    std::fs::write(state.path().join("surface.json"), "[").unwrap();
    assert!(!build(most + 1, kept).await);
}

#[tokio::test]
async fn searching_gives_declarations_and_the_list() {
    let runtime = with_shape(Shape::Pair).await;
    let query = |detail: &str| json!({ "query": "create an issue", "detail": detail, "limit": 1 });
    let answer = runtime.call("search", json!({ "query": "create an issue", "limit": 1 })).await.unwrap();
    assert!(!answer.is_error);
    let expected =
        "github.create_issue(input: {title: string; labels?: string[]}): Promise<unknown>\n  Files an issue";
    assert!(answer.text.starts_with(expected), "{}", answer.text);
    assert_eq!(answer.structured["results"].as_array().unwrap().len(), 1);
    assert_eq!(answer.structured["results"][0]["signature"], expected.lines().next().unwrap());
    let name = runtime.call("search", query("name")).await.unwrap();
    assert!(name.text.starts_with("github.create_issue: Files an issue"), "{}", name.text);
    let full = runtime.call("search", query("full")).await.unwrap();
    assert!(full.text.starts_with("declare namespace github {"), "{}", full.text);
    let schema = &runtime.tools()[0].output_schema;
    for answer in [answer, name, full] {
        Validator::new(schema, None).validate(&answer.structured).unwrap();
    }
    let nothing = runtime.call("search", json!({ "query": "xyzzy" })).await.unwrap();
    assert!(nothing.text.starts_with("No tool does that"), "{}", nothing.text);
}

#[tokio::test]
async fn an_answer_of_search_keeps_to_its_budget() {
    let mut builder = Runtime::builder().surface(SurfaceOptions::default().search_tokens(300));
    for tool in 0..200 {
        let any = json!({ "type": "object", "properties": { "identifier": { "type": "string", "description": "The identifier of the thing ".repeat(5) } } });
        builder = builder.tool(format!("find_thing_{tool}"), "Finds a thing", any, |_: Value| async {
            Ok::<_, String>(1)
        });
    }
    let runtime = builder.build().await.unwrap();
    for detail in ["name", "signature", "full"] {
        let answer = runtime
            .call("search", json!({ "query": "thing", "limit": 100, "detail": detail }))
            .await
            .unwrap();
        let used = tokens(&answer.text);
        assert!((100..=300).contains(&used), "{detail}: {used}: {}", answer.text);
        let shown = answer.structured["results"].as_array().unwrap().len();
        assert!(shown > 1 && shown < 100, "{detail}: {shown}");
        assert_eq!(answer.structured["truncated"], true);
        assert!(
            answer
                .text
                .ends_with(&format!("({} more; narrow the query, or ask for less `detail`)", 200 - shown)),
            "{}",
            answer.text
        );
    }
}

#[tokio::test]
async fn executing_gives_the_output_as_json_and_as_text() {
    let runtime = with_shape(Shape::Pair).await;
    let validator = Validator::new(&runtime.tools()[1].output_schema, None);
    let arguments =
        json!({ "code": "console.log('x'); return host.add({ a: input.a, b: 2 })", "input": { "a": 1 } });
    for tool in ["execute", "codemode"] {
        let answer = runtime.call(tool, arguments.clone()).await.unwrap();
        assert!(!answer.is_error);
        assert_eq!(answer.text, answer.structured.to_string());
        validator.validate(&answer.structured).unwrap();
        let Output::Completed { result, calls, truncated: None, .. } =
            serde_json::from_value(answer.structured).unwrap()
        else {
            panic!("{}", answer.text)
        };
        assert_eq!((result, calls.len()), (json!(3), 1));
    }
    let failed = runtime
        .call("execute", json!({ "code": "const a = 1;\nawait github.create_isue({})" }))
        .await
        .unwrap();
    assert!(failed.is_error);
    validator.validate(&failed.structured).unwrap();
    assert_eq!(failed.structured["error"]["line"], 2);
    assert!(failed.text.contains("github.create_issue"), "{}", failed.text);
}

#[tokio::test]
async fn a_model_may_ask_for_less_time_and_not_for_more() {
    let runtime = with_shape(Shape::Pair).await;
    let endless = |ms: u64| json!({ "code": "await host.never({})", "timeoutMs": ms });
    let answer = runtime.call("execute", endless(30)).await.unwrap();
    assert_eq!(
        (&answer.structured["error"]["kind"], &answer.structured["error"]["limit"]),
        (&json!("timeout"), &json!(30))
    );
    let refused = runtime.call("execute", endless(60_001)).await.unwrap_err().to_string();
    assert!(refused.contains("timeoutMs") && refused.contains("60000"), "{refused}");
    let mut limits = Limits::default();
    limits.set("wall", "20ms").unwrap();
    let answer =
        runtime.call_with("execute", endless(50_000), RunOptions::default().limits(limits)).await.unwrap();
    assert_eq!(answer.structured["error"]["limit"], 20);
}

#[tokio::test]
async fn a_wrong_call_is_told_what_would_be_right() {
    let runtime = with_shape(Shape::Pair).await;
    let cases = [
        (
            "github.create_issue",
            json!({ "title": "x" }),
            &["no tool \"github.create_issue\" to call directly", "search, execute", "execute({\"code\""][..],
        ),
        ("execute", json!({}), &["execute: ", "code", "It takes {code: string;", "{runId: string;"]),
        ("execute", json!({ "code": "1", "runId": "a" }), &["both `code` and `runId`"]),
        ("execute", json!({ "runId": "a", "input": {} }), &["`input` goes with `code`"]),
        ("execute", Value::Null, &["code"]),
        ("execute", json!([]), &["object"]),
        ("execute", json!("return 1"), &["object", "{code: string;"]),
        ("execute", json!({ "code": 5 }), &["code", "string"]),
        ("execute", json!({ "script": "return 1" }), &["script", "code"]),
        ("execute", json!({ "code": "1", "timeoutMs": "5" }), &["timeoutMs", "integer"]),
        ("search", json!({}), &["query", "It takes {query: string;"]),
        ("search", json!({ "query": "x", "limit": 1_000 }), &["limit", "100"]),
        ("search", json!({ "query": "x", "detail": "brief" }), &["detail", "signature"]),
    ];
    for (tool, arguments, parts) in cases {
        let message = runtime.call(tool, arguments.clone()).await.unwrap_err().to_string();
        eprintln!("{message}");
        for part in parts {
            assert!(message.contains(part), "{tool} {arguments}: {message}");
        }
        assert!(message.len() < 500, "{message}");
    }
    let long = runtime.call(&"x".repeat(1 << 20), Value::Null).await.unwrap_err().to_string();
    assert!(long.len() < 500);
    // What a client passed on unread is read.
    let answer = runtime.call("execute", json!("{\"code\": \"return 1\"}")).await.unwrap();
    assert_eq!(answer.structured["result"], 1);
}

#[tokio::test]
async fn logs_and_calls_are_bounded_and_what_went_wrong_is_among_them() {
    let runtime = upstream::plain().await;
    let program = "for (let n = 0; n < 400; n++) { console.log(`line ${n} of the four hundred`); await host.echo({ n }) }\
                   await host.fail({}).catch(() => {}); return 1";
    let run = runtime.run(program, RunOptions::default()).await;
    assert_eq!(run.calls().len(), 401);
    let output = runtime.present(run);
    let Output::Completed { logs, calls, left_out: Some(left_out), truncated: None, .. } = &output else {
        panic!("{output:?}")
    };
    assert_eq!(logs.last().unwrap(), "line 399 of the four hundred");
    assert_eq!((logs.len() + left_out.logs, calls.len() + left_out.calls), (400, 401));
    assert_eq!((calls[0].seq, calls[calls.len() - 1].outcome), (1, CallOutcome::Error));
    let json = serde_json::to_string(&output).unwrap();
    assert!(tokens(&json) < 2_000, "{}", tokens(&json));
    assert_eq!(serde_json::from_str::<Output>(&json).unwrap(), output);
}

#[tokio::test]
async fn a_cut_result_is_there_whole_for_a_later_program() {
    let runtime = with_shape(Shape::Pair).await;
    let rows = "Array.from({ length: 5000 }, (_, id) => ({ id, name: 'row ' + id }))";
    let answer = runtime.call("execute", json!({ "code": format!("return {rows}") })).await.unwrap();
    assert!(tokens(&answer.text) <= 6_100, "{}", tokens(&answer.text));
    let truncated = &answer.structured["truncated"];
    let run_id = answer.structured["runId"].as_str().unwrap();
    let whole = truncated["whole"].as_str().unwrap();
    assert_eq!(whole, format!("codemode.result(\"{run_id}\")"));
    assert_eq!((&truncated["cuts"][0]["path"], &truncated["cuts"][0]["total"]), (&json!("$"), &json!(5_000)));
    let code = format!("const rows = await {whole}; return [rows.length, rows.at(-1).name]");
    let answer = runtime.call("execute", json!({ "code": code })).await.unwrap();
    assert_eq!(answer.structured["result"], json!([5_000, "row 4999"]), "{}", answer.text);
    let sliced = format!("return codemode.result({run_id:?}, {{ path: '/4998/name' }})");
    let answer = runtime.call("execute", json!({ "code": sliced })).await.unwrap();
    assert_eq!(answer.structured["result"], "row 4998", "{}", answer.text);
    let sliced =
        format!("return (await codemode.result({run_id:?}, {{ from: 10, count: 2 }})).map((row) => row.id)");
    let answer = runtime.call("execute", json!({ "code": sliced })).await.unwrap();
    assert_eq!(answer.structured["result"], json!([10, 11]), "{}", answer.text);
    for (id, part) in
        [("0".repeat(32), "whose result was not cut"), ("nonsense".into(), "32 hexadecimal digits")]
    {
        let code = format!("return codemode.result({id:?})");
        let answer = runtime.call("execute", json!({ "code": code })).await.unwrap();
        let message = answer.structured["error"]["message"].as_str().unwrap();
        assert!(message.contains(part), "{message}");
    }
}

#[tokio::test]
async fn an_image_is_shown_beside_the_result() {
    let runtime = with_shape(Shape::Pair).await;
    let code = "const data = new Uint8Array(30_000).fill(7);\n\
                return { title: 'chart', chart: { type: 'image', data, mimeType: 'image/png' } }";
    let answer = runtime.call("execute", json!({ "code": code })).await.unwrap();
    assert_eq!(answer.structured["result"]["title"], "chart", "{}", answer.text);
    assert_eq!(answer.structured["result"]["chart"]["data"], "(30000 bytes, shown beside this)");
    assert!(answer.text.len() < 1_000 && answer.structured.get("truncated").is_none());
    let [image] = &answer.content[..] else { panic!("{:?}", answer.content) };
    assert_eq!((&image["type"], &image["mimeType"]), (&json!("image"), &json!("image/png")));
    assert_eq!(image["data"].as_str().unwrap(), "BwcH".repeat(10_000));
    let run = runtime.run(code, RunOptions::default()).await;
    assert_eq!(run.value().unwrap()["chart"]["data"].as_str().unwrap().len(), 40_000, "a run has it whole");
}
