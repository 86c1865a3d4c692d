//! What policy costs a call: 200 rules over the 2,756 tools of an API as large as Cloudflare's, a third of the rules with
//! conditions on arguments. `first` is a tool's first call, for which the rules about it are picked; `call` every other.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout)]

use std::time::{Duration, Instant};

use codemode::{Annotations, Http, Policy, Rule, Tool, ToolPolicy};
use serde_json::{Value, json};

const TOOLS: usize = 2_756;
const RULES: usize = 200;
const ROUNDS: usize = 40;

/// What a call may cost at the 99th percentile.
const GOAL: Duration = Duration::from_micros(50);

fn main() {
    let (policy, tools) = (policy(), tools());
    let arguments = arguments();
    let mut first = Vec::new();
    let mut known: Vec<ToolPolicy> = Vec::new();
    for tool in &tools {
        let started = Instant::now();
        let of_tool = policy.of("api", tool);
        std::hint::black_box(of_tool.verdict(&arguments[0]));
        first.push(started.elapsed());
        known.push(of_tool);
    }
    let mut call = Vec::new();
    for round in 0..ROUNDS {
        for (index, of_tool) in known.iter().enumerate() {
            let arguments = &arguments[(index + round) % arguments.len()];
            let started = Instant::now();
            std::hint::black_box(of_tool.verdict(arguments));
            call.push(started.elapsed());
        }
    }
    println!("{RULES} rules, {TOOLS} tools");
    report("first", first);
    report("call", call);
    println!("the goal is a p99 of a call of at most {GOAL:?}");
}

fn report(name: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100];
    println!("{name:<6} p50 {:?}  p99 {:?}  max {:?}", at(50), at(99), times[times.len() - 1]);
}

fn tools() -> Vec<Tool> {
    let methods = ["GET", "POST", "PUT", "PATCH", "DELETE"];
    let verbs = ["list", "create", "replace", "update", "delete"];
    let tools = (0..TOOLS).map(|index| {
        let kind = index % methods.len();
        let name = format!("{}_zone_{}_record", verbs[kind], index / methods.len());
        let path = format!("/zones/{{zone}}/records/{index}");
        let claims = Annotations { read_only: Some(kind == 0), ..Annotations::default() };
        let http = Http::Operation { method: methods[kind].to_owned(), path };
        Tool::new(name, "").with_annotations(claims).with_http(http)
    });
    tools.collect()
}

/// Rules of every kind; those with conditions are about every tool, which is the worst for a call.
fn policy() -> Policy {
    let mut policy = Policy::new();
    let rules = (0..RULES).map(|index| {
        let rule = match index % 6 {
            0 => json!({"tools": format!("api.*_zone_{index}_*"), "action": "deny"}),
            1 => json!({"tools": "api.*", "action": "ask", "method": ["DELETE"], "when": {"count": {"gt": index}}}),
            2 => json!({"tools": format!("other{index}.*"), "action": "deny"}),
            3 => json!({"tools": "*_record", "action": "ask",
                "when": {"body.name": {"matches": format!("(prod|live)-{index}-.*")}, "body.ttl": {"le": 0}}}),
            4 => json!({"tools": [format!("api.list_*_{index}"), "api.get_*"], "action": "allow"}),
            _ => json!({"tools": "api.*", "action": "deny", "annotations": {"destructive": true}, "when": {"body.tags": {"contains": format!("t{index}")}}}),
        };
        serde_json::from_value::<Rule>(rule).unwrap()
    });
    policy.extend(rules);
    policy
}

fn arguments() -> Vec<Value> {
    vec![
        json!({"zone": "abc", "count": 1, "body": {"name": "www.example.com", "ttl": 300, "tags": ["a", "b"]}}),
        json!({"zone": "abc"}),
        json!({"zone": "abc", "body": {"name": "prod-3-".repeat(100), "ttl": 60, "tags": (0..50).map(|n| format!("tag{n}")).collect::<Vec<_>>()}}),
        json!({"body": "not an object", "count": "7"}),
    ]
}
