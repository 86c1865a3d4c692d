//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, CommandFactory as _, Parser, Subcommand};
use clap_complete::Shell;
use codemode::{Limits, SearchDetail};

use crate::add::AddArgs;
use crate::apis::{Api, BaseUrl, Credential, Unrepeated};
use crate::call::CallArgs;
use crate::config::ConfigCommand;
use crate::doctor::DoctorArgs;
use crate::example_server::Group;
use crate::exit;
use crate::import::ImportArgs;
use crate::install::{InstallArgs, UninstallArgs};
use crate::list::ListArgs;
use crate::login::{LoginArgs, LogoutArgs};
use crate::policy::PolicyCommand;
use crate::print::Printer;
use crate::remove::RemoveArgs;
use crate::rules::Rules;
use crate::serve::ServeArgs;
use crate::servers::Server;
use crate::token::TokenCommand;
use crate::tools::ToolsArgs;
use crate::trust::TrustArgs;

/// Run TypeScript programs that call tools, in a sandbox.
#[derive(Debug, Parser)]
#[command(name = "codemode", version, after_help = exit::HELP)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Run(Box<RunArgs>),
    Serve(Box<ServeArgs>),
    Check(CheckArgs),
    Search(SearchArgs),
    Describe(DescribeArgs),
    Types(TypesArgs),
    Login(LoginArgs),
    Logout(LogoutArgs),
    Tools(ToolsArgs),
    Call(CallArgs),
    List(ListArgs),
    Add(AddArgs),
    Remove(RemoveArgs),
    Import(ImportArgs),
    Install(InstallArgs),
    Uninstall(UninstallArgs),
    Trust(TrustArgs),
    Doctor(DoctorArgs),
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Print a script that completes this command in a shell
    ///
    /// For example in ~/.bashrc: source <(codemode completions bash)
    Completions {
        /// The shell
        shell: Shell,
    },
    #[command(subcommand)]
    Token(TokenCommand),
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Do with an MCP server what the official conformance suite for clients asks for
    #[command(name = "conformance-client", hide = true)]
    ConformanceClient {
        /// Where the suite's server is
        url: String,
    },
    /// Serve example tools over MCP on standard input and output, or an example HTTP API: something to try things on
    ///
    /// What `run --demo` connects to: the weather and a calculator, ten thousand orders and their customers, and tools
    /// that are slow, fail, answer too much or crash. With --http a lending library. It ends when its input ends.
    #[command(name = "example-server")]
    ExampleServer {
        /// Serve only these groups of tools: weather, orders, customers, trouble
        #[arg(value_name = "GROUP")]
        groups: Vec<Group>,

        /// Serve an HTTP API instead, at a free port of this machine or at ADDRESS, such as 127.0.0.1:8080
        ///
        /// The URL of its OpenAPI document is printed. Reading needs no key; changing something needs the header
        /// X-Api-Key: example-library-key.
        #[arg(long, value_name = "ADDRESS", num_args = 0..=1, default_missing_value = "127.0.0.1:0", conflicts_with = "groups")]
        http: Option<SocketAddr>,
    },
}

/// Prints the script; says what the process exits with.
pub(crate) fn completions(shell: Shell, printer: &Printer) -> anyhow::Result<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "codemode", &mut script);
    printer.line(&String::from_utf8_lossy(&script))?;
    Ok(exit::SUCCESS)
}

/// Run a program
///
/// The result goes to standard output: a string as it is, null not at all, anything else as JSON. Everything else goes
/// to standard error: what the program prints, its tool calls, errors.
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(crate) struct RunArgs {
    /// The program; - reads it from standard input
    pub(crate) file: String,

    #[command(flatten)]
    pub(crate) connect: ConnectArgs,

    /// What the program sees as `input`: JSON, or @FILE with JSON in it; @- reads it from standard input
    #[arg(long, value_name = "JSON|@FILE")]
    pub(crate) input: Option<String>,

    /// Wall time the run may take, such as 500ms, 10s or 2m [default: 60s]
    #[arg(long, value_name = "DURATION", value_parser = timeout)]
    pub(crate) timeout: Option<String>,

    /// Set a limit, such as cpu=1s, heap=64MiB or calls=10
    ///
    /// Durations: cpu, wall (the same as --timeout), call (one tool call). Sizes: heap, stack, source, arguments,
    /// tool-result, logs, result. Counts: calls, concurrency (calls at once), timers, depth (of JSON).
    #[arg(long, value_name = "NAME=VALUE", value_parser = limit)]
    pub(crate) limit: Vec<Limit>,

    /// Print the run's whole output and nothing else, as one line of JSON
    #[arg(long, conflicts_with_all = ["quiet", "verbose"])]
    pub(crate) json: bool,

    /// Do not list the calls
    #[arg(long, short, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
}

