//! What a run may use in all, and how a limit is written on a command line or in a file.

use std::time::Duration;

use codemode_isolate as isolate;
use codemode_program as program;
use serde::{Deserialize, Serialize};

/// The limits of one run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// What the isolate enforces: CPU, heap, stack, number of calls, sizes.
    pub isolate: isolate::Limits,
    /// Wall time of the whole run. Exceeded: [`Kind::Timeout`](crate::Kind::Timeout). Default 60 s.
    pub wall: Duration,
    /// Tool calls that are sent and not answered at once; more are queued. Default 16.
    pub concurrency: usize,
    /// Time one tool call may take. Exceeded: the call fails in the program. Default 30 s.
    pub call: Duration,
    /// Bytes of a program's text. Exceeded: [`Kind::SourceRejected`](crate::Kind::SourceRejected). Default 256 KiB.
    pub source_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            isolate: isolate::Limits::default(),
            wall: Duration::from_secs(60),
            concurrency: 16,
            call: Duration::from_secs(30),
            source_bytes: program::Limits::default().source_bytes,
        }
    }
}

/// A limit that is not one, or a value it cannot have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidLimit {
    /// There is no limit of this name.
    #[error("there is no limit {0:?}; there are: {names}", names = NAMES.join(", "))]
    Unknown(String),
    /// The value cannot be read.
    #[error("limit {name} cannot be {given:?}: {expected}")]
    Value {
        /// The limit.
        name: &'static str,
        /// What it was set to.
        given: String,
        /// What it may be.
        expected: &'static str,
    },
    /// The value is out of range.
    #[error("{}", range(.0))]
    Range(isolate::InvalidLimit),
}

impl From<isolate::InvalidLimit> for InvalidLimit {
    fn from(invalid: isolate::InvalidLimit) -> Self {
        Self::Range(invalid)
    }
}

/// In the names and units in which limits are set.
fn range(invalid: &isolate::InvalidLimit) -> String {
    let isolate::InvalidLimit { name, given, min, max } = *invalid;
    let name = match name {
        "argument_bytes" => "arguments",
        "completion_bytes" => "tool-result",
        "json_depth" => "depth",
        "log_bytes" => "logs",
        other => other.strip_suffix("_bytes").unwrap_or(other),
    };
    let shown =
        |number: usize| if invalid.name.ends_with("_bytes") { size(number) } else { number.to_string() };
    format!("limit {name} is {}, but must be {} to {}", shown(given), shown(min), shown(max))
}

/// `2MiB`; what is no whole number of a unit as `1000B`.
fn size(bytes: usize) -> String {
    let units = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    let whole = units.into_iter().find(|(unit, _)| bytes >= *unit && bytes.is_multiple_of(*unit));
    whole.map_or_else(|| format!("{bytes}B"), |(unit, name)| format!("{}{name}", bytes / unit))
}

/// The names by which [`Limits::set`] knows the limits.
const NAMES: [&str; 14] = [
    "cpu",
    "wall",
    "call",
    "heap",
    "stack",
    "source",
    "calls",
    "concurrency",
    "timers",
    "arguments",
    "tool-result",
    "depth",
    "logs",
    "result",
];

pub(crate) const A_DURATION: &str =
    "a duration is longer than 0, a number with ms, s, m or h, such as 500ms or 10s";
pub(crate) const A_SIZE: &str = "a size is a number of bytes, or one with KiB, MiB or GiB, such as 64MiB";
const A_COUNT: &str = "a count is a whole number";

