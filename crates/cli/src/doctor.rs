//! `codemode doctor`: everything that can be wrong is looked at.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use codemode::config::{Entry, Error, Folders, Found, Kind, Trusted};
use codemode::{ConnectorInfo, ConnectorStatus, Rule, Runtime, Why, visible};
use serde::Serialize;

use crate::args::ConfigArgs;
use crate::configured::{self, Configured};
use crate::print::Printer;
use crate::{exit, folders, hazards, interrupt, probe, shown};

/// How long connectors may take to answer, all at once: as long as a run waits for them.
const PATIENCE: Duration = Duration::from_secs(10);

/// Check everything: configuration and its trust, references, programs, servers, folders; say what to do
///
/// Each line is ok, warn or fail. It exits with 1 if anything fails.
#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// Print the findings as one line of JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    config: ConfigArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Ok,
    Warn,
    Fail,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Finding {
    verdict: Verdict,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<String>,
}

/// Looks at everything; says what the process exits with.
pub(crate) async fn doctor(arguments: DoctorArgs, printer: &Arc<Printer>) -> anyhow::Result<u8> {
    let DoctorArgs { json, config } = arguments;
    let mut findings = vec![Finding::ok(format!("codemode {}", env!("CARGO_PKG_VERSION")))];
    findings.push(folder("state", folders::state(), "CODEMODE_STATE"));
    findings.push(folder("cache", folders::cache(), "CODEMODE_CACHE"));
    match configured::read_quietly(&config) {
        Ok(configured) => {
            files(&configured, &mut findings);
            if !connectors(&configured, &mut findings).await? {
                return Ok(exit::CANCELLED);
            }
        }
        Err(error) => findings.push(unreadable(&error)),
    }
    let failed = findings.iter().any(|finding| finding.verdict == Verdict::Fail);
    if json {
        printer.json(&findings)?;
    } else {
        let lines: Vec<_> = findings.iter().map(Finding::text).collect();
        printer.line(&lines.join("\n"))?;
    }
    Ok(if failed { exit::FAILURE } else { exit::SUCCESS })
}

fn folder(what: &str, folder: Option<std::path::PathBuf>, variable: &str) -> Finding {
    let Some(folder) = folder else {
        let message = format!("there is no {what} folder: no home folder is known");
        return Finding::warn(message, format!("{variable} can name one"));
    };
    let probe = folder.join(format!(".doctor-{}", std::process::id()));
    let tried = std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&probe, b""));
    match tried.and_then(|()| std::fs::remove_file(&probe)) {
        Ok(()) => Finding::ok(format!("the {what} folder can be written: {}", folder.display())),
        Err(error) => {
            let message = format!("the {what} folder cannot be written: {}: {error}", folder.display());
            Finding::fail(
                message,
                format!("give yourself the right to, or name another folder in {variable}"),
            )
        }
    }
}

fn files(configured: &Configured, findings: &mut Vec<Finding>) {
    if configured.found.is_empty() {
        findings.push(Finding::warn(
            "there is no configuration",
            "`codemode add` writes one, `codemode import` takes over the servers of other programs",
        ));
    }
    findings.extend(configured.found.iter().map(file));
    for note in configured.config.notes.iter().filter(|note| note.is_serious) {
        findings
            .push(Finding::warn(format!("{}: {}", note.file.display(), note.message), "correct it there"));
    }
    for entry in &configured.config.connectors {
        for key in entry.secrets_in_plain_text() {
            let message = format!("{}: {key} of {} stands in plain text", entry.file.display(), entry.name);
            findings.push(Finding::warn(message, "write a reference instead, such as ${env:NAME}"));
        }
    }
}

fn file(found: &Found) -> Finding {
    let path = found.path.display();
    match &found.trusted {
        Trusted::Yes => Finding::ok(format!("{path} is used: {}", configured::role(found.role))),
        Trusted::Changed { .. } => {
            let message = format!("{path} is not used: it has changed since it was trusted");
            Finding::warn(message, "`codemode trust` shows what has changed, and asks")
        }
        _ => {
            let message = format!("{path} is not used: it is not trusted");
            Finding::warn(message, "`codemode trust` shows what it would start, and asks")
        }
    }
}

fn unreadable(error: &Error) -> Finding {
    Finding::fail(error.to_string(), "correct the file; docs/configuration.md has every key")
}

