//! The guest programs of the documents this project was conceived from, character for character. The documents lie beside
//! the checkout where they exist at all; without them these tests say so and pass.

use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use codemode::connect::Host;
use codemode::{RunOptions, Runtime};
use serde_json::{Value, json};

use super::codemode;

const WEATHER: &str = r#"{"san_francisco":{"temp_f":61},"tokyo":{"temp_f":75},"difference":{"fahrenheit":14,"celsius":7.777777777777778},"warmer":"Tokyo"}"#;

#[test]
fn weather_by_host_tools() {
    let Some(document) = document("000_") else { return };
    let program = template_literal(&document, "const llmGeneratedCode = `");
    assert_weather(&program, "chained 3 tool calls in one sandbox execution");
}

#[test]
fn weather_by_bindings() {
    let Some(document) = document("001_") else { return };
    let program = template_literal(&document, "const llmGeneratedCode = `");
    assert_weather(&program, "chained 3 binding calls in one sandbox execution");
}

#[test]
fn orders_and_their_customers() {
    let Some(document) = document("003_") else { return };
    let program = section(&document, "const orders = await tools.orders.list", ".slice(0, 3);");
    let (result, _) = run_demo(program);
    let rows = result.as_array().unwrap();
    assert_eq!(rows.len(), 3);
    for row in rows {
        assert_eq!(row["customer"]["id"], row["customerId"]);
        assert!(row["total"].as_f64().unwrap() > 100.0 && row["date"].as_str().unwrap() >= "2026-04-01");
    }
    let copy = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/orders.ts");
    assert_eq!(std::fs::read_to_string(copy).unwrap().trim_end(), program);
}

/// The part that calls the API; the lines before it search the catalog.
#[tokio::test]
async fn a_worker_is_uploaded() {
    let Some(document) = document("002_") else { return };
    let program = section(&document, "const result = await cloudflare.request({", "console.log(result);");
    let schema = json!({
        "type": "object",
        "properties": { "method": { "type": "string" }, "path": { "type": "string" } },
        "required": ["method", "path"]
    });
    let cloudflare =
        Host::new("cloudflare").tool("request", "Call the API", schema, |input: Value| async move {
            Ok::<_, String>(json!({ "success": true, "received": input }))
        });
    let runtime = Runtime::builder().connector(cloudflare).build().await.unwrap();
    let run = runtime.run(program, RunOptions::default()).await;
    let printed = run.value().and_then(Value::as_str).unwrap_or_else(|| panic!("{run:?}"));
    assert_eq!(run.stdout.trim_end(), printed);
    for expected in
        ["success: true", "PUT", "/accounts/{account_id}/workers/scripts/{script_name}", "abc123", "hello"]
    {
        assert!(printed.contains(expected), "{expected} in {printed}");
    }
}

fn assert_weather(program: &str, printed: &str) {
    let (result, stderr) = run_demo(program);
    assert_eq!(result.to_string(), WEATHER);
    assert!(stderr.lines().any(|line| line == printed), "{stderr}");
}

/// The result, and what was written to standard error.
fn run_demo(program: &str) -> (Value, String) {
    let mut child = codemode(&["run", "--demo", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(program.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    (serde_json::from_slice(&output.stdout).unwrap(), stderr)
}

/// The document whose file name starts so.
fn document(prefix: &str) -> Option<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/seeds");
    let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
    let found = entries.map(|entry| entry.path()).find(|path| {
        path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with(prefix))
    });
    if found.is_none() {
        // Not through the test harness, which hides what a passing test prints.
        let _ =
            writeln!(std::io::stderr(), "SKIPPED: there is no document {prefix}* in {}", folder.display());
    }
    found.map(|path| std::fs::read_to_string(path).unwrap())
}

/// From the first of `start` to the first of `end` after it, both included.
fn section<'d>(document: &'d str, start: &str, end: &str) -> &'d str {
    let from = document.find(start).unwrap();
    let length = document[from..].find(end).unwrap() + end.len();
    &document[from..from + length]
}

/// What the template literal that follows `start` means.
fn template_literal(document: &str, start: &str) -> String {
    let mut text = String::new();
    let mut chars = document[document.find(start).unwrap() + start.len()..].chars();
    loop {
        match chars.next().unwrap() {
            '`' => return text,
            '\\' => text.push(match chars.next().unwrap() {
                c @ ('`' | '$' | '\\' | '{') => c,
                other => panic!("\\{other} is not an escape these documents use"),
            }),
            c => text.push(c),
        }
    }
}