impl Limits {
    /// Sets one limit by its name: `cpu`, `wall` and `call` to a duration (`10s`, `500ms`), `heap`, `stack`, `source`,
    /// `arguments`, `tool-result`, `logs` and `result` to a size (`64MiB`), `calls`, `concurrency`, `timers` and
    /// `depth` to a count. `tool_result` is `tool-result`. A limit that cannot be honoured changes nothing.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), InvalidLimit> {
        let Some(name) = NAMES.into_iter().find(|known| *known == name.replace('_', "-")) else {
            return Err(InvalidLimit::Unknown(name.to_owned()));
        };
        let invalid = |expected| InvalidLimit::Value { name, given: value.to_owned(), expected };
        let duration = || parse_duration(value).ok_or_else(|| invalid(A_DURATION));
        let size = || parse_size(value).ok_or_else(|| invalid(A_SIZE));
        let count = || value.parse::<u32>().map_err(|_| invalid(A_COUNT));
        let mut changed = self.clone();
        match name {
            "cpu" => changed.isolate.cpu = duration()?,
            "wall" => changed.wall = duration()?,
            "call" => changed.call = duration()?,
            "heap" => changed.isolate.heap_bytes = size()?,
            "stack" => changed.isolate.stack_bytes = size()?,
            "source" => changed.source_bytes = size()?,
            "calls" => changed.isolate.calls = count()?,
            "concurrency" => changed.concurrency = count()? as usize,
            "timers" => changed.isolate.timers = count()?,
            "arguments" => changed.isolate.argument_bytes = size()?,
            "tool-result" => changed.isolate.completion_bytes = size()?,
            "depth" => changed.isolate.json_depth = count()? as usize,
            "logs" => changed.isolate.log_bytes = size()?,
            _ => changed.isolate.result_bytes = size()?,
        }
        changed.check()?;
        *self = changed;
        Ok(())
    }

    /// Checks every limit against what can be honoured.
    ///
    /// # Errors
    ///
    /// [`InvalidLimit::Range`] for the first that cannot.
    pub fn check(&self) -> Result<(), InvalidLimit> {
        self.isolate.check()?;
        let max = 1_000; // calls under way of one run; each is a task, and servers do not answer more at once
        if self.concurrency == 0 || self.concurrency > max {
            let given = self.concurrency;
            return Err(isolate::InvalidLimit { name: "concurrency", given, min: 1, max }.into());
        }
        Ok(())
    }
}

/// A duration such as `500ms`, `10s`, `1.5s` or `2m`.
pub(crate) fn parse_duration(text: &str) -> Option<Duration> {
    let unit = text.find(|c: char| c.is_ascii_alphabetic())?;
    let (number, unit) = text.split_at(unit);
    let factor = match unit {
        "ms" => 0.001,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return None,
    };
    let duration = Duration::try_from_secs_f64(number.parse::<f64>().ok()? * factor).ok()?;
    (!duration.is_zero()).then_some(duration)
}

/// A size such as `1048576`, `512KiB` or `64MiB`.
pub(crate) fn parse_size(text: &str) -> Option<usize> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor = match unit {
        "" | "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return None,
    };
    number.parse::<usize>().ok()?.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_set_by_name() {
        let mut limits = Limits::default();
        for (name, value) in
            [("cpu", "1s"), ("heap", "128MiB"), ("calls", "5"), ("wall", "1.5s"), ("logs", "0")]
        {
            limits.set(name, value).unwrap();
        }
        assert_eq!(limits.isolate.cpu, Duration::from_secs(1));
        assert_eq!(limits.isolate.heap_bytes, 128 << 20);
        assert_eq!((limits.isolate.calls, limits.isolate.log_bytes), (5, 0));
        assert_eq!(limits.wall, Duration::from_millis(1500));
    }

    #[test]
    fn a_bad_limit_is_named_with_what_would_be_right() {
        let mut limits = Limits::default();
        let message = |result: Result<(), InvalidLimit>| result.unwrap_err().to_string();
        assert!(message(limits.set("ram", "1")).contains("there is no limit \"ram\"; there are: cpu, wall"));
        assert!(message(limits.set("heap", "lots")).contains("64MiB"));
        assert!(message(limits.set("cpu", "5")).contains("10s"));
        assert!(message(limits.set("heap", "4GiB")).contains("heap is 4GiB, but must be 2MiB to 1GiB"));
        assert!(
            message(limits.set("tool_result", "1")).contains("tool-result is 1B, but must be 2B to 512MiB")
        );
        assert!(message(limits.set("wall", "0s")).contains("longer than 0"));
        assert_eq!(limits, Limits::default());
    }
}
