//! `codemode add`: a connector is written into the configuration and tried.

use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::bail;
use clap::Args;
use codemode::config::{ConnectorTable, Edit, FILE, Transport, Trusted, parse, sounds_secret};
use codemode::{ConnectorStatus, Runtime};
use tokio::time::timeout;

use crate::print::Printer;
use crate::{configured, exit, folders, hazards, interrupt, probe, relative, shown};

/// How long what is added may take to answer: as long as a server may take to start. A package runner that fetches one on
/// its first use needs most of it.
const PATIENCE: Duration = Duration::from_secs(60);

/// For so long nobody wonders why nothing happens.
const SILENCE: Duration = Duration::from_secs(2);

/// Add a server or an API to the configuration, and try it
///
/// The command that starts an MCP server stands after --; a URL is that of an MCP server that is
/// reached over HTTP; --openapi makes an HTTP API's operations tools. For example:
///
///   codemode add files -- npx -y @modelcontextprotocol/server-filesystem .
///   codemode add tickets https://mcp.example.com/mcp --header 'Authorization=Bearer ${env:TICKETS_TOKEN}'
///   codemode add shop --openapi https://shop.example.com/openapi.json --credential '${env:SHOP_KEY}'
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct AddArgs {
    /// The name that it has in programs
    name: String,

    /// The URL of an MCP server
    #[arg(conflicts_with_all = ["openapi", "command"])]
    url: Option<String>,

    /// The OpenAPI document of an HTTP API, a file or a URL
    #[arg(long, value_name = "FILE|URL", conflicts_with = "command")]
    openapi: Option<String>,

    /// What starts an MCP server
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<String>,

    /// A variable of the server's environment: NAME alone takes it from yours
    #[arg(long, short, value_name = "NAME[=VALUE]")]
    env: Vec<String>,

    /// A header of every request to the server, such as 'Authorization=Bearer ${env:TOKEN}'
    #[arg(long, value_name = "NAME=VALUE", requires = "url")]
    header: Vec<String>,

    /// Speak to the server over sse, the protocol's first way over HTTP
    #[arg(long, requires = "url")]
    sse: bool,

    /// A credential of the API: a reference such as '${env:TOKEN}', for all its security schemes or the one named
    #[arg(long, value_name = "[SCHEME=]REFERENCE", requires = "openapi")]
    credential: Vec<String>,

    /// Where the API is, instead of what its document says
    #[arg(long, value_name = "URL", requires = "openapi")]
    base_url: Option<String>,

    /// What it is for, in a sentence that a model reads
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,

    /// Write into the codemode.toml of the current folder, for all who work in it, instead of your own
    #[arg(long)]
    project: bool,

    /// Write into this file
    #[arg(long, value_name = "FILE", conflicts_with = "project")]
    config: Option<PathBuf>,

    /// Do not try the connection
    #[arg(long)]
    no_check: bool,
}

/// Adds the connector; says what the process exits with.
pub(crate) async fn add(arguments: AddArgs, printer: &Arc<Printer>) -> anyhow::Result<u8> {
    let mut table = table(&arguments)?;
    let AddArgs { name, project, config, no_check, .. } = arguments;
    let file = file(project, config)?;
    let here = std::env::current_dir()?;
    if !lies_in(&file, &here) && relative::settle(&mut table, &here) {
        printer.note(&format!(
            "note: it will be started in {}, which its arguments are relative to",
            here.display()
        ));
    }
    let (mut edit, before) = Edit::open_read(file.clone())?;
    edit.add(&name, &table)?;
    edit.save()?;
    // What was written, whatever the file has become since.
    let text = edit.text();
    if project {
        keep_trust(&file, before.as_deref(), &text, printer);
    }
    let config = parse(&file, text.as_bytes())?;
    let Some(entry) = config.connector(&name) else { bail!("{} was not written", file.display()) };
    for key in entry.secrets_in_plain_text() {
        printer.warning(&format!("{key} stands in plain text in {}", file.display()));
        printer.hint("write a reference instead, such as ${env:NAME}; --env NAME takes a variable from your environment");
    }
    if no_check {
        printer.line(&format!("added {name} to {}", file.display()))?;
        return Ok(exit::SUCCESS);
    }
    let stop = interrupt::token();
    let mut tried = pin!(probe::runtime([entry], PATIENCE, &stop));
    let runtime = match timeout(SILENCE, &mut tried).await {
        Ok(runtime) => runtime?,
        Err(_) => {
            printer.note(&format!("waiting for {name}: what is fetched on its first use takes a while"));
            tried.await?
        }
    };
    let Some(runtime) = runtime else { return Ok(exit::CANCELLED) };
    let exit = report(&runtime, &name, &file, printer)?;
    hazards::warn(&runtime, printer);
    runtime.close().await;
    Ok(exit)
}

