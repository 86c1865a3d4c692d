//! What goes where, and readers that go away.

use std::io::Read as _;
use std::process::{Output, Stdio};

use super::codemode;

fn run(program: &str, arguments: &[&str]) -> Output {
    let file = std::env::temp_dir().join(format!("codemode-{}-{:x}.ts", std::process::id(), hash(program)));
    std::fs::write(&file, program).unwrap();
    let output = codemode(&["run"]).args(arguments).arg(&file).output().unwrap();
    std::fs::remove_file(&file).unwrap();
    output
}

fn hash(text: &str) -> u64 {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

#[test]
fn the_result_is_alone_on_standard_output() {
    let output = run("console.log('printed'); console.error('warned'); return { a: 1 }", &[]);
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "{\n  \"a\": 1\n}\n");
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "printed\nwarned\n");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn a_text_is_passed_on_exactly() {
    let output = run("return 'caf\\u00e9 \\u001b[1m\\r\\n'", &[]);
    assert_eq!(output.stdout, "café \x1b[1m\r\n".as_bytes());
}

#[test]
fn with_json_nothing_else_is_written() {
    let output = run("console.log('printed'); throw new Error('no')", &["--demo", "--json"]);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["status"], "error", "{json}");
    assert_eq!(json["logs"], serde_json::json!(["printed"]), "{json}");
    assert_eq!(output.stderr, b"");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_reader_that_went_away_is_no_error() {
    let mut child = codemode(&["run", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let program = b"return Array.from({ length: 50000 }, (_, n) => n)";
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), program).unwrap();
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    assert_eq!((child.wait().unwrap().code(), stderr.as_str()), (Some(0), ""));
}

#[test]
fn what_would_command_a_terminal_is_spelled_out() {
    let program =
        r#"console.log("\u001b[2J\u0007\u009b31m\tred\r"); await demo["\u001b]0;title\u0007\n"]({})"#;
    let output = run(program, &["--demo"]);
    let stderr = String::from_utf8(output.stderr).unwrap();
    let expected =
        "\\u001b[2J\\u0007\\u009b31m\tred\n  demo.\\u001b]0;title\\u0007\\u000a … not sent\nerror: ";
    assert!(stderr.starts_with(expected), "{stderr}");
    assert!(!stderr.chars().any(|c| c.is_control() && c != '\n' && c != '\t'), "{stderr:?}");
}

#[test]
fn a_rejection_for_programs() {
    let mut child =
        codemode(&["check", "--json", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"const a = ;").unwrap();
    let output = child.wait_with_output().unwrap();
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), json["status"].as_str()), (Some(3), Some("error")));
    let error = &json["error"];
    assert_eq!((&error["kind"], &error["line"]), (&"source_rejected".into(), &1.into()), "{json}");
    assert_eq!(error["frame"], "> 1 | const a = ;\n    |           ^");
}
