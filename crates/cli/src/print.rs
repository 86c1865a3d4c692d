//! The one place that writes: results to standard output, everything else to standard error.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use codemode::{Call, Failure};
use serde_json::Value;

use crate::live::{self, Live};
use crate::visible::{self, visible};

/// Writes to standard output and standard error.
///
/// Everything on standard error was made [`visible`]; what goes to standard output is exact, unless a terminal shows
/// it. A reader that went away is no error.
#[derive(Debug)]
pub(crate) struct Printer {
    stdout_is_terminal: bool,
    stderr: Mutex<Stderr>,
    coloured: bool,
    /// Whether what would go to standard error is logged.
    logs: AtomicBool,
}

#[derive(Debug)]
struct Stderr {
    is_terminal: bool,
    at_line_start: bool,
    live: Live,
}

impl Printer {
    pub(crate) fn new() -> Self {
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let is_terminal = io::stderr().is_terminal() && !dumb;
        Self {
            stdout_is_terminal: io::stdout().is_terminal(),
            stderr: Mutex::new(Stderr { is_terminal, at_line_start: true, live: Live::default() }),
            coloured: is_terminal && std::env::var_os("NO_COLOR").is_none_or(|set| set.is_empty()),
            logs: AtomicBool::new(false),
        }
    }

    /// Notes, warnings, hints and errors are events of the log from now on.
    pub(crate) fn log_from_now_on(&self) {
        self.logs.store(true, Ordering::Relaxed);
    }

    /// Whether a person reads standard error as it is written.
    pub(crate) fn is_watched(&self) -> bool {
        self.stderr().is_terminal
    }

    /// Whether standard output and standard error are seen as one.
    pub(crate) fn is_one_terminal(&self) -> bool {
        self.stdout_is_terminal && self.is_watched()
    }

    /// Writes a result: a string as it is, `null` not at all, anything else as indented JSON.
    pub(crate) fn result(&self, value: &Value) -> anyhow::Result<()> {
        match value {
            Value::Null => Ok(()),
            Value::String(text) => self.line(text),
            other => self.line(&serde_json::to_string_pretty(other)?),
        }
    }

    /// Writes one line of JSON.
    pub(crate) fn json(&self, value: &impl serde::Serialize) -> anyhow::Result<()> {
        self.line(&serde_json::to_string(value)?)
    }

    /// Writes a text and a line break to standard output.
    pub(crate) fn line(&self, text: &str) -> anyhow::Result<()> {
        let mut line = if self.stdout_is_terminal { visible(text).into_owned() } else { text.to_owned() };
        if !line.ends_with('\n') {
            line.push('\n');
        }
        let mut stdout = io::stdout().lock();
        match stdout.write_all(line.as_bytes()).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(anyhow::Error::new(error).context("cannot write to standard output"))
            }
            _ => Ok(()),
        }
    }

    /// Passes on what a program prints.
    pub(crate) fn printed(&self, text: &str) {
        self.stderr().write(&visible(text));
    }

    /// Shows that a call is under way, where someone watches.
    pub(crate) fn call_started(&self, seq: u32, tool: &str) {
        let mut stderr = self.stderr();
        if stderr.is_terminal {
            stderr.live.start(seq, tool);
            stderr.write("");
        }
    }

    /// Lists a call that is over.
    pub(crate) fn call_ended(&self, call: &Call) {
        let mut stderr = self.stderr();
        stderr.live.end(call.seq);
        stderr.write_line(&live::line(call));
    }

    /// Takes calls that are still shown as under way off the terminal.
    pub(crate) fn calls_over(&self) {
        let mut stderr = self.stderr();
        stderr.live.clear();
        stderr.write("");
    }

    /// Something worth knowing that is no error.
    pub(crate) fn note(&self, text: &str) {
        if self.logs.load(Ordering::Relaxed) {
            return tracing::info!("{}", visible(text));
        }
        self.stderr().write_line(&format!("{}\n", visible(text)));
    }

    /// Asks something, on the line that the answer is typed on.
    pub(crate) fn ask(&self, question: &str) {
        self.stderr().write_line(&visible(question));
    }

    /// Why a command failed before or beside a run.
    pub(crate) fn error(&self, error: &anyhow::Error) {
        self.labelled("error", "31", &format!("{error:#}"));
    }

    /// Why a program failed: what happened, where in which file, and what to do about it.
    pub(crate) fn failure(&self, file: &str, failure: &Failure) {
        self.labelled("error", "31", &failure.message);
        if let (Some(line), Some(column)) = (failure.line, failure.column) {
            self.note(&format!("  --> {}:{line}:{column}", visible::name(file)));
        }
        if let Some(frame) = &failure.frame {
            self.note(frame);
        }
        if let Some(hint) = &failure.hint {
            self.hint(hint);
        }
    }

    /// Something that does not work and holds up nothing else.
    pub(crate) fn warning(&self, text: &str) {
        self.labelled("warning", "33", text);
    }

    /// What to do about what went wrong.
    pub(crate) fn hint(&self, text: &str) {
        self.labelled("hint", "36", text);
    }

    /// Lines after the first are indented, so that no text of others passes for a line of ours.
    fn labelled(&self, label: &str, colour: &str, text: &str) {
        let text = visible(text.trim_end()).replace('\n', "\n  ");
        if self.logs.load(Ordering::Relaxed) {
            return match label {
                "error" => tracing::error!("{text}"),
                "warning" => tracing::warn!("{text}"),
                _ => tracing::info!("{text}"),
            };
        }
        let line = match self.coloured {
            true => format!("\x1b[1;{colour}m{label}:\x1b[0m {text}\n"),
            false => format!("{label}: {text}\n"),
        };
        self.stderr().write_line(&line);
    }

    fn stderr(&self) -> MutexGuard<'_, Stderr> {
        self.stderr.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stderr {
    /// Writes on a line of its own.
    fn write_line(&mut self, text: &str) {
        if !self.at_line_start {
            self.write("\n");
        }
        self.write(text);
    }

    /// Writes above the calls that are under way. That nobody reads it is no reason to stop.
    fn write(&mut self, text: &str) {
        let mut out = String::with_capacity(text.len() + 64);
        self.live.erase(&mut out);
        out.push_str(text);
        if let Some(last) = text.chars().next_back() {
            self.at_line_start = last == '\n';
        }
        if self.at_line_start {
            self.live.draw(&mut out);
        }
        let _ = io::stderr().lock().write_all(out.as_bytes());
    }
}