fn report(runtime: &Runtime, name: &str, file: &Path, printer: &Printer) -> anyhow::Result<u8> {
    let file = file.display();
    let Some(info) = runtime.connectors().into_iter().next() else { return Ok(exit::FAILURE) };
    if info.status == ConnectorStatus::Ready {
        let tools = shown::count(info.tools, "tool");
        printer.line(&format!("added {name} to {file}: {tools}"))?;
        return Ok(exit::SUCCESS);
    }
    printer.line(&format!("added {name} to {file}"))?;
    match (info.status, info.error) {
        (ConnectorStatus::LoginRequired, _) => {
            printer.warning(&format!("{name} wants a login"));
            printer.hint(&format!("`codemode login {name}` logs in"));
        }
        (_, error) => {
            printer.error(&anyhow::anyhow!(
                "{}",
                error.unwrap_or_else(|| format!("{name} did not answer in time"))
            ));
            printer.hint(&format!("`codemode list` tries again; `codemode remove {name}` takes it out"));
        }
    }
    Ok(exit::FAILURE)
}

/// What is written.
fn table(arguments: &AddArgs) -> anyhow::Result<ConnectorTable> {
    let mut table =
        ConnectorTable { description: arguments.description.clone(), ..ConnectorTable::default() };
    let mut words = arguments.command.iter().cloned();
    table.command = words.next();
    table.args = words.collect();
    table.url.clone_from(&arguments.url);
    table.openapi.clone_from(&arguments.openapi);
    table.base_url.clone_from(&arguments.base_url);
    table.transport = arguments.sse.then_some(Transport::Sse);
    for variable in &arguments.env {
        match variable.split_once('=') {
            Some((name, value)) => drop(table.env.insert(name.to_owned(), value.to_owned())),
            None if sounds_secret(variable) => {
                table.env.insert(variable.clone(), format!("${{env:{variable}}}"));
            }
            None => table.inherit.push(variable.clone()),
        }
    }
    for header in &arguments.header {
        let Some((name, value)) = header.split_once(['=', ':']) else {
            bail!("--header: write NAME=VALUE, such as 'Authorization=Bearer ${{env:TOKEN}}'");
        };
        table.headers.insert(name.trim().to_owned(), value.trim().to_owned());
    }
    for credential in &arguments.credential {
        let (scheme, reference) = match credential.split_once('=') {
            Some((scheme, reference)) if !scheme.contains("${") => (scheme, reference),
            _ => ("*", credential.as_str()),
        };
        table.credentials.insert(scheme.to_owned(), reference.to_owned());
    }
    if table.command.is_none() && table.url.is_none() && table.openapi.is_none() {
        bail!(
            "what is it? Write the command that starts it after --, the URL of an MCP server, or --openapi FILE|URL"
        );
    }
    Ok(table)
}

/// Whether what is relative to the folder is relative to the file too.
fn lies_in(file: &Path, folder: &Path) -> bool {
    let own = folder.join(file).parent().and_then(|own| own.canonicalize().ok());
    own.is_some_and(|own| folder.canonicalize().is_ok_and(|folder| folder == own))
}

/// The file that is changed.
pub(crate) fn file(project: bool, config: Option<PathBuf>) -> anyhow::Result<PathBuf> {
    match (project, config) {
        (_, Some(file)) => Ok(file),
        (true, None) => Ok(PathBuf::from(FILE)),
        (false, None) => folders::config().ok_or_else(|| {
            anyhow::anyhow!("there is no home folder to write into; --config FILE names another file")
        }),
    }
}

/// Who changes a trusted file, or makes one, with this command trusts what it wrote. `before` is what was read of it.
pub(crate) fn keep_trust(file: &Path, before: Option<&[u8]>, text: &str, printer: &Printer) {
    let trust = configured::trust();
    let was_trusted = before.is_none_or(|bytes| trust.of(file, bytes) == Trusted::Yes);
    if !was_trusted || trust.add(file, text.as_bytes()).is_err() {
        printer.warning(&configured::not_used(file, &Trusted::No));
    }
}
