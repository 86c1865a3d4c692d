//! From a run to what a model is given of it.

use super::ResultStore;
use super::tokens::{TOKEN, cost_escaped, prefix};
use super::truncate::truncate;
use crate::outcome::LeftOut;
use crate::runs::Owner;
use crate::{Call, CallOutcome, Failure, Output, Run, Runtime};

/// Tokens of the lines a program printed. They are beside the point of a run: a fifth of what its result may have.
const LOG_TOKENS: u64 = 1_000;

/// Calls that are listed, some twenty tokens each. More say nothing that their count does not.
const MAX_CALLS: usize = 25;

/// Tokens of a failure's message. An upstream's may be an HTML page; the first screen of it tells.
const MESSAGE_TOKENS: u64 = 1_000;

impl Runtime {
    /// What a model is given of a run: the output with a result, logs and calls that keep to the surface's budgets. A
    /// result that was cut says so in `truncated` and is kept whole for a while; a later program of this runtime reads
    /// it with `codemode.result(runId)`, if it is for the same principal.
    pub fn present(&self, run: Run) -> Output {
        self.shown(run.output, &run.principal)
    }

    /// The same of the output of a run that is for `owner`.
    pub(super) fn shown(&self, output: Output, owner: &Owner) -> Output {
        present(output, owner, self.inner.surface.options.result_tokens, &self.inner.results)
    }
}

fn present(output: Output, owner: &Owner, result_tokens: u64, results: &ResultStore) -> Output {
    match output {
        Output::Completed { run_id, result, logs, calls, .. } => {
            let (result, truncated) = match truncate(&result, result_tokens) {
                None => (result, None),
                Some((shown, mut truncation)) => {
                    let kept = results.put(owner.clone(), &run_id, result.to_string());
                    truncation.whole = kept.then(|| format!("codemode.result(\"{run_id}\")"));
                    (shown, Some(truncation))
                }
            };
            let ((logs, calls), left_out) = bounded(logs, calls);
            Output::Completed { run_id, result, logs, calls, truncated, left_out }
        }
        Output::Running { run_id, calls, .. } => {
            let ((_, calls), left_out) = bounded(Vec::new(), calls);
            Output::Running { run_id, calls, left_out }
        }
        Output::Error { run_id, error, logs, calls, .. } => {
            let ((logs, calls), left_out) = bounded(logs, calls);
            let message = shortened(&error.message, MESSAGE_TOKENS * TOKEN).unwrap_or(error.message);
            Output::Error { run_id, error: Failure { message, ..error }, logs, calls, left_out }
        }
    }
}

/// The logs and calls that are shown, and how many are not.
fn bounded(logs: Vec<String>, calls: Vec<Call>) -> ((Vec<String>, Vec<Call>), Option<LeftOut>) {
    let before = (logs.len(), calls.len());
    let shown = (last_lines(logs), telling_calls(calls));
    let left_out = LeftOut { logs: before.0 - shown.0.len(), calls: before.1 - shown.1.len() };
    (shown, (left_out != LeftOut::default()).then_some(left_out))
}

/// The last lines: what was printed last is closest to how the program ended.
fn last_lines(mut logs: Vec<String>) -> Vec<String> {
    let budget = LOG_TOKENS * TOKEN;
    let mut left = budget;
    let fitting = logs.iter().rev().take_while(|line| {
        let rest = left.checked_sub(cost_escaped(line) + TOKEN);
        left = rest.unwrap_or_default();
        rest.is_some()
    });
    let fitting = fitting.count();
    if fitting == 0 {
        return logs.pop().map(|last| shortened(&last, budget).unwrap_or(last)).into_iter().collect();
    }
    logs.split_off(logs.len() - fitting)
}

/// The calls that did not go well, and the first of the others, in the order of the program.
fn telling_calls(mut calls: Vec<Call>) -> Vec<Call> {
    if calls.len() > MAX_CALLS {
        calls.sort_by_key(|call| call.outcome == CallOutcome::Ok);
        calls.truncate(MAX_CALLS);
        calls.sort_by_key(|call| call.seq);
    }
    calls
}

/// The beginning of a text over the budget.
fn shortened(text: &str, budget: u64) -> Option<String> {
    let kept = prefix(text, budget);
    (kept.len() < text.len()).then(|| format!("{kept}…"))
}
