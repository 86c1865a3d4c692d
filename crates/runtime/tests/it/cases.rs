//! `cases/runtime/*.ts`: programs, each under a line `//// name {options}`, and what comes back for each.
//!
//! Options are JSON: `input`, `limits` (as on a command line), `policy` (rules, or pairs of verdict and
//! pattern).

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use codemode::{Limits, Policy, Rule, Run, RunOptions, Verdict};
use serde::Deserialize;
use serde_json::Value;

use crate::upstream::{self, Sent};

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Options {
    input: Option<Value>,
    limits: std::collections::BTreeMap<String, String>,
    policy: Vec<AnyRule>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum AnyRule {
    Short(Verdict, String),
    Whole(Rule),
}

#[tokio::test]
async fn cases() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cases/runtime");
    let mut files: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "ts"));
    files.sort();
    assert!(!files.is_empty(), "no cases in {}", folder.display());
    let mut wrong = Vec::new();
    for path in files {
        let mut actual = String::new();
        for (header, program) in sections(&fs::read_to_string(&path).unwrap()) {
            let _ = write!(actual, "//// {header}\n{}", outcome(header, program).await);
        }
        let expected = path.with_extension("expected");
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            fs::write(&expected, &actual).unwrap();
            continue;
        }
        let expected = fs::read_to_string(&expected).unwrap_or_default();
        if expected != actual {
            let known: Vec<_> = sections(&expected).collect();
            let changed = sections(&actual).filter(|section| !known.contains(section));
            let changed: String =
                changed.map(|(header, outcome)| format!("//// {header}\n{outcome}")).collect();
            wrong.push(format!("{}:\n{changed}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "run with UPDATE_EXPECT=1 to accept:\n\n{}", wrong.join("\n"));
}

fn sections(text: &str) -> impl Iterator<Item = (&str, &str)> {
    // What stands before the first header is a comment on the file.
    text.split("//// ").skip(1).map(|section| section.split_once('\n').unwrap())
}

async fn outcome(header: &str, program: &str) -> String {
    let options = header.find('{').map_or("{}", |at| &header[at..]);
    let options: Options = serde_json::from_str(options).unwrap_or_else(|error| panic!("{header}: {error}"));
    let rules = options.policy.into_iter().map(|rule| match rule {
        AnyRule::Short(verdict, pattern) => Rule::new(verdict, pattern),
        AnyRule::Whole(rule) => rule,
    });
    let policy = rules.fold(Policy::new(), Policy::rule);
    let mut limits = Limits::default();
    for (name, value) in options.limits {
        limits.set(&name, &value).unwrap();
    }
    let sent = Sent::default();
    let runtime = upstream::runtime(&sent, |builder| builder.policy(policy).limits(limits)).await;
    let mut run_options = RunOptions::default();
    run_options.input = options.input;
    describe(&runtime.run(program, run_options).await, &sent)
}

/// All that a caller is told and all that the upstream got, without what differs from run to run.
fn describe(run: &Run, sent: &Sent) -> String {
    let mut output = serde_json::to_value(&run.output).unwrap();
    let id = std::mem::replace(&mut output["runId"], Value::String("…".into()));
    assert!(
        id.as_str().is_some_and(|id| id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit())),
        "{id}"
    );
    for call in output.get_mut("calls").and_then(Value::as_array_mut).into_iter().flatten() {
        assert!(call.as_object_mut().unwrap().shift_remove("ms").is_some_and(|ms| ms.is_u64()));
    }
    let frame = output.pointer_mut("/error/frame").map(Value::take);
    if frame.is_some() {
        output["error"].as_object_mut().unwrap().shift_remove("frame");
    }
    let mut out = format!("{output}\n");
    for line in frame.iter().filter_map(Value::as_str).flat_map(str::lines) {
        let _ = writeln!(out, "    {line}");
    }
    for (name, text) in [("out", &run.stdout), ("err", &run.stderr)] {
        for line in text.split_terminator('\n') {
            let _ = writeln!(out, "{name}| {line}");
        }
    }
    for (path, arguments) in Arc::clone(sent).lock().unwrap().iter() {
        let _ = writeln!(out, "sent {path} {arguments}");
    }
    let _ = writeln!(out, "exit {}", run.exit_code());
    out
}
