//! From what the isolate and the compiler report to what a model reads: positions of the text it submitted.

use codemode_isolate::{self as isolate, Kind};
use codemode_program::{Position, Program, Rejection, StaticCall};

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
        let at = match (at, &failure.tool) {
            (Some(at), Some(tool)) => Some(start_of_call(program, at, tool)),
            (Some(at), None) if matches!(failure.kind, Kind::CallLimit | Kind::Timeout | Kind::Cancelled) => {
                Some(start_of_call(program, at, ""))
            }
            (Some(at), None) => Some(at),
            (None, _) => match failure.kind {
                Kind::CpuLimit | Kind::Timeout | Kind::Cancelled => program.only_loop(),
                Kind::Deadlock => program.only_await(),
                _ => None,
            },
        };
        let message = match (&failure.tool, at) {
            (Some(tool), _) => format!("{tool}: {}", failure.message),
            (None, Some(at)) if failure.message == NOT_A_FUNCTION => match callee(program.source(), at) {
                Some(name) => format!("TypeError: {name} is not a function"),
                None => failure.message,
            },
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

/// Where the call of `tool` begins that `at` lies in; for no tool, the innermost call of any. The engine tells a call's
/// place by the last thing it evaluated for it, which is somewhere among the arguments.
fn start_of_call(program: &Program, at: Position, tool: &str) -> Position {
    let folded = |name: &str| -> String {
        name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let tool = folded(tool);
    let is_meant = |call: &StaticCall| tool.is_empty() || tool.ends_with(&folded(&call.path));
    let around = |call: &&StaticCall| call.position <= at && at < call.end && is_meant(call);
    program.calls().iter().filter(around).map(|call| call.position).max().unwrap_or(at)
}

/// What the engine says of a call of something else.
const NOT_A_FUNCTION: &str = "TypeError: not a function";

/// The name at a place in the text with what it is a member of, such as `orders.lst`: the engine says only that
/// something is not a function. `None` where there is no name, and among the arguments of another call, since it may
/// be that call which failed.
fn callee(source: &str, at: Position) -> Option<String> {
    let mut lines = source.lines();
    let above: String = lines.by_ref().take(at.line as usize - 1).flat_map(|line| [line, "\n"]).collect();
    let characters: Vec<char> = lines.next()?.chars().collect();
    let (before, after) = characters.split_at_checked(at.column as usize - 1)?;
    let is_name = |c: &char| c.is_alphanumeric() || matches!(c, '_' | '$');
    let start = before.iter().rposition(|c| !is_name(c) && *c != '.').map_or(0, |index| index + 1);
    let end = after.iter().position(|c| !is_name(c)).unwrap_or(after.len());
    let name: String = before.iter().skip(start).chain(after.iter().take(end)).collect();
    let text_before = above.chars().chain(before.iter().copied().take(start));
    (!name.is_empty() && !is_among_arguments(text_before)).then_some(name)
}

/// Whether the text ends inside the parentheses of a call. Text in strings and comments may mislead it either way.
fn is_among_arguments(text: impl DoubleEndedIterator<Item = char>) -> bool {
    let mut closed = 0_usize;
    let mut text = text.rev().peekable();
    while let Some(c) = text.next() {
        match c {
            ')' => closed += 1,
            '(' if closed > 0 => closed -= 1,
            '(' if text.peek().is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '$' | ')' | ']')) => {
                return true;
            }
            ';' | '{' | '}' if closed == 0 => return false,
            _ => {}
        }
    }
    false
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
        assert_eq!(name("const r = await codemode.search(1)", 1, 26).unwrap(), "codemode.search");
        assert_eq!(name("x\n  föö()", 2, 3).unwrap(), "föö");
        assert_eq!(name("x\n  föö()", 2, 6).unwrap(), "föö");
        assert_eq!(name("f(1); g()", 1, 7).unwrap(), "g");
        assert_eq!(name("(1)()", 1, 4), None);
        assert_eq!(name("", 9, 9), None);
    }

    #[test]
    fn an_argument_is_not_blamed_for_its_call() {
        let name = |source, line, column| callee(source, Position { line, column });
        assert_eq!(name("x.f(1 + 2, String(3))", 1, 12), None);
        assert_eq!(name("x.f(\n  1,\n  g(2))", 3, 3), None);
        assert_eq!(name("x.f(() => { g(2) })", 1, 13).unwrap(), "g");
    }
}
