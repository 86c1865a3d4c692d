//! Asking the person at the terminal.

use std::io::{BufRead as _, IsTerminal as _};

use crate::print::Printer;

/// Whether a person says yes. Where nobody is there to be asked, that `what` was not done is an error.
pub(crate) fn agreed(question: &str, what: &str, hint: &str, printer: &Printer) -> anyhow::Result<bool> {
    if !std::io::stdin().is_terminal() {
        printer.error(&anyhow::anyhow!("{what}: nobody is there to be asked"));
        printer.hint(hint);
        return Ok(false);
    }
    printer.ask(&format!("{question} [y/N] "));
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}
