//! `codemode login` and `codemode logout`.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use codemode::config::Folders;
use codemode::connect::{Connector as _, LoginListener, Mcp, OAuth, Secret};

use crate::args::ConfigArgs;
use crate::print::Printer;
use crate::servers::check_name;
use crate::{configured, exit, folders};

/// How long somebody may take to log in. Browsers, password managers and second factors fit into a few minutes; whoever
/// went for lunch begins again.
const TIMEOUT: Duration = Duration::from_secs(600);

/// Log in to an MCP server that asks for it (OAuth)
///
/// A browser is opened for you to log in there. What the server gives for it is kept in your own folder, renewed when it
/// expires, and shown to no program.
#[derive(Debug, Args)]
pub(crate) struct LoginArgs {
    #[command(flatten)]
    server: ServerArgs,

    /// Ask for this scope, instead of those that the server names
    #[arg(long = "scope", value_name = "SCOPE", requires = "url")]
    scopes: Vec<String>,

    /// Wait for the browser at this port of 127.0.0.1, instead of any that is free
    ///
    /// Some authorization servers know only the port that was registered with them.
    #[arg(long, value_name = "PORT", default_value_t = 0, hide_default_value = true)]
    port: u16,

    /// Print the page's address instead of opening it
    #[arg(long)]
    no_browser: bool,
}

/// Forget what a login has brought
#[derive(Debug, Args)]
pub(crate) struct LogoutArgs {
    #[command(flatten)]
    server: ServerArgs,
}

/// Which server, and how we are known to it.
#[derive(Debug, Args)]
struct ServerArgs {
    /// The name that the server has in the configuration and in programs
    #[arg(value_parser = name)]
    name: String,

    /// Where the server is, such as https://mcp.example/mcp, if it is not in the configuration
    #[arg(long, value_name = "URL")]
    url: Option<String>,

    /// The client that was registered with the authorization server, where it registers none by itself
    #[arg(long, value_name = "ID", requires = "url")]
    client_id: Option<String>,

    /// The secret of that client, by reference: '${env:CLIENT_SECRET}'
    #[arg(long, value_name = "${env:VARIABLE}", requires = "client_id")]
    client_secret: Option<String>,

    #[command(flatten)]
    config: ConfigArgs,
}

/// Logs in.
pub(crate) async fn login(arguments: LoginArgs, printer: &Arc<Printer>) -> anyhow::Result<u8> {
    let LoginArgs { server, scopes, port, no_browser } = arguments;
    let name = server.name.clone();
    let connector = connector(server, scopes, printer)?;
    let listener = LoginListener::bind(port).await?;
    let login = connector.login(listener.uri()).await?;
    if no_browser || open::that_detached(login.url()).is_err() {
        printer.note("Open this page and log in there:");
        printer.line(login.url())?;
    } else {
        printer.note("A browser has been opened for you to log in. If it has not, open this page:");
        printer.note(login.url());
    }
    let outcome = login.wait(listener, TIMEOUT).await;
    connector.close().await;
    outcome?;
    printer.note(&format!("You are logged in to {name}."));
    Ok(exit::SUCCESS)
}

/// Forgets a login.
pub(crate) async fn logout(arguments: LogoutArgs, printer: &Arc<Printer>) -> anyhow::Result<u8> {
    let name = arguments.server.name.clone();
    let was_logged_in = connector(arguments.server, Vec::new(), printer)?.logout().await?;
    printer.note(&match was_logged_in {
        true => format!("You are logged out of {name}."),
        false => format!("You were not logged in to {name}."),
    });
    Ok(exit::SUCCESS)
}

/// What logs in to a server, with what is kept of logins in the user's folder.
fn connector(server: ServerArgs, scopes: Vec<String>, printer: &Printer) -> anyhow::Result<Mcp> {
    let ServerArgs { name, url, client_id, client_secret, config } = server;
    let state = folders::state().context("there is no home folder to keep a login in; set CODEMODE_STATE")?;
    let Some(url) = url else {
        let config = configured::read(&config, printer)?.config;
        let entry = config.connectors.iter().find(|entry| entry.name == name);
        let entry = entry.with_context(|| format!("no {name} is configured; --url URL says where it is"))?;
        let mcp = entry.http(&Folders { cache: folders::cache(), state: Some(state) })?;
        return mcp.with_context(|| {
            format!("{name} is no MCP server that is reached over HTTP: nobody logs in to it")
        });
    };
    let mut oauth = OAuth::new(state.join("credentials"));
    if let Some(id) = client_id {
        let secret = client_secret.as_deref().map(Secret::reference).transpose()?;
        oauth = oauth.client(id, secret);
    }
    if !scopes.is_empty() {
        oauth = oauth.scopes(scopes);
    }
    Ok(Mcp::http(name, &url).with_context(|| format!("--url {url}"))?.oauth(oauth))
}

fn name(text: &str) -> Result<String, String> {
    check_name(text).map(|()| text.to_owned())
}
