//! Which tools a program may call, and with what.

mod condition;
mod condition_serde;
mod decide;
mod explain;
mod hints;
mod of_runtime;
mod patterns;
mod place;
mod rule;
mod same;
mod truth;
mod whole;

use std::fmt;
use std::sync::Arc;

use codemode_catalog::{Tool, identifier, matches};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use condition::Condition;
pub use decide::ToolPolicy;
pub(crate) use decide::{Arguments, Decision};
pub use explain::{Considered, Explanation, Tested};
pub use hints::Hints;
pub use rule::Rule;
pub use truth::Truth;

/// What becomes of a call, from lax to strict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "config", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It is made.
    Allow,
    /// A person has to approve it. Runs cannot wait for one yet: the call fails with
    /// [`Kind::Denied`](crate::Kind::Denied) and the error's name `ApprovalRequiredError`; nothing is sent.
    Ask,
    /// It fails with [`Kind::Denied`](crate::Kind::Denied); nothing is sent.
    Deny,
}

/// Rules over calls; the last one that matches decides. Where it cannot be told whether one does, the stricter of both ways
/// counts.
///
/// A call that no rule matches is allowed, as registering the tool was the grant; but a person is asked about it if the
/// tool says that it is destructive (MCP's `destructiveHint`, also of functions of one's own), or if it is an HTTP
/// `DELETE`.
///
/// Rules hold however a call is made: either of a tool's names counts, its own (`get-weather`) and its identifier
/// (`get_weather`), and a raw request is held to the rules of every operation that it may be taken for. Conditions on the
/// arguments of such an operation cannot be told of it, which counts as strictly as [`Condition`] says.
///
/// ```
/// use codemode::{Condition, Policy, Rule, Tool, Verdict};
/// use serde_json::json;
///
/// let policy = Policy::new()
///     .deny("github.*")
///     .allow("github.list_*")
///     .rule(Rule::new(Verdict::Ask, "github.create_issue").when("repo", Condition::eq("codemode"))?);
/// let verdict = |tool: &str, arguments| policy.of("github", &Tool::new(tool, "")).verdict(&arguments);
/// assert_eq!(verdict("delete_repo", json!({})), Verdict::Deny);
/// assert_eq!(verdict("list_issues", json!({})), Verdict::Allow);
/// assert_eq!(verdict("create_issue", json!({"repo": "codemode"})), Verdict::Ask);
/// assert_eq!(verdict("create_issue", json!({"repo": "another"})), Verdict::Deny);
/// # Ok::<(), String>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Policy {
    rules: Vec<Arc<Rule>>,
    trust_annotations: Vec<String>,
    /// Rules of views, each of which can only make verdicts stricter.
    further: Vec<Vec<Arc<Rule>>>,
}

impl Policy {
    /// No rules.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a rule that allows.
    #[must_use]
    pub fn allow(self, tools: impl Into<String>) -> Self {
        self.rule(Rule::new(Verdict::Allow, tools))
    }

    /// Adds a rule that asks.
    #[must_use]
    pub fn ask(self, tools: impl Into<String>) -> Self {
        self.rule(Rule::new(Verdict::Ask, tools))
    }

    /// Adds a rule that denies.
    #[must_use]
    pub fn deny(self, tools: impl Into<String>) -> Self {
        self.rule(Rule::new(Verdict::Deny, tools))
    }

    /// Adds a rule.
    #[must_use]
    pub fn rule(mut self, rule: Rule) -> Self {
        self.rules.push(Arc::new(rule));
        self
    }

    /// Believes what the connectors of this name say of their tools, in which `*` stands for any characters.
    #[must_use]
    pub fn trust_annotations(mut self, connector: impl Into<String>) -> Self {
        self.trust_annotations.push(connector.into());
        self
    }

    /// The same with further rules that can only make verdicts stricter: among them the last one that matches decides, and
    /// of what they say and what this policy says the stricter holds.
    #[must_use]
    pub(crate) fn narrowed(&self, rules: &[Rule]) -> Self {
        let mut narrowed = self.clone();
        if !rules.is_empty() {
            narrowed.further.push(rules.iter().cloned().map(Arc::new).collect());
        }
        narrowed
    }

    /// The rules, of which the last one that matches decides.
    pub fn rules(&self) -> impl ExactSizeIterator<Item = &Rule> {
        self.rules.iter().map(|rule| &**rule)
    }

    /// What is said of a tool of a connector.
    pub fn of(&self, connector: &str, tool: &Tool) -> ToolPolicy {
        self.of_named(connector, &identifier(&tool.name), tool)
    }

    /// The same for a tool under this identifier, which differs from the usual one where two would be the same.
    pub(crate) fn of_named(&self, connector: &str, identifier: &str, tool: &Tool) -> ToolPolicy {
        let are_trusted = self.trust_annotations.iter().any(|pattern| matches(pattern, connector));
        let names = [identifier, &tool.name];
        let plain = self::identifier(&tool.name);
        let of = |rules, adds| ToolPolicy::new(rules, connector, &names, &plain, tool, are_trusted, adds);
        let mut before = self.rules.len();
        self.further.iter().fold(of(&self.rules, None), |policy, rules| {
            let further = of(rules, Some(before));
            before += rules.len();
            policy.narrowed(further)
        })
    }

    /// Why a call would be allowed, asked about or denied; without arguments, as strictly as some might be.
    pub fn explain(&self, connector: &str, tool: &Tool, arguments: Option<&Value>) -> Explanation {
        let path = format!("{connector}.{}", identifier(&tool.name));
        Explanation::new(
            path,
            &self.of(connector, tool),
            arguments.map_or(Arguments::Unknown, |arguments| Arguments::Are(arguments, &[])),
        )
    }
}

impl Extend<Rule> for Policy {
    fn extend<T: IntoIterator<Item = Rule>>(&mut self, rules: T) {
        self.rules.extend(rules.into_iter().map(Arc::new));
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Allow => "allow",
            Self::Ask => "ask",
            Self::Deny => "deny",
        })
    }
}
