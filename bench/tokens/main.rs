//! What a model reads of an API before it can use it: the document, one tool an operation, or ours.
//!
//! ```sh
//! cargo bench -p codemode-bench --bench tokens
//! ```
//!
//! Tokens are those of `o200k_base`. The documents are looked for in `$CODEMODE_OPENAPI` or, beside the repository, in
//! `../shared/data/openapi`. What each column counts:
//!
//! - *document*: the text as its publisher writes it;
//! - *full*: a tool for every operation, as MCP lists it, its input schema with every reference written out;
//! - *minimal*: name, one line, and the names and types of required parameters;
//! - *ours*: the tools that [`Runtime::tools`] gives a model, and the system prompt;
//! - *a task*: what comes on top to find one operation and to learn how it is called: one search, one description,
//!   the mean of several.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout, unreachable_pub)]

mod conventional;

use std::path::{Path, PathBuf};

use codemode::connect::{OpenApi, Select, Source};
use codemode::{Connector, Listing, Runtime};
use serde_json::json;
use tiktoken_rs::CoreBPE;

/// What a model may want of each API.
const TASKS: [(&str, &[&str]); 4] = [
    (
        "cloudflare",
        &["purge the cache of a zone", "add a DNS record", "upload a worker script", "list firewall rules"],
    ),
    ("github", &["create an issue", "list pull requests", "add a collaborator", "get a file's content"]),
    (
        "stripe",
        &["create a customer", "refund a charge", "list invoices of a customer", "cancel a subscription"],
    ),
    ("google_calendar", &["list events", "create an event", "which calendars are there", "free or busy"]),
];

const FILES: [(&str, &str); 4] = [
    ("cloudflare", "cloudflare-2024-08-06.json"),
    ("github", "github.json"),
    ("stripe", "stripe.json"),
    ("google_calendar", "google-calendar.json"),
];

/// APIs under their names as connectors, each with how many of its operations at most.
type Catalog = (&'static str, &'static [(&'static str, usize)]);

const ALL: usize = usize::MAX;
const CATALOGS: [Catalog; 7] = [
    ("GitHub, 10 operations", &[("github", 10)]),
    ("GitHub, 50 operations", &[("github", 50)]),
    ("Google Calendar", &[("google_calendar", ALL)]),
    ("Stripe", &[("stripe", ALL)]),
    ("GitHub", &[("github", ALL)]),
    ("Cloudflare", &[("cloudflare", ALL)]),
    ("Cloudflare + GitHub", &[("cloudflare", ALL), ("github", ALL)]),
];

fn main() {
    let Some(folder) = folder() else {
        println!("no API documents: set CODEMODE_OPENAPI");
        return;
    };
    let tokens = tiktoken_rs::o200k_base().unwrap();
    let tokio = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    println!(
        "{:<22} {:>10} {:>11} {:>10} {:>10} {:>6} {:>7}  fewer than full, minimal",
        "", "operations", "document", "full", "minimal", "ours", "a task"
    );
    for catalog in CATALOGS {
        println!("{}", tokio.block_on(row(&folder, &tokens, catalog)));
    }
}

async fn row(folder: &Path, tokens: &CoreBPE, (title, apis): Catalog) -> String {
    let count = |text: &str| tokens.encode_ordinary(text).len();
    let (mut operations, mut document, mut full, mut minimal) = (0, 0, 0, 0);
    let mut builder = Runtime::builder();
    let mut tasks = Vec::new();
    for (name, most) in apis {
        let file = folder.join(FILES.iter().find(|(api, _)| api == name).unwrap().1);
        let connector = api(name, &file, *most).await;
        let listing = connector.list().await.unwrap();
        let tools = listing.tools.iter().filter(|tool| tool.name != "request");
        operations += tools.clone().count();
        if *most == ALL {
            document += count(&std::fs::read_to_string(&file).unwrap());
            tasks.extend(
                TASKS.iter().find(|(api, _)| api == name).unwrap().1.iter().map(|task| (*name, *task)),
            );
        }
        for tool in tools {
            full += count(&conventional::full(tool, &listing));
            minimal += count(&conventional::minimal(tool, &listing));
        }
        builder = builder.connector(connector);
    }
    let runtime = builder.build().await.unwrap();
    let ours = count(&serde_json::to_string(&runtime.tools()).unwrap()) + count(&runtime.system_prompt());
    let mut task_tokens = 0;
    for (connector, task) in &tasks {
        let found = runtime.call("search", json!({ "query": task, "connector": connector })).await.unwrap();
        let best = found.structured["results"][0]["path"].as_str().unwrap().to_owned();
        task_tokens += count(&found.text) + count(&runtime.describe(&best).await.unwrap().types);
    }
    let fewer = |than: usize| 100.0 * (1.0 - ours as f64 / than as f64);
    format!(
        "{title:<22} {operations:>10} {:>11} {full:>10} {minimal:>10} {ours:>6} {:>7}  {:.2} %, {:.2} %",
        if document == 0 { "".into() } else { document.to_string() },
        if tasks.is_empty() { "".into() } else { (task_tokens / tasks.len()).to_string() },
        fewer(full),
        fewer(minimal),
    )
}

/// The API, with `most` of its operations, evenly chosen from the whole document.
async fn api(name: &str, file: &Path, most: usize) -> OpenApi {
    let all = OpenApi::new(name, Source::from(file));
    if most == ALL {
        return all;
    }
    let Listing { tools, .. } = all.list().await.unwrap();
    let chosen = tools.iter().step_by(tools.len() / most).take(most);
    chosen.fold(OpenApi::new(name, Source::from(file)).without_raw_requests(), |api, tool| {
        api.include(Select::Operation(tool.name.clone()))
    })
}

fn folder() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/openapi");
    let named = std::env::var_os("CODEMODE_OPENAPI").map(PathBuf::from);
    named.or_else(|| beside.is_dir().then_some(beside))
}
