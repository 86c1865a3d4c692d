//! `codemode call`: one tool, called as a program would.

use std::sync::Arc;

use clap::Args;
use codemode::{Output, RunOptions};
use codemode_catalog::Path;
use serde_json::Value;

use crate::args::ConnectArgs;
use crate::print::Printer;
use crate::wanted::Wanted;
use crate::{connect, exit, interrupt, refused, source};

/// Call one tool
///
/// Exactly as from a program: the arguments are checked against the tool's schema, and policy decides. The result goes to
/// standard output: a string as it is, null not at all, anything else as JSON.
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(crate) struct CallArgs {
    /// The tool, such as github.create_issue
    tool: String,

    /// Its arguments: JSON, or @FILE with JSON in it; @- reads it from standard input
    #[arg(value_name = "JSON|@FILE")]
    arguments: Option<String>,

    /// Print the run's whole output and nothing else, as one line of JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    connect: ConnectArgs,
}

/// The whole program. The tool's name is data, not text of the program.
const PROGRAM: &str = "return await callHostTool(input.tool, input.arguments)";

/// Calls the tool; says what the process exits with.
pub(crate) async fn call(arguments: CallArgs, printer: &Arc<Printer>) -> anyhow::Result<u8> {
    let CallArgs { tool, arguments, json, connect: to } = arguments;
    let given = arguments.map(|text| source::json_argument(&text, "the arguments")).transpose()?;
    let cancel = interrupt::token();
    let wanted = Wanted::of_tool(&tool);
    let Some(runtime) = connect::quiet_runtime(to, &wanted, &[], &cancel, printer).await? else {
        return Ok(exit::CANCELLED);
    };
    let unconnected = connect::is_nothing(&runtime);
    let catalog = runtime.catalog();
    if catalog.connectors().any(|name| name == tool) && catalog.resolve(&Path::name(&tool)).is_err() {
        runtime.close().await;
        printer.error(&anyhow::anyhow!("{tool} is a connector; `codemode tools {tool}` shows its tools"));
        return Ok(exit::FAILURE);
    }
    let input = serde_json::json!({ "tool": tool, "arguments": given.unwrap_or_else(|| Value::Object(Default::default())) });
    let mut options = RunOptions::default().cancel(cancel);
    options.input = Some(input);
    let mut run = runtime.run(PROGRAM, options).await;
    runtime.close().await;
    if let Output::Error { error, .. } = &mut run.output {
        // Where it failed is a place in our program, not in one of the user's.
        (error.line, error.column, error.frame) = (None, None, None);
    }
    if json {
        printer.json(&run.output)?;
        return Ok(run.exit_code());
    }
    match run.error() {
        Some(failure) => {
            printer.error(&anyhow::anyhow!("{}", failure.message));
            if let Some(hint) = &failure.hint {
                printer.hint(hint);
            }
            if unconnected {
                printer.hint(connect::NOTHING);
            }
            if let Some(hint) = refused::hint(&run) {
                printer.hint(&hint);
            }
        }
        None => printer.result(run.value().unwrap_or(&Value::Null))?,
    }
    Ok(run.exit_code())
}
