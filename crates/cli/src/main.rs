//! The command `codemode`: runs TypeScript programs that call tools, in a sandbox.

mod apis;
mod args;
mod check;
mod connect;
mod describe;
mod example_server;
mod exit;
mod folders;
mod interrupt;
mod live;
mod print;
mod rules;
mod run;
mod search;
mod servers;
mod source;
mod types;
mod visible;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser as _;

use args::{Cli, Command};
use print::Printer;

/// How long the process waits for tasks that are still under way when everything is done. Connectors are closed by then.
const SHUTDOWN: Duration = Duration::from_millis(500);

fn main() -> ExitCode {
    let cli = Cli::parse();
    let printer = Arc::new(Printer::new());
    let outcome = match cli.command {
        Command::Run(arguments) => on_tokio(run::run(*arguments, &printer)),
        Command::Check(arguments) => check::check(&arguments, &printer),
        Command::Search(arguments) => on_tokio(search::search(arguments, &printer)),
        Command::Describe(arguments) => on_tokio(describe::describe(arguments, &printer)),
        Command::Types(arguments) => on_tokio(types::types(arguments, &printer)),
        Command::ExampleServer { groups, http } => on_tokio(async {
            match http {
                Some(address) => example_server::library::run(address).await?,
                None => example_server::run(&groups).await?,
            }
            Ok(exit::SUCCESS)
        }),
    };
    outcome.map_or_else(
        |error| {
            printer.error(&error);
            ExitCode::from(exit::FAILURE)
        },
        ExitCode::from,
    )
}

fn on_tokio(command: impl Future<Output = anyhow::Result<u8>>) -> anyhow::Result<u8> {
    let tokio = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let outcome = tokio.block_on(command);
    tokio.shutdown_timeout(SHUTDOWN);
    outcome
}