/// Tries every connector that is not switched off; `false` when that was cancelled.
async fn connectors(configured: &Configured, findings: &mut Vec<Finding>) -> anyhow::Result<bool> {
    let folders = Folders { cache: folders::cache(), state: folders::state() };
    let mut tried = Vec::new();
    for entry in &configured.config.connectors {
        let name = &entry.name;
        if !entry.enabled {
            findings.push(Finding::ok(format!("{name} is switched off")));
        } else if let Err(error) = entry.try_connector(&folders) {
            findings
                .push(Finding::fail(error.to_string(), "set what it names, or correct the configuration"));
        } else if let Some(missing) = missing_program(entry) {
            let advice = format!("install it, or correct command in {}", entry.file.display());
            findings.push(Finding::fail(format!("{name}: the program {missing} is not there"), advice));
        } else {
            tried.push(entry);
        }
    }
    if tried.is_empty() {
        return Ok(true);
    }
    let Some(runtime) = probe::runtime(tried, PATIENCE, &interrupt::token()).await? else { return Ok(false) };
    let known = runtime.connectors();
    findings.extend(known.iter().map(connector));
    findings.extend(quarantined(&runtime));
    let read = "read what it offers with care; `codemode remove` takes a connector out";
    findings.extend(hazards::of(&runtime).into_iter().map(|hazard| Finding::warn(hazard, read)));
    // Of a tool that is not known nobody can say that no rule is about it.
    if known.iter().all(|info| info.status == ConnectorStatus::Ready) {
        findings.extend(idle_rules(configured, &runtime));
    }
    runtime.close().await;
    Ok(true)
}

/// Tools that are not called because they have changed, and what keeps that from being known.
fn quarantined(runtime: &Runtime) -> Vec<Finding> {
    let unpinned = crate::connect::unpinned(runtime).into_iter();
    let unpinned = unpinned
        .map(|warning| Finding::warn(warning, "the folder of pins is `pins` in the state folder, above"));
    let waiting = runtime.quarantined().into_iter().filter(|found| found.why != Why::Unknown);
    let waiting = waiting.map(|found| {
        let tool = visible(&found.tool);
        let why = if found.why == Why::New { "is new" } else { "has changed since it was accepted" };
        let message = format!("{tool} {why}, and is withheld");
        Finding::warn(message, format!("`codemode trust {tool}` shows what it says now, and asks"))
    });
    unpinned.chain(waiting).collect()
}

/// Rules that are about no tool: mostly slips.
fn idle_rules(configured: &Configured, runtime: &Runtime) -> Vec<Finding> {
    let catalog = runtime.catalog();
    let is_idle = |rule: &&Rule| {
        !catalog.connectors().any(|connector| {
            let mut tools = catalog.tools(connector).iter();
            tools.any(|entry| rule.names(connector, &[&entry.identifier, &entry.tool.name]))
        })
    };
    let idle = configured.config.rules().iter().filter(is_idle);
    let finding = |rule: &Rule| {
        let message = format!("a rule of policy is about no tool that there is: {rule}");
        Finding::warn(message, "`codemode tools` shows what the tools are called")
    };
    idle.map(finding).collect()
}

fn connector(info: &ConnectorInfo) -> Finding {
    let name = &info.name;
    match info.status {
        ConnectorStatus::Ready => {
            let took = info.latency_ms.map(|ms| format!(", {ms} ms")).unwrap_or_default();
            Finding::ok(format!("{name} answers: {}{took}", shown::count(info.tools, "tool")))
        }
        ConnectorStatus::LoginRequired => {
            Finding::fail(format!("{name} wants a login"), format!("`codemode login {name}` logs in"))
        }
        ConnectorStatus::Connecting => {
            Finding::fail(format!("{name} did not answer in time"), "start it by hand and see what it says")
        }
        _ => {
            let error = info.error.clone().unwrap_or_else(|| format!("{name} is not available"));
            Finding::fail(error, "mend what is said here; `codemode list` tries again")
        }
    }
}

/// The program of a server where it cannot be found.
fn missing_program(entry: &Entry) -> Option<String> {
    let Kind::Stdio(stdio) = &entry.kind else { return None };
    let command = stdio.command.expand().ok()?;
    let is_there = if command.contains(['/', '\\']) {
        entry.path(&stdio.command).is_ok_and(|path| path.is_file())
    } else {
        let folders = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&folders).any(|folder| has_program(&folder, &command))
    };
    (!is_there).then_some(command)
}

fn has_program(folder: &Path, name: &str) -> bool {
    let endings: &[&str] = if cfg!(windows) { &["", ".exe", ".cmd", ".bat", ".com"] } else { &[""] };
    endings.iter().any(|ending| folder.join(format!("{name}{ending}")).is_file())
}

impl Finding {
    fn ok(message: impl Into<String>) -> Self {
        Self { verdict: Verdict::Ok, message: message.into(), advice: None }
    }

    fn warn(message: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { verdict: Verdict::Warn, message: message.into(), advice: Some(advice.into()) }
    }

    fn fail(message: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { verdict: Verdict::Fail, message: message.into(), advice: Some(advice.into()) }
    }

    fn text(&self) -> String {
        let verdict = match self.verdict {
            Verdict::Ok => "ok  ",
            Verdict::Warn => "warn",
            Verdict::Fail => "fail",
        };
        let mut text = format!("{verdict}  {}", self.message.trim_end().replace('\n', "\n        "));
        if let Some(advice) = &self.advice {
            text.push_str(&format!("\n      → {advice}"));
        }
        text
    }
}
