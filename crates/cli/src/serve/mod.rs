//! `codemode serve`: one MCP server in front of everything that is configured.

mod log;
mod name;
mod reload;
mod signals;
mod stop;

use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use codemode::config::Bind;
use codemode::connect::Accepts;
use codemode::{CancellationToken, ConnectorStatus, Runtime, Shape};
use codemode_gateway::{
    Gateway, GatewayOptions, HttpOptions, HttpServer, Principal, serve_stdio, standard_streams,
};
use serde_json::Value;

use crate::args::{ConnectArgs, Limit, limit};
use crate::gather::{From, Gathered};
use crate::print::Printer;
use crate::servers::Server;
use crate::wanted::Wanted;
use crate::{connect, exit, folders, hazards};

use reload::Reloader;
use stop::Stop;

/// Serve everything that is configured as one MCP server
///
/// On standard input and output, for a client that starts this command; with --http for many clients.
/// After -- stands the command of one MCP server, which is then served instead of what is configured:
///
///   codemode serve
///   codemode serve --http
///   codemode serve -- npx -y @modelcontextprotocol/server-filesystem .
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct ServeArgs {
    /// Serve over HTTP instead, at http://ADDRESS/mcp [default: as configured in [serve], or 127.0.0.1:8931]
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1)]
    #[allow(clippy::option_option, reason = "clap's way to say that a value may be left out")]
    http: Option<Option<Bind>>,

    /// What a model is given: auto, pair, single, passthrough, hybrid [default: as configured, or auto]
    #[arg(long, value_name = "SHAPE", value_parser = shape)]
    surface: Option<Shape>,

    #[command(flatten)]
    log: log::LogArgs,

    /// Set a limit of all runs, such as cpu=1s, heap=64MiB or calls=10; `codemode run --help` lists them
    #[arg(long, value_name = "NAME=VALUE", value_parser = limit)]
    limit: Vec<Limit>,

    /// Answer /metrics, to whoever reaches the server
    #[arg(long, requires = "http")]
    metrics: bool,

    /// The time that programs have to end when the server is told to: by SIGTERM or Ctrl-C
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = time)]
    grace: Duration,

    #[command(flatten)]
    connect: ConnectArgs,

    /// The name that the one server has in programs [default: made of its command]
    #[arg(long, value_name = "NAME", requires = "command")]
    name: Option<String>,

    /// What starts the one MCP server that is served
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<String>,
}

/// Serves until the client leaves or the process is told to end.
pub(crate) async fn serve(arguments: ServeArgs, printer: &Arc<Printer>) -> anyhow::Result<u8> {
    let ServeArgs { http, surface, log, limit, metrics, grace, mut connect, name, command } = arguments;
    let told = log::begin(&log)?;
    printer.log_from_now_on();
    let (ends, hangups) = signals::listen()?;
    let from = if command.is_empty() { From::Everywhere } else { From::CommandLine };
    if !command.is_empty() {
        let name = name.unwrap_or_else(|| name::of_command(&command));
        connect.mcp.push(Server::started_by(&name, command).map_err(anyhow::Error::msg)?);
    }
    let config = connect.config.clone();
    let gathered = Gathered::read(connect, &Wanted::All, from, printer).await?;
    let mut serve = gathered.config.serve()?;
    let mut options = gathered.config.surface();
    options.shape = surface.unwrap_or(options.shape);
    // Whoever asks is answered at once. Tools of what is still being connected to are there when it is.
    let builder = gathered.builder(&limit)?.surface(options).patience(Duration::ZERO).forward(Accepts::ALL);
    // The message of the error holds those of its sources.
    let runtime = builder.build().await.map_err(|error| anyhow::anyhow!("{error}"))?;
    let gateway = Gateway::new(GatewayOptions::default().wait(serve.wait));
    gateway.ops().watch(&runtime);
    let saying = tokio::spawn(say_what_is_missing(runtime.clone(), Arc::clone(printer)));

    let accept = CancellationToken::new();
    let stop = Stop { grace, is_many: http.is_some(), accept: accept.clone() };
    tokio::spawn({
        let (runtime, printer) = (runtime.clone(), Arc::clone(printer));
        async move { stop.on(ends, runtime, &printer).await }
    });
    let server = match http {
        Some(bind) => {
            serve.bind = bind.unwrap_or(serve.bind);
            let mut options = HttpOptions::new(serve).metrics(metrics).grace(grace);
            options.state = folders::state();
            Some(HttpServer::new(&gateway, &runtime, options)?)
        }
        None => None,
    };
    let reloader = Reloader {
        gathered,
        from,
        arguments: config,
        limits: limit,
        runtime: runtime.clone(),
        ops: gateway.ops().clone(),
        printer: Arc::clone(printer),
        server: server.clone(),
    };
    tokio::spawn(reloader.watch(hangups));
    match server {
        Some(server) => {
            let listeners = server.bind().await?;
            for listener in &listeners {
                printer.note(&format!("serving MCP at http://{}/mcp", listener.local_addr()?));
            }
            server.serve(listeners, accept).await;
        }
        None => {
            let principal = Principal::local(runtime.clone());
            let (input, output) = standard_streams();
            serve_stdio(&gateway, principal, input, output, accept).await?;
        }
    }
    // What is closed because we end is missed by nobody.
    saying.abort();
    runtime.close().await;
    told.end().await;
    Ok(exit::SUCCESS)
}

/// Says which connectors are not there once all have answered or failed, and of what should be known of those that are.
async fn say_what_is_missing(runtime: Runtime, printer: Arc<Printer>) {
    runtime.docs().notes().iter().for_each(|note| printer.warning(note));
    runtime.all_listed().await;
    for connector in runtime.connectors() {
        if let (ConnectorStatus::Unavailable | ConnectorStatus::LoginRequired, Some(error)) =
            (connector.status, connector.error)
        {
            printer.warning(&error);
        }
    }
    connect::unpinned(&runtime).iter().for_each(|warning| printer.warning(warning));
    hazards::warn(&runtime, &printer);
    if connect::is_nothing(&runtime) {
        printer.warning("nothing is connected: `codemode add` connects a server or an API for good");
    }
}

fn time(text: &str) -> Result<Duration, String> {
    let time: codemode::config::Time =
        serde_json::from_value(Value::String(text.to_owned())).map_err(|error| error.to_string())?;
    Ok(time.get())
}

fn shape(text: &str) -> Result<Shape, String> {
    serde_json::from_value(Value::String(text.to_owned()))
        .map_err(|error| error.to_string().replace("variant", "shape"))
}
