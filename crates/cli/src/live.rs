//! The list of calls while a program runs.

use codemode::{Call, CallOutcome};

use crate::visible;

/// Calls under way that a terminal shows at once; with more of them nobody reads along.
const SHOWN: usize = 8;

/// The calls that are under way, and what of them a terminal shows now.
#[derive(Debug, Default)]
pub(crate) struct Live {
    running: Vec<(u32, String)>,
    drawn_lines: usize,
}

impl Live {
    pub(crate) fn start(&mut self, seq: u32, tool: &str) {
        self.running.push((seq, visible::name(tool)));
    }

    pub(crate) fn end(&mut self, seq: u32) {
        self.running.retain(|(running, _)| *running != seq);
    }

    pub(crate) fn clear(&mut self) {
        self.running.clear();
    }

    /// Appends what takes the drawn lines off a terminal whose cursor is below them.
    pub(crate) fn erase(&mut self, out: &mut String) {
        if self.drawn_lines > 0 {
            out.push_str(&format!("\x1b[{}A\x1b[J", self.drawn_lines));
            self.drawn_lines = 0;
        }
    }

    /// Appends what draws the lines. They are not wrapped: each is one line of the terminal.
    pub(crate) fn draw(&mut self, out: &mut String) {
        if self.running.is_empty() {
            return;
        }
        out.push_str("\x1b[?7l");
        for (_, tool) in self.running.iter().take(SHOWN) {
            out.push_str(&format!("  {tool} …\n"));
        }
        let more = self.running.len().saturating_sub(SHOWN);
        if more > 0 {
            out.push_str(&format!("  and {more} more …\n"));
        }
        out.push_str("\x1b[?7h");
        self.drawn_lines = self.running.len().min(SHOWN) + usize::from(more > 0);
    }
}

/// The line of a call that is over.
pub(crate) fn line(call: &Call) -> String {
    let ms = call.ms;
    let outcome = match call.outcome {
        CallOutcome::Ok => format!("ok {ms} ms"),
        CallOutcome::Error => format!("failed {ms} ms"),
        CallOutcome::Denied => "denied".to_owned(),
        CallOutcome::NotStarted => "not sent".to_owned(),
        CallOutcome::MaybeExecuted => "outcome unknown, it may have been executed".to_owned(),
    };
    format!("  {} … {outcome}\n", visible::name(&call.tool))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_drawn_is_erased_line_by_line() {
        let mut live = Live::default();
        for seq in 1..=10 {
            live.start(seq, "a.b");
        }
        let mut out = String::new();
        live.draw(&mut out);
        assert_eq!(out.matches('\n').count(), 9);
        assert!(out.contains("  and 2 more …\n"), "{out}");
        live.end(3);
        out.clear();
        live.erase(&mut out);
        assert_eq!(out, "\x1b[9A\x1b[J");
        out.clear();
        live.erase(&mut out);
        assert_eq!(out, "");
    }

    #[test]
    fn a_line_says_how_a_call_went() {
        let line = |tool: &str, outcome| line(&Call { seq: 1, tool: tool.into(), outcome, ms: 3 });
        assert_eq!(line("demo.calculate", CallOutcome::Ok), "  demo.calculate … ok 3 ms\n");
        assert_eq!(line("demo.\x1b[2J\n", CallOutcome::NotStarted), "  demo.\\u001b[2J\\u000a … not sent\n");
    }
}
