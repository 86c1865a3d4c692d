//! `codemode check`: what a program can call, without running it.

use codemode::{Failure, Kind, Program, Rejection, StaticCall, Via};
use codemode_program::{Limits, compile};
use serde_json::{Value, json};

use crate::args::CheckArgs;
use crate::exit;
use crate::print::Printer;
use crate::source::Source;

/// Compiles the program and lists its calls; says what the process exits with.
pub(crate) fn check(arguments: &CheckArgs, printer: &Printer) -> anyhow::Result<u8> {
    let source = Source::read(&arguments.file)?;
    match (compile(&source.text, &Limits::default()), arguments.json) {
        (Ok(program), true) => {
            let calls: Vec<_> = program.calls().iter().map(as_json).collect();
            let (shape, dynamic) = (program.shape(), program.has_dynamic_calls());
            printer
                .json(&json!({ "status": "accepted", "shape": shape, "calls": calls, "dynamic": dynamic }))?;
            Ok(exit::SUCCESS)
        }
        (Ok(program), false) => {
            list(&program, printer)?;
            Ok(exit::SUCCESS)
        }
        (Err(rejection), machine) => {
            let failure = failure(rejection);
            if machine {
                printer.json(&json!({ "status": "error", "error": failure }))?;
            } else {
                printer.failure(&source.name, &failure);
            }
            Ok(exit::REJECTED)
        }
    }
}

fn list(program: &Program, printer: &Printer) -> anyhow::Result<()> {
    let positions: Vec<_> = program.calls().iter().map(|call| call.position.to_string()).collect();
    let width = positions.iter().map(String::len).max().unwrap_or(0);
    let lines = program.calls().iter().zip(&positions);
    let lines: Vec<_> = lines.map(|(call, at)| format!("{at:width$}  {}", described(call))).collect();
    if !lines.is_empty() {
        printer.line(&lines.join("\n"))?;
    }
    match (lines.is_empty(), program.has_dynamic_calls()) {
        (true, false) => printer.note("note: the program calls no tools"),
        (true, true) => printer.note("note: the program can call tools, but not in a way that names them"),
        (false, true) => {
            printer
                .note("note: the program can make more calls than these, in a way that does not name them");
        }
        (false, false) => {}
    }
    Ok(())
}

fn as_json(call: &StaticCall) -> Value {
    json!({
        "tool": path(call),
        "via": call.via,
        "line": call.position.line,
        "column": call.position.column,
        "fields": call.fields,
        "fieldsComplete": call.fields_complete,
    })
}

/// A call as it could be written: `github.create_issue { title, body }`. An ellipsis stands for what the text does not
/// show.
fn described(call: &StaticCall) -> String {
    let path = path(call);
    let fields = call.fields.join(", ");
    match (fields.is_empty(), call.fields_complete) {
        (true, true) => format!("{path} {{}}"),
        (true, false) => format!("{path} (…)"),
        (false, true) => format!("{path} {{ {fields} }}"),
        (false, false) => format!("{path} {{ {fields}, … }}"),
    }
}

fn path(call: &StaticCall) -> String {
    match call.via {
        Via::Codemode => format!("codemode.{}", call.path),
        _ => call.path.clone(),
    }
}

/// The rejection as a run would report it.
fn failure(rejection: Rejection) -> Failure {
    Failure {
        kind: Kind::SourceRejected,
        message: rejection.message,
        line: rejection.position.map(|position| position.line),
        column: rejection.position.map(|position| position.column),
        frame: rejection.frame,
        hint: rejection.hint,
        observed: rejection.observed,
        limit: rejection.limit,
    }
}
