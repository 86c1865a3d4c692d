//! The command `codemode`: runs TypeScript programs that call tools, in a sandbox.

mod add;
mod apis;
mod args;
mod call;
mod check;
mod config;
mod configured;
mod conformance_client;
mod connect;
mod consent;
mod describe;
mod diff;
mod doctor;
mod example_server;
mod exit;
mod folders;
mod follow;
mod gather;
mod hazards;
mod import;
mod install;
mod interrupt;
mod list;
mod live;
mod login;
mod policy;
mod print;
mod probe;
mod refused;
mod relative;
mod remove;
mod rules;
mod run;
mod search;
mod serve;
mod servers;
mod shown;
mod source;
mod table;
mod token;
mod tools;
mod trust;
mod types;
mod visible;
mod wanted;

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
        Command::Serve(arguments) => on_tokio(serve::serve(*arguments, &printer)),
        Command::Check(arguments) => check::check(&arguments, &printer),
        Command::Search(arguments) => on_tokio(search::search(arguments, &printer)),
        Command::Describe(arguments) => on_tokio(describe::describe(arguments, &printer)),
        Command::Types(arguments) => on_tokio(types::types(arguments, &printer)),
        Command::Tools(arguments) => on_tokio(tools::tools(arguments, &printer)),
        Command::Call(arguments) => on_tokio(call::call(arguments, &printer)),
        Command::Add(arguments) => on_tokio(add::add(arguments, &printer)),
        Command::Remove(arguments) => remove::remove(arguments, &printer),
        Command::List(arguments) => on_tokio(list::list(arguments, &printer)),
        Command::Import(arguments) => import::import(arguments, &printer),
        Command::Install(arguments) => install::install(arguments, &printer),
        Command::Uninstall(arguments) => install::uninstall(arguments, &printer),
        Command::Trust(arguments) => trust::trust(arguments, &printer),
        Command::Doctor(arguments) => on_tokio(doctor::doctor(arguments, &printer)),
        Command::Config(command) => config::config(&command, &printer),
        Command::Completions { shell } => args::completions(shell, &printer),
        Command::Token(command) => token::token(command, &printer),
        Command::Policy(command) => on_tokio(policy::policy(command, &printer)),
        Command::Login(arguments) => on_tokio(login::login(arguments, &printer)),
        Command::Logout(arguments) => on_tokio(login::logout(arguments, &printer)),
        Command::ConformanceClient { url } => on_tokio(async {
            conformance_client::run(&url).await?;
            Ok(exit::SUCCESS)
        }),
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
            let Some(misuse) = error.downcast_ref::<exit::Misuse>() else {
                return ExitCode::from(exit::FAILURE);
            };
            misuse.hint.iter().for_each(|hint| printer.hint(hint));
            ExitCode::from(exit::MISUSE)
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
