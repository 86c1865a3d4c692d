//! The parser's and the scope analysis' findings in our words.

use oxc_diagnostics::{Diagnostics, OxcDiagnostic};

use crate::rejection::{Refusal, RejectionKind};

/// The refusal for the first error, if there is one.
pub(crate) fn first(diagnostics: &Diagnostics, code: &str) -> Option<Refusal> {
    diagnostics.errors().next().map(|diagnostic| refusal(diagnostic, code))
}

fn refusal(diagnostic: &OxcDiagnostic, code: &str) -> Refusal {
    // A redeclaration labels the first declaration and then the second; the second is the mistake.
    let redeclared = diagnostic.message.ends_with("has already been declared");
    let label = if redeclared { diagnostic.labels.last() } else { diagnostic.labels.first() };
    let mut message = diagnostic.message.trim_end_matches('.').to_string();
    let mut hint = diagnostic.help.as_deref().map(ToString::to_string);
    if message.starts_with("Expected a semicolon") {
        message = "Expected the end of the statement".into();
        hint = Some(after_statement(code).into());
    }
    let mut refusal = Refusal {
        kind: RejectionKind::Syntax,
        message,
        hint,
        offset: label.map(|label| (label.offset() as usize).min(code.len())),
    };
    if let Some(at) = looks_like_jsx(code) {
        refusal.kind = RejectionKind::Unsupported;
        refusal.message = "JSX is not supported".into();
        refusal.offset = Some(at);
        refusal.hint = Some("Return plain data, or build text with template literals.".into());
    }
    refusal
}

/// What to do about something that follows a statement on its line.
fn after_statement(code: &str) -> &'static str {
    if code.trim_start().starts_with('{') {
        "A `{` at the start opens a block. To give back an object, write `return { … }`."
    } else {
        "Submit TypeScript alone, and put explanations into comments."
    }
}

/// The offset of the first JSX element in code that does not parse: one that is closed, or closes itself.
///
/// The code may hold a string with markup beside its real mistake, so only a `<` in the place of an operand counts.
fn looks_like_jsx(code: &str) -> Option<usize> {
    let closed = code.contains("</") || code.contains("/>");
    if !closed {
        return None;
    }
    code.match_indices('<').map(|(at, _)| at).find(|&at| {
        let before = code.get(..at).unwrap_or("").trim_end();
        let after = code.get(at + 1..).unwrap_or("");
        let operand =
            before.ends_with(['(', '=', '?', ':', '&', '|', ',', '>']) || before.ends_with("return");
        let name = after.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '.');
        let element = after.starts_with('>')
            || (after.starts_with(|c: char| c.is_ascii_alphabetic())
                && name.starts_with(['>', ' ', '/', '\n']));
        operand && element
    })
}
