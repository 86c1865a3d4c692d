//! One rule.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::Verdict;
use super::condition::Condition;
use super::hints::Hints;
use super::patterns::Patterns;
use super::place::Place;

/// A rule of a [`Policy`](super::Policy): which calls, and what becomes of them.
///
/// As TOML, as `codemode.toml` has it; unknown keys are refused:
///
/// ```toml
/// [[policy]]
/// tools = ["shop.refund", "shop.pay_*"]   # or one pattern
/// action = "ask"                          # or "allow", "deny"
/// method = ["POST", "DELETE"]             # HTTP methods
/// annotations = { destructive = true }
/// when = { "payment.amount" = { gt = 100 }, currency = "EUR" }
/// reason = "large payments are looked at"
/// ```
///
/// It matches a call if all that it names does: one of the patterns, one of the methods, the annotations, every condition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "config", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Which tools: a pattern or a list of patterns. A pattern is a tool's path, `connector.tool`, in which `*` stands for
    /// any characters; without a dot it is a tool's name in any connector.
    tools: Patterns,
    /// What becomes of a call.
    action: Verdict,
    /// HTTP methods of which a call has one: that of an API's operation, or for the tool `request` the one that is called
    /// for. A rule with methods matches no tool that is not of an HTTP API.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    method: Vec<String>,
    /// What a call has to do or not to do.
    #[serde(default, skip_serializing_if = "Hints::is_empty")]
    annotations: Hints,
    /// What the arguments have to be: conditions by their places in the arguments, such as `amount`, `payment.amount` or
    /// `to.0`, or as a JSON Pointer, `/payment/amount`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[cfg_attr(feature = "config", schemars(with = "BTreeMap<String, Condition>"))]
    when: BTreeMap<Place, Condition>,
    /// Why, for whoever reads of the verdict: the model, and the operator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl Rule {
    /// A rule for the tools that match a pattern.
    pub fn new(action: Verdict, tools: impl Into<String>) -> Self {
        Self {
            tools: Patterns::one(tools),
            action,
            method: Vec::new(),
            annotations: Hints::default(),
            when: BTreeMap::new(),
            reason: None,
        }
    }

    /// The same also for the tools that match another pattern.
    #[must_use]
    pub fn or(mut self, tools: impl Into<String>) -> Self {
        self.tools.push(tools.into());
        self
    }

    /// The same for calls of this HTTP method, and of others that were named.
    #[must_use]
    pub fn method(mut self, method: impl Into<String>) -> Self {
        self.method.push(method.into());
        self
    }

    /// The same for tools of which this is so.
    #[must_use]
    pub fn annotations(self, annotations: Hints) -> Self {
        Self { annotations, ..self }
    }

    /// The same for calls of which this holds as well.
    ///
    /// # Errors
    ///
    /// `place` is no place in arguments.
    pub fn when(mut self, place: &str, condition: Condition) -> Result<Self, String> {
        self.when.insert(Place::parse(place)?, condition);
        Ok(self)
    }

    /// The same with a reason.
    #[must_use]
    pub fn because(self, reason: impl Into<String>) -> Self {
        Self { reason: Some(reason.into()), ..self }
    }

    /// What becomes of a call that it matches.
    pub fn action(&self) -> Verdict {
        self.action
    }

    /// Why.
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    /// Whether it is about a tool of these names, whatever a call of it is.
    pub fn names(&self, connector: &str, names: &[&str]) -> bool {
        self.tools.match_any(connector, names)
    }

    pub(super) fn conditions(&self) -> &BTreeMap<Place, Condition> {
        &self.when
    }

    pub(super) fn hints(&self) -> &Hints {
        &self.annotations
    }

    pub(super) fn methods(&self) -> &[String] {
        &self.method
    }
}

impl fmt::Display for Rule {
    /// In one line: `ask shop.refund where method is POST and payment.amount > 100`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.action, self.tools)?;
        let mut parts = Vec::new();
        if !self.method.is_empty() {
            parts.push(format!("the method is {}", self.method.join(" or ")));
        }
        if !self.annotations.is_empty() {
            parts.push(format!("the tool {}", self.annotations));
        }
        parts.extend(self.when.iter().map(|(place, condition)| format!("{place} {condition}")));
        match parts.is_empty() {
            true => Ok(()),
            false => write!(f, " where {}", parts.join(" and ")),
        }
    }
}
