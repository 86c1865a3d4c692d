//! What a person can do about a call that policy did not let through.

use codemode::{CallOutcome, Kind, Run};

/// How the call that ended the run could be let through.
pub(crate) fn hint(run: &Run) -> Option<String> {
    let failure = run.error().filter(|failure| failure.kind == Kind::Denied)?;
    let refused = run.calls().iter().rev().find(|call| call.outcome == CallOutcome::Denied)?;
    // No rule lets a tool through that has changed, nor one for `request` a request that another tool stands for: their
    // errors say what does.
    let is_of_policy = ["policy forbids it", "a person has to approve this call ("];
    let is_of_another = failure.message.contains("(it is a call of ");
    if is_of_another || !is_of_policy.iter().any(|reason| failure.message.contains(reason)) {
        return None;
    }
    // A tool's name is its server's word, and whoever reads this copies it into a shell.
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let pattern = if refused.tool.chars().all(is_plain) { refused.tool.as_str() } else { "PATTERN" };
    Some(format!("--allow {pattern} lets it through this time; a [[policy]] rule in codemode.toml for good"))
}
