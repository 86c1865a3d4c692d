//! `codemode install` and `uninstall`: codemode among the servers of a program that has MCP servers.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use codemode::config::{self, Client, ClientChange, Reach};

use crate::args::ConfigArgs;
use crate::print::Printer;
use crate::{configured, consent, diff, exit};

/// Make a program start `codemode serve`: Claude, Cursor, VS Code, Zed and others
///
/// The change of its file is shown first. Its own servers stay; what `codemode import` took over of them can be taken out
/// there.
#[derive(Debug, Args)]
pub(crate) struct InstallArgs {
    #[command(flatten)]
    to: To,

    /// Have it reach a codemode that serves over HTTP at this URL, instead of starting one
    #[arg(long, value_name = "URL", num_args = 0..=1, default_missing_value = "http://127.0.0.1:8931/mcp", conflicts_with = "arguments")]
    http: Option<String>,

    /// What `codemode serve` is started with
    #[arg(last = true, value_name = "ARGUMENT")]
    arguments: Vec<String>,
}

/// Undo `codemode install`
#[derive(Debug, Args)]
pub(crate) struct UninstallArgs {
    #[command(flatten)]
    from: To,

    /// The URL at which it reaches codemode, where that is not this machine's
    #[arg(long, value_name = "URL")]
    http: Option<String>,
}

/// Which program, and what codemode is called there.
#[derive(Debug, Args)]
struct To {
    /// The program
    program: Program,

    /// The name that it has there
    #[arg(long, value_name = "NAME", default_value = "codemode")]
    name: String,

    /// The program's file, where it is not at its usual place
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,

    /// Do not ask
    #[arg(long, short)]
    yes: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Program {
    /// Claude Code
    Claude,
    ClaudeDesktop,
    Cline,
    Codex,
    Cursor,
    Gemini,
    Vscode,
    Windsurf,
    Zed,
}

/// Adds codemode; says what the process exits with.
pub(crate) fn install(arguments: InstallArgs, printer: &Printer) -> anyhow::Result<u8> {
    let InstallArgs { to, http, arguments } = arguments;
    let (client, file) = (Client::from(to.program), to.file()?);
    let reach = match http {
        Some(url) => Reach::Url(url),
        None => {
            let args = std::iter::once("serve".to_owned()).chain(arguments).collect();
            Reach::Start { command: command(client)?, args }
        }
    };
    let change = client.install(file, &to.name, &reach)?;
    if change.is_nothing() {
        printer.line(&format!("{} has it already, as {}", client.program(), to.name))?;
        return Ok(exit::SUCCESS);
    }
    let question = format!("Add {} to {}?", to.name, client.program());
    if !made(&change, &question, to.yes, printer)? {
        return Ok(exit::FAILURE);
    }
    let program = client.program();
    printer.line(&format!("added {} to {program}: it is there once {program} is started again", to.name))?;
    twice(&change, &to.name, client, printer);
    Ok(exit::SUCCESS)
}

/// Takes codemode out; says what the process exits with.
pub(crate) fn uninstall(arguments: UninstallArgs, printer: &Printer) -> anyhow::Result<u8> {
    let UninstallArgs { from, http } = arguments;
    let (client, file) = (Client::from(from.program), from.file()?);
    let Some(change) = client.uninstall(file, &from.name, http.as_deref())? else {
        printer.line(&format!("{} has no {}", client.program(), from.name))?;
        return Ok(exit::SUCCESS);
    };
    let question = format!("Take {} out of {}?", from.name, client.program());
    if !made(&change, &question, from.yes, printer)? {
        return Ok(exit::FAILURE);
    }
    printer.line(&format!("took {} out of {}", from.name, client.program()))?;
    Ok(exit::SUCCESS)
}

/// Shows the change, and makes it if that is wished.
fn made(change: &ClientChange, question: &str, yes: bool, printer: &Printer) -> anyhow::Result<bool> {
    let lines = diff::changes(&change.before, &change.after);
    let lines: Vec<String> = lines.iter().map(|line| diff::spelled(&diff::shortened(line))).collect();
    printer.line(&format!("{}\n{}\n", change.file.display(), lines.join("\n")))?;
    if !yes && !consent::agreed(question, "nothing was changed", "--yes does not ask", printer)? {
        return Ok(false);
    }
    change.write()?;
    Ok(true)
}

/// Says which servers the program would have twice: of its own, and through codemode.
fn twice(change: &ClientChange, name: &str, client: Client, printer: &Printer) {
    let no_arguments = ConfigArgs { config: Vec::new(), no_config: false, verbose: false };
    let Ok(ours) = configured::read_quietly(&no_arguments) else { return };
    let Ok(theirs) = config::parse(&change.file, change.after.as_bytes()) else { return };
    let both = theirs.connectors.iter().map(|entry| entry.name.as_str()).filter(|theirs| *theirs != name);
    let both: Vec<&str> = both.filter(|theirs| ours.config.connector(theirs).is_some()).collect();
    if !both.is_empty() {
        printer.note(&format!(
            "note: {} has these of its own and would have them twice: {}",
            client.program(),
            both.join(", ")
        ));
        printer.hint(&format!("take them out of {} where codemode is to serve them", change.file.display()));
    }
}

/// What starts this program again: its name where that is enough, else its path. Programs of the desktop are not started by
/// a shell and do not have its `PATH`.
fn command(client: Client) -> anyhow::Result<String> {
    let own = std::env::current_exe().context("cannot find this program's own file")?;
    let path = std::env::var_os("PATH").unwrap_or_default();
    let name = if cfg!(windows) { "codemode.exe" } else { "codemode" };
    let found = std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file());
    let is_own = found.is_some_and(|found| same(&found, &own));
    if is_own && client != Client::ClaudeDesktop {
        return Ok("codemode".to_owned());
    }
    own.into_os_string()
        .into_string()
        .map_err(|path| anyhow::anyhow!("the path {} is not UTF-8", path.display()))
}

fn same(a: &std::path::Path, b: &std::path::Path) -> bool {
    matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

impl To {
    fn file(&self) -> anyhow::Result<PathBuf> {
        if let Some(file) = &self.file {
            return Ok(file.clone());
        }
        let home =
            std::env::home_dir().context("there is no home folder; --file names the program's file")?;
        Client::from(self.program).file(&home).context("the program's file is not known; --file names it")
    }
}

impl From<Program> for Client {
    fn from(program: Program) -> Self {
        match program {
            Program::Claude => Self::Claude,
            Program::ClaudeDesktop => Self::ClaudeDesktop,
            Program::Cline => Self::Cline,
            Program::Codex => Self::Codex,
            Program::Cursor => Self::Cursor,
            Program::Gemini => Self::Gemini,
            Program::Vscode => Self::Vscode,
            Program::Windsurf => Self::Windsurf,
            Program::Zed => Self::Zed,
        }
    }
}
