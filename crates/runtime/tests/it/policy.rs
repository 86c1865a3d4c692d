//! `cases/policy/*.json`: rules, tools and arguments, and the verdict that must come out.

use std::fs;
use std::path::{Path, PathBuf};

use codemode::{Annotations, Hints, Policy, Rule, Tool, Truth, Verdict};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    #[serde(default)]
    trust: Vec<String>,
    #[serde(default)]
    rules: Vec<Rule>,
    /// Tool, arguments, verdict.
    calls: Vec<(Value, Value, Verdict)>,
    /// Whether the arguments are to be unknown.
    #[serde(default)]
    unknown: bool,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cases/policy")
}

#[test]
fn verdicts() {
    for file in ["rules", "annotations", "conditions"] {
        let text = fs::read_to_string(folder().join(file).with_extension("json")).unwrap();
        let cases: Vec<Case> = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
        for case in cases {
            let mut policy =
                case.trust.iter().fold(Policy::new(), |policy, name| policy.trust_annotations(name));
            policy.extend(case.rules);
            for (tool, arguments, expected) in &case.calls {
                let what = format!("{file}, {}: {tool} {arguments}", case.name);
                let (connector, tool) = read(tool);
                if case.unknown {
                    let explained = policy.explain(&connector, &tool, None);
                    assert_eq!(explained.verdict, *expected, "{what}");
                    continue;
                }
                assert_eq!(policy.of(&connector, &tool).verdict(arguments), *expected, "{what}");
                let explained = policy.explain(&connector, &tool, Some(arguments));
                assert_eq!(explained.verdict, *expected, "{what}");
                let tried = explained.considered.iter().find(|tried| Some(tried.rule) == explained.rule);
                assert!(tried.is_none_or(|tried| tried.matches != Truth::No), "{what}");
                let known = policy.of(&connector, &tool);
                assert!(known.laxest() <= *expected, "{what}: {}", known.laxest());
                assert!(!known.is_fixed() || known.laxest() == *expected, "{what}");
            }
        }
    }
}

/// `"connector.tool"`, or a tool with its connector.
fn read(tool: &Value) -> (String, Tool) {
    if let Some((connector, name)) = tool.as_str().and_then(|path| path.split_once('.')) {
        return (connector.to_owned(), Tool::new(name, ""));
    }
    (tool["connector"].as_str().unwrap().to_owned(), Tool::deserialize(tool).unwrap())
}

#[test]
fn rules_that_are_wrong_say_how() {
    let text = fs::read_to_string(folder().join("refused.json")).unwrap();
    let refused: Vec<(Value, String)> = serde_json::from_str(&text).unwrap();
    for (rule, expected) in refused {
        // As from a file, where numbers and texts are told apart by the reader.
        let error = serde_json::from_str::<Rule>(&rule.to_string()).expect_err(&rule.to_string()).to_string();
        assert!(error.contains(&expected), "{rule}: {error}");
    }
}

#[test]
fn a_rule_is_written_as_it_is_read() {
    let text = r#"{"tools":["shop.refund","shop.pay_*"],"action":"ask","method":["POST"],"annotations":{"read_only":false},"when":{"currency":{"eq":"EUR"},"payment.amount":{"gt":100,"le":2000},"to":{"length":{"lt":3}},"x":{"matches":"a+"}},"reason":"large payments are looked at"}"#;
    let rule: Rule = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_string(&rule).unwrap(), text);
    let said = "ask shop.refund, shop.pay_* where the method is POST and the tool is not read-only and currency is \"EUR\" and \
                payment.amount > 100 and <= 2000 and to has a length that is < 3 and x matches /a+/";
    assert_eq!(rule.to_string(), said);
}

#[test]
fn an_explanation_says_what_was_tried() {
    let rules = r#"[
        {"tools": "shop.*", "action": "ask", "reason": "money"},
        {"tools": "shop.pay", "action": "allow", "when": {"amount": {"le": 10}}},
        {"tools": "shop.pay", "action": "deny", "when": {"to": "mallory"}}
    ]"#;
    let mut policy = Policy::new();
    policy.extend(serde_json::from_str::<Vec<Rule>>(rules).unwrap());
    let explained =
        policy.explain("shop", &Tool::new("pay", ""), Some(&serde_json::json!({"amount": "5", "to": "bob"})));
    let expected = serde_json::json!({
        "path": "shop.pay",
        "verdict": "ask",
        "fixed": false,
        "rule": 1,
        "why": "rule 1, ask shop.*: money",
        "reason": "money",
        "considered": [
            {"rule": 3, "text": "deny shop.pay where to is \"mallory\"", "matches": "no",
             "conditions": [{"text": "to is \"mallory\"", "holds": "no"}]},
            {"rule": 2, "text": "allow shop.pay where amount <= 10", "matches": "unsure",
             "conditions": [{"text": "amount <= 10", "holds": "unsure"}]},
            {"rule": 1, "text": "ask shop.*", "matches": "yes"},
        ],
    });
    assert_eq!(serde_json::to_value(&explained).unwrap(), expected);
}

#[test]
fn no_claim_makes_anything_laxer() {
    let said = [None, Some(false), Some(true)];
    let all = || {
        (0..81).map(move |index: usize| {
            let each = |place: u32| said[index / 3_usize.pow(place) % 3];
            (each(0), each(1), each(2), each(3))
        })
    };
    let earlier = [None, Some(Verdict::Allow), Some(Verdict::Ask), Some(Verdict::Deny)];
    for (earlier, action) in earlier.into_iter().flat_map(|earlier| {
        [Verdict::Allow, Verdict::Ask, Verdict::Deny].map(move |action| (earlier, action))
    }) {
        for (read_only, destructive, idempotent, open_world) in all() {
            let hints = Hints { read_only, destructive, idempotent, open_world };
            let base = earlier.map_or(Policy::new(), |earlier| Policy::new().rule(Rule::new(earlier, "*")));
            let policy = base.rule(Rule::new(action, "*").annotations(hints));
            let silent = policy.of("mcp", &Tool::new("a", "")).verdict(&Value::Null);
            for (read_only, destructive, idempotent, open_world) in all() {
                let claims = Annotations { read_only, destructive, idempotent, open_world };
                let verdict =
                    policy.of("mcp", &Tool::new("a", "").with_annotations(claims)).verdict(&Value::Null);
                assert!(verdict >= silent, "{earlier:?}, {action} {hints:?}: {claims:?}");
            }
        }
    }
}
