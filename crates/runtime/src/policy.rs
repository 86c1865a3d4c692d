//! Which tools a program may call.

use codemode_catalog::matches;
use serde::{Deserialize, Serialize};

/// What a policy says of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The call is made.
    Allow,
    /// The call fails with [`Kind::Denied`](crate::Kind::Denied); nothing is sent.
    Deny,
}

/// Rules over tools; the last one that matches decides. A tool that no rule matches is allowed: registering it was the
/// grant.
///
/// A pattern is a tool's path, `connector.tool`, in which `*` stands for any characters; without a dot it is a tool's
/// name in any connector. Either of a tool's names counts, its own (`get-weather`) and its identifier (`get_weather`).
///
/// ```
/// use codemode::{Policy, Verdict};
///
/// let policy = Policy::new().deny("github.*").allow("github.list_*").deny("delete-*");
/// assert_eq!(policy.verdict("github", &["create_issue"]), Verdict::Deny);
/// assert_eq!(policy.verdict("github", &["list_issues"]), Verdict::Allow);
/// assert_eq!(policy.verdict("files", &["delete-all", "delete_all"]), Verdict::Deny);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Policy {
    rules: Vec<(String, Verdict)>,
}

impl Policy {
    /// No rules: everything is allowed.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a rule that allows.
    #[must_use]
    pub fn allow(self, pattern: impl Into<String>) -> Self {
        self.rule(pattern, Verdict::Allow)
    }

    /// Adds a rule that denies.
    #[must_use]
    pub fn deny(self, pattern: impl Into<String>) -> Self {
        self.rule(pattern, Verdict::Deny)
    }

    /// Adds a rule.
    #[must_use]
    pub fn rule(mut self, pattern: impl Into<String>, verdict: Verdict) -> Self {
        self.rules.push((pattern.into(), verdict));
        self
    }

    /// What the policy says of a tool, which is known by any of `names`.
    pub fn verdict(&self, connector: &str, names: &[&str]) -> Verdict {
        let matching = self.rules.iter().rev().find(|(pattern, _)| match pattern.split_once('.') {
            Some((its_connector, tool)) => {
                matches(its_connector, connector) && names.iter().any(|name| matches(tool, name))
            }
            None => names.iter().any(|name| matches(pattern, name)),
        });
        matching.map_or(Verdict::Allow, |(_, verdict)| *verdict)
    }
}
