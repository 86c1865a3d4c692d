//! What tasks of several steps cost a model: each tool called directly, or one program for all of them.
//!
//! ```sh
//! cargo build -p codemode-cli && cargo bench -p codemode-bench --bench economy
//! ```
//!
//! The tools are those of the example server, and of the file system's and the memory server of npm; `CODEMODE=path` names
//! another build of the command, and what cannot be installed is skipped, which is said. Both ways are scripted, so they show
//! what is possible and not what a model does, and both must come to the same result.
//!
//! Tokens are those of `o200k_base`. The model of a conversation, without a cache of prompts: the context begins with the
//! tools (name, description, input schema; for a runtime its tools and its system prompt) and the task. A round trip is one
//! reply of the model: it *reads* the whole context, *writes* its calls, several at once where none needs another's result,
//! and both the calls and their results are added to the context. The last reply is the result, read and written likewise.
//! *Total* is all that was read and written. Times are those of calls, searches and programs; the model's own are not known
//! here, and a round trip of a model takes seconds. Beside the tools of the tasks the catalogs hold those of other real
//! servers and operations of GitHub's API.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::panic,
    unreachable_pub
)]

mod catalog;
#[allow(dead_code)]
#[path = "../tokens/conventional.rs"]
mod conventional;
mod direct;
mod ledger;
mod servers;
mod tasks;

use std::time::Instant;

use codemode::{Policy, RunOptions, Runtime};
use serde_json::{Value, json};

use catalog::Catalog;
use direct::Direct;
use ledger::{Ledger, tokens};
use tasks::{TASKS, Task};

fn main() {
    let Some(servers) = servers::installed() else { return };
    let tokio = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    for size in [10, 50, 500] {
        match tokio.block_on(catalog::directly(size, &servers)) {
            Some(direct) => tokio.block_on(compare(size, direct, &servers)),
            None => println!("SKIPPED {size} tools: there is no data to fill the catalog with\n"),
        }
    }
}

/// All tasks both ways, each way with servers of its own: what one wrote the other does not find.
async fn compare(size: usize, catalog: Catalog, servers: &servers::Servers) {
    let Catalog { connectors, listed, root } = catalog;
    let direct_tools = tokens(&Value::Array(listed).to_string());
    let direct = Direct::new(connectors);
    let Catalog { connectors, root: other_root, .. } = catalog::directly(size, servers).await.unwrap();
    let builder = Runtime::builder().policy(Policy::new().allow("*")).connectors(connectors);
    let runtime = builder.build().await.unwrap();
    let tools = serde_json::to_string(&runtime.tools()).unwrap();
    let program_tools = tokens(&tools) + tokens(&runtime.system_prompt());
    println!("{size} tools: listed directly {direct_tools} tokens, as programs {program_tools} tokens");
    println!("{:<46} {:^31} | {:^31} |", "", "called directly", "one program");
    let columns = format!("{:>5} {:>8} {:>8} {:>7}", "trips", "total", "context", "ms");
    println!("{:<46} {columns} | {columns} | total", "");
    let (mut of_direct, mut of_program, mut won) = (Ledger::default(), Ledger::default(), 0);
    for task in TASKS {
        let mut by_calls = Ledger::new(direct_tools + tokens(task.ask));
        let expected = direct.answer(task, &root.display().to_string(), &mut by_calls).await;
        let mut by_program = Ledger::new(program_tools + tokens(task.ask));
        let result = program(&runtime, task, &other_root.display().to_string(), &mut by_program).await;
        assert_eq!(expected, result, "{}", task.ask);
        let fewer = 100.0 * (1.0 - by_program.total() as f64 / by_calls.total() as f64);
        let winner = if by_program.total() < by_calls.total() { "" } else { "  calls win" };
        won += usize::from(winner.is_empty());
        println!("{:<46} {by_calls} | {by_program} | {fewer:>5.1} % fewer{winner}", task.title);
        of_direct.add(&by_calls);
        of_program.add(&by_program);
    }
    let fewer = 100.0 * (1.0 - of_program.total() as f64 / of_direct.total() as f64);
    println!(
        "{:<46} {of_direct} | {of_program} | {fewer:>5.1} % fewer, in {won} of {}\n",
        "all",
        TASKS.len()
    );
    runtime.close().await;
    direct.close().await;
}

/// The task by a program, and a search before it where tools are not declared.
async fn program(runtime: &Runtime, task: &Task, root: &str, ledger: &mut Ledger) -> Value {
    let searches = runtime.tools().iter().any(|tool| tool.name == "search");
    for query in task.queries.iter().filter(|_| searches) {
        let arguments = json!({ "query": query });
        let begun = Instant::now();
        let answer = runtime.call("search", arguments.clone()).await.unwrap();
        ledger.trip(
            &json!({ "name": "search", "arguments": arguments }).to_string(),
            &answer.text,
            begun.elapsed(),
        );
        for path in task.tools.iter().filter(|_| task.queries.len() == 1) {
            if !answer.text.contains(path) {
                println!("  {query:?} does not find {path}");
            }
        }
    }
    let code = task.program.replace("ROOT", root);
    let arguments = json!({ "code": code });
    let begun = Instant::now();
    let answer = runtime.call_with("execute", arguments.clone(), RunOptions::default()).await.unwrap();
    let spent = begun.elapsed();
    assert!(!answer.is_error, "{}", answer.text);
    ledger.trip(&json!({ "name": "execute", "arguments": arguments }).to_string(), &answer.text, spent);
    let result = answer.structured["result"].clone();
    ledger.answer(&result);
    result
}