/// What to connect to, and which tools of it may be used.
#[derive(Debug, Args)]
pub(crate) struct ConnectArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArgs,

    /// Connect to an MCP server: the name it has in the program, and the command that starts it
    ///
    /// For example --mcp files='npx -y @modelcontextprotocol/server-filesystem .', which the program uses as
    /// `files.read_file(…)`. The command is split as a shell does and started without one.
    #[arg(long, value_name = "NAME=COMMAND")]
    pub(crate) mcp: Vec<Server>,

    /// Connect to an HTTP API: the name it has in the program, and its OpenAPI document, a file or a URL
    ///
    /// For example --openapi petstore=https://petstore3.swagger.io/api/v3/openapi.json. Every operation is a tool, and
    /// `petstore.request({method, path, …})` sends any other request.
    #[arg(long, value_name = "NAME=FILE|URL")]
    pub(crate) openapi: Vec<Api>,

    /// Where an HTTP API is, instead of what its document says
    #[arg(long, value_name = "NAME=URL")]
    pub(crate) base_url: Vec<BaseUrl>,

    /// A credential of an HTTP API, taken from an environment variable: github='${env:GITHUB_TOKEN}'
    ///
    /// It serves every security scheme of the document that it fits; NAME.SCHEME names one. No program, result or message
    /// ever holds it.
    #[arg(long, value_name = "NAME[.SCHEME]=${env:VARIABLE}", value_parser = Unrepeated)]
    pub(crate) credential: Vec<Credential>,

    /// Pass this environment variable on to the MCP servers, which otherwise get PATH and little else
    #[arg(long, value_name = "VARIABLE")]
    pub(crate) env: Vec<String>,

    /// Connect to example tools: demo (weather, calculator, trouble), orders and customers, and to an
    /// example HTTP API, library
    #[arg(long)]
    pub(crate) demo: bool,

    #[command(flatten)]
    pub(crate) rules: Rules,
}

/// Which configuration counts.
#[derive(Debug, Clone, Args)]
pub(crate) struct ConfigArgs {
    /// Read this configuration and no other: codemode.toml, or the file in which another program has its MCP servers
    ///
    /// May be given several times; a later file lies over an earlier one. Otherwise the file that CODEMODE_CONFIG names
    /// counts, or else the user's own codemode.toml and, over it, the codemode.toml or .mcp.json of the current folder, if
    /// `codemode trust` has said that it may be used.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Vec<PathBuf>,

    /// Read no configuration
    #[arg(long, conflicts_with = "config")]
    pub(crate) no_config: bool,

    /// Say more: which configuration is used, which tools were renamed, what a run used
    #[arg(long, short)]
    pub(crate) verbose: bool,
}

/// Find tools by what they do
///
/// The best come first, each with its signature. A text that is a tool's name or path puts that tool first.
#[derive(Debug, Args)]
pub(crate) struct SearchArgs {
    /// What the tool should do, or its name
    #[arg(required = true)]
    pub(crate) query: Vec<String>,

    /// How many tools to show
    #[arg(long, short = 'n', value_name = "COUNT", default_value_t = 10, value_parser = clap::value_parser!(u8).range(1..=100))]
    pub(crate) limit: u8,

    /// Only tools of this connector
    #[arg(long, value_name = "NAME")]
    pub(crate) connector: Option<String>,

    /// How much to say of each tool
    #[arg(long, value_name = "DETAIL", default_value = "signature")]
    pub(crate) detail: Detail,

    /// Print what codemode.search gives a program, as one line of JSON
    #[arg(long)]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) connect: ConnectArgs,
}

/// Show the TypeScript declaration of a tool, with all types it needs
///
/// Of a connector, its tools in one line each.
#[derive(Debug, Args)]
pub(crate) struct DescribeArgs {
    /// The tool, such as github.create_issue, or a connector
    pub(crate) path: String,

    /// Print what codemode.describe gives a program, as one line of JSON
    #[arg(long)]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) connect: ConnectArgs,
}

/// Print the TypeScript declarations of all tools, for an editor or to see what they cost
#[derive(Debug, Args)]
pub(crate) struct TypesArgs {
    /// Only these connectors
    #[arg(value_name = "CONNECTOR")]
    pub(crate) connectors: Vec<String>,

    /// How much to say of each tool
    #[arg(long, value_name = "DETAIL", default_value = "full")]
    pub(crate) detail: Detail,

    #[command(flatten)]
    pub(crate) connect: ConnectArgs,
}

/// How much is said of a tool.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(crate) enum Detail {
    /// Its name and one line
    Name,
    /// Its signature, on one line
    Signature,
    /// Its declaration with documentation and all types it needs
    Full,
}

impl From<Detail> for SearchDetail {
    fn from(detail: Detail) -> Self {
        match detail {
            Detail::Name => Self::Name,
            Detail::Signature => Self::Signature,
            Detail::Full => Self::Full,
        }
    }
}

/// Compile a program without running it, and list the tools it can call
///
/// One line per call: where it is, which tool, and the fields it passes as far as they can be read from the text.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// The program; - reads it from standard input
    pub(crate) file: String,

    /// Print the list, or why the program was rejected, as one line of JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// A limit's name and value, each known to be good by itself.
#[derive(Debug, Clone)]
pub(crate) struct Limit {
    pub(crate) name: String,
    pub(crate) value: String,
}

pub(crate) fn limit(text: &str) -> Result<Limit, String> {
    let (name, value) = text.split_once('=').ok_or("a limit is written NAME=VALUE, such as cpu=1s")?;
    let limit = Limit { name: name.trim().to_owned(), value: value.trim().to_owned() };
    Limits::default().set(&limit.name, &limit.value).map_err(|error| error.to_string())?;
    Ok(limit)
}

fn timeout(text: &str) -> Result<String, String> {
    match Limits::default().set("wall", text) {
        Ok(()) => Ok(text.to_owned()),
        Err(codemode::InvalidLimit::Value { expected, .. }) => Err(expected.to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shell_completes_every_command() {
        use clap::ValueEnum as _;
        for shell in Shell::value_variants() {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "codemode", &mut script);
            let script = String::from_utf8(script).unwrap();
            for command in Cli::command().get_subcommands().filter(|command| !command.is_hide_set()) {
                assert!(script.contains(command.get_name()), "{shell}: {}", command.get_name());
            }
        }
    }

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
