//! Why a policy says what it says.

use std::fmt;

use serde::Serialize;

use super::decide::{Arguments, By, Decision};
use super::{Rule, ToolPolicy, Truth, Verdict};

/// Why a call of a tool would be allowed, asked about or denied.
///
/// ```ts
/// { path: string; verdict: "allow" | "ask" | "deny"; fixed: boolean; rule?: number; why: string; reason?: string;
///   considered?: { rule: number; text: string; matches: "yes" | "no" | "unsure";
///                  conditions?: { text: string; holds: "yes" | "no" | "unsure" }[] }[];
///   quarantined?: "changed" | "new" | "unknown"; amountsTo?: Explanation[] }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// The tool.
    pub path: String,
    /// What becomes of the call. Where the arguments are not known, the strictest that rules for them could lead to.
    pub verdict: Verdict,
    /// Whether it is the same whatever the arguments are.
    pub fixed: bool,
    /// The rule that decides, counted from 1; nothing if none does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<usize>,
    /// What decides, in words.
    pub why: String,
    /// The reason that the rule gives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The rules that were tried, in this order: the last one that matches decides, and where it cannot be told whether
    /// one does, the stricter of both ways.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub considered: Vec<Considered>,
    /// Why it is not called whatever policy says, until the operator has accepted the tool.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quarantined: Option<crate::Why>,
    /// The same of the tools that the call amounts to, whose verdicts hold for it as well.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub amounts_to: Vec<Explanation>,
}

/// A rule that could decide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Considered {
    /// Which, counted from 1.
    pub rule: usize,
    /// The rule in one line.
    pub text: String,
    /// Whether it matches.
    pub matches: Truth,
    /// What came of what it asks for besides the tool's name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Tested>,
}

/// Something that a rule asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tested {
    /// In words: `amount > 100`.
    pub text: String,
    /// Whether it holds.
    pub holds: Truth,
}

impl Explanation {
    pub(crate) fn new(path: String, policy: &ToolPolicy, arguments: Arguments<'_>) -> Self {
        let decision = policy.decide(arguments);
        let (rule, reason) = match decision.by {
            By::Rule(index, rule) => (Some(index + 1), rule.reason().map(str::to_owned)),
            _ => (None, None),
        };
        let mut considered = Vec::new();
        for rules in policy.rules() {
            for (index, tried) in rules {
                let matches = policy.truth(tried, arguments);
                let conditions = tested(policy, tried, arguments);
                considered.push(Considered { rule: index + 1, text: tried.to_string(), matches, conditions });
                if matches == Truth::Yes {
                    break;
                }
            }
        }
        let (verdict, fixed, why) = (decision.verdict, policy.is_fixed(), decision.to_string());
        Self {
            path,
            verdict,
            fixed,
            rule,
            why,
            reason,
            considered,
            quarantined: None,
            amounts_to: Vec::new(),
        }
    }

    /// With what the call amounts to; the strictest verdict holds.
    pub(crate) fn with(mut self, others: Vec<Self>) -> Self {
        self.verdict = others.iter().map(|other| other.verdict).fold(self.verdict, Verdict::max);
        self.amounts_to = others;
        self
    }
}

fn tested(policy: &ToolPolicy, rule: &Rule, arguments: Arguments<'_>) -> Vec<Tested> {
    let mut tested = Vec::new();
    if !(rule.methods().is_empty() && rule.hints().is_empty()) {
        let mut parts = Vec::new();
        if !rule.methods().is_empty() {
            parts.push(format!("the method is {}", rule.methods().join(" or ")));
        }
        if !rule.hints().is_empty() {
            parts.push(format!("the tool {}", rule.hints()));
        }
        tested.push(Tested { text: parts.join(" and "), holds: policy.truth_of_call(rule, arguments) });
    }
    let conditions = rule.conditions().iter();
    tested.extend(conditions.map(|(place, condition)| Tested {
        text: format!("{place} {condition}"),
        holds: condition.holds(arguments.find(place)),
    }));
    tested
}

impl fmt::Display for Decision<'_> {
    /// What decided: `rule 2, ask shop.* where amount > 100: large payments are looked at`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.by {
            By::Rule(index, rule) => {
                write!(f, "rule {}, {rule}", index + 1)?;
                rule.reason().map_or(Ok(()), |reason| write!(f, ": {reason}"))
            }
            By::Default => f.write_str("no rule matches, and nothing says that it is destructive"),
            By::Destructive => {
                f.write_str("the tool says of itself that it is destructive, and no rule allows it")
            }
            By::Delete => f.write_str("it is a DELETE request, and no rule allows it"),
            By::MaybeDelete => f.write_str("it may be a DELETE request, and no rule allows it"),
        }
    }
}
