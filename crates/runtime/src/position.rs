//! From what the isolate and the compiler report to what a model reads: positions of the text it submitted.

use codemode_isolate::{self as isolate, Kind};
use codemode_program::{Position, Program, Rejection};

use crate::Failure;

impl Failure {
    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            line: None,
            column: None,
            frame: None,
            hint: None,
            observed: None,
            limit: None,
        }
    }

    /// A program that the compiler refused.
    pub(crate) fn rejected(rejection: Rejection) -> Self {
        Self {
            line: rejection.position.map(|position| position.line),
            column: rejection.position.map(|position| position.column),
            frame: rejection.frame,
            hint: rejection.hint,
            observed: rejection.observed,
            limit: rejection.limit,
            ..Self::new(Kind::SourceRejected, rejection.message)
        }
    }

    /// A failure inside the isolate, at the innermost of its frames that is part of the submitted text.
    pub(crate) fn in_program(failure: isolate::Failure, program: &Program, connectors: &[&str]) -> Self {
        let at = failure.stack.iter().find_map(|frame| program.locate(frame.line, frame.column));
        let message = match (&failure.tool, at) {
            (Some(tool), _) => format!("{tool}: {}", failure.message),
            (None, Some(at)) if failure.message == "TypeError: not a function" => {
                format!("TypeError: {} is not a function", callee(program.source(), at))
            }
            (None, _) => failure.message,
        };
        Self {
            line: at.map(|position| position.line),
            column: at.map(|position| position.column),
            frame: at.map(|position| program.frame(position)),
            hint: hint(failure.kind, &message, connectors),
            observed: failure.observed,
            limit: failure.limit,
            ..Self::new(failure.kind, message)
        }
    }
}

/// The name at a place in the text with what it is a member of, such as `orders.lst`. The engine says only that
/// something is not a function; which one is what a model needs.
fn callee(source: &str, at: Position) -> String {
    let line = source.lines().nth(at.line as usize - 1).unwrap_or_default();
    let characters: Vec<char> = line.chars().collect();
    let is_name = |c: &char| c.is_alphanumeric() || matches!(c, '_' | '$');
    let (before, after) = characters.split_at((at.column as usize - 1).min(characters.len()));
    let start = before.iter().rposition(|c| !is_name(c) && *c != '.').map_or(0, |index| index + 1);
    let end = after.iter().position(|c| !is_name(c)).unwrap_or(after.len());
    let name: String = before.iter().skip(start).chain(after.iter().take(end)).collect();
    if name.is_empty() { "what is called here".to_owned() } else { name }
}

/// What a model can do about a failure, where that is not plain from the message.
fn hint(kind: Kind, message: &str, connectors: &[&str]) -> Option<String> {
    let text = match kind {
        Kind::GuestError if message.ends_with("is not defined") => match connectors {
            [] => "There are no connectors; a program has the language's own globals, console and timers."
                .to_owned(),
            _ => format!("Tools are functions of these globals: {}.", connectors.join(", ")),
        },
        Kind::CpuLimit => "Let tools filter and sort, or process less data in one run.".to_owned(),
        Kind::MemoryLimit => "Keep only the fields that are needed and process data in pages.".to_owned(),
        Kind::StackLimit => "Use a loop instead of deep recursion.".to_owned(),
        Kind::OutputLimit => "Return or print a summary instead of all data.".to_owned(),
        Kind::CallLimit => "Use a tool that takes many items at once, or fewer items in one run.".to_owned(),
        Kind::Deadlock => {
            "Await only tool calls, timers and promises that are resolved somewhere.".to_owned()
        }
        _ => return None,
    };
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_callee_is_read_off_the_text() {
        let name = |source, line, column| callee(source, Position { line, column });
        assert_eq!(name("const r = await codemode.search(1)", 1, 26), "codemode.search");
        assert_eq!(name("x\n  föö()", 2, 3), "föö");
        assert_eq!(name("x\n  föö()", 2, 6), "föö");
        assert_eq!(name("(1)()", 1, 4), "what is called here");
        assert_eq!(name("", 9, 9), "what is called here");
    }
}
