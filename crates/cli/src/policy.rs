//! `codemode policy`: which calls are allowed, asked about or denied, and why.

use std::fmt::Write as _;
use std::sync::Arc;

use clap::{Args, Subcommand};
use codemode::{Explanation, Runtime, Truth, Verdict};

use crate::args::ConnectArgs;
use crate::print::Printer;
use crate::wanted::Wanted;
use crate::{connect, exit, interrupt, source};

/// Show the rules for calls, and why a call would be allowed, asked about or denied
#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    Explain(Box<ExplainArgs>),
    List(Box<ListArgs>),
}

/// Say what becomes of a call of a tool, and which rule says so
///
/// Nothing is sent. Without arguments, conditions on them count as strictly as some arguments would make them.
#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// The tool, such as github.delete_repo
    pub(crate) path: String,

    /// The arguments of the call: JSON, or @FILE with JSON in it; @- reads it from standard input
    #[arg(long, value_name = "JSON|@FILE")]
    pub(crate) args: Option<String>,

    /// Print it as one line of JSON
    #[arg(long)]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) connect: ConnectArgs,
}

/// List the rules in order, each with how many tools it is about; the last one that matches a call decides
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Print the rules as one line of JSON
    #[arg(long)]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) connect: ConnectArgs,
}

/// Shows what policy says; says what the process exits with.
pub(crate) async fn policy(command: PolicyCommand, printer: &Arc<Printer>) -> anyhow::Result<u8> {
    match command {
        PolicyCommand::Explain(arguments) => explain(*arguments, printer).await,
        PolicyCommand::List(arguments) => list(*arguments, printer).await,
    }
}

async fn explain(arguments: ExplainArgs, printer: &Arc<Printer>) -> anyhow::Result<u8> {
    let ExplainArgs { path, args, json, connect: to } = arguments;
    let given = args.map(|args| source::json_argument(&args, "the arguments")).transpose()?;
    let wanted = Wanted::of_tool(&path);
    let Some(runtime) = connect::runtime(to, &wanted, &[], &interrupt::token(), printer).await? else {
        return Ok(exit::CANCELLED);
    };
    let unconnected = connect::is_nothing(&runtime);
    let explained = runtime.explain(&path, given).await;
    runtime.close().await;
    match explained {
        Ok(explanation) if json => printer.json(&explanation)?,
        Ok(explanation) => printer.line(&text(&explanation))?,
        Err(unknown) => {
            printer.error(&anyhow::anyhow!("{}", unknown.message));
            if unconnected {
                printer.hint(connect::NOTHING);
            }
            return Ok(exit::FAILURE);
        }
    }
    Ok(exit::SUCCESS)
}

fn text(explanation: &Explanation) -> String {
    let Explanation { verdict, fixed, amounts_to, .. } = explanation;
    let mut text = of_one(explanation);
    for other in amounts_to {
        let _ = write!(text, "it is also a call of {}", of_one(other));
    }
    let _ = match (verdict, fixed) {
        (Verdict::Ask, _) => writeln!(text, "a program's call fails: runs cannot wait for a person yet"),
        (_, true) => Ok(()),
        (_, false) => writeln!(text, "other calls of it may be judged otherwise"),
    };
    text
}

fn of_one(explanation: &Explanation) -> String {
    let Explanation { path, verdict, rule, why, considered, quarantined, .. } = explanation;
    let mut text = format!("{path}: {verdict}\n  {why}\n");
    if quarantined.is_some() {
        text.push_str("quarantined: whatever the rules say, it is not called before you accept what it has become: see `codemode trust`\n");
    }
    // That the rule that decides matches has been said.
    let told = considered.iter().filter(|tried| Some(tried.rule) != *rule || !tried.conditions.is_empty());
    for tried in told {
        let matches = match tried.matches {
            Truth::Yes => "matches",
            Truth::No => "does not match",
            Truth::Unsure => "may match",
        };
        let _ = writeln!(text, "rule {} {matches}: {}", tried.rule, tried.text);
        for condition in &tried.conditions {
            let holds = match condition.holds {
                Truth::Yes => "yes",
                Truth::No => "no",
                Truth::Unsure => "cannot be told",
            };
            let _ = writeln!(text, "  {}: {holds}", condition.text);
        }
    }
    text
}

async fn list(arguments: ListArgs, printer: &Arc<Printer>) -> anyhow::Result<u8> {
    let ListArgs { json, connect: to } = arguments;
    let wanted = if json { Wanted::Nothing } else { Wanted::All };
    let Some(runtime) = connect::runtime(to, &wanted, &[], &interrupt::token(), printer).await? else {
        return Ok(exit::CANCELLED);
    };
    let shown = if json {
        printer.json(&runtime.policy().rules().collect::<Vec<_>>())
    } else {
        rules(&runtime, printer)
    };
    runtime.close().await;
    shown.map(|()| exit::SUCCESS)
}

fn rules(runtime: &Runtime, printer: &Printer) -> anyhow::Result<()> {
    let catalog = runtime.catalog();
    let policy = runtime.policy();
    for (index, rule) in policy.rules().enumerate() {
        let tools = catalog.connectors().flat_map(|connector| {
            let entries = catalog.tools(connector).iter();
            entries.filter(move |entry| rule.names(connector, &[&entry.identifier, &entry.tool.name]))
        });
        let tools = match tools.count() {
            0 => "no tool".to_owned(),
            1 => "1 tool".to_owned(),
            count => format!("{count} tools"),
        };
        let reason = rule.reason().map(|reason| format!(": {reason}")).unwrap_or_default();
        printer.line(&format!("{}. {rule} ({tools}){reason}", index + 1))?;
    }
    printer.line("otherwise: ask where a call is destructive, else allow")
}
