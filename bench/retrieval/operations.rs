//! The timings: an index of two large APIs, and queries against it.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use codemode::Connector;
use codemode::connect::{OpenApi, Source};
use codemode_catalog::{Catalog, Index, Query};

const QUERIES: [&str; 12] = [
    "create an issue",
    "list all pull requests of a repository",
    "purge the cache of a zone",
    "add a DNS record",
    "who reviewed this change",
    "github.issues_create",
    "upload a file to a bucket and get its public link",
    "rotate the API token of an account",
    "block an ip adress in the firewall",
    "deploy a worker script with its bindings, then read its logs",
    "find commits that mention a bug, group them by author, and post a comment on each open pull request",
    "repositry colaborators",
];

/// Prints how long it takes to build the index and to search it.
pub fn time() {
    let Some(folder) = folder() else {
        println!("no API descriptions: set CODEMODE_OPENAPI");
        return;
    };
    let tokio = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let mut catalog = Catalog::default();
    for (connector, file) in [("cloudflare", "cloudflare-2024-08-06.json"), ("github", "github.json")] {
        let api = OpenApi::new(connector, Source::from(folder.join(file))).without_raw_requests();
        catalog.insert(connector, tokio.block_on(api.list()).unwrap()).unwrap();
    }
    let built = median(5, || drop(std::hint::black_box(Index::new(&catalog))));
    let mut index = Index::new(&catalog);
    let replaced = median(5, || index.replace(&catalog, "github"));
    let mut times: Vec<(Duration, &str)> = QUERIES
        .iter()
        .map(|query| (median(200, || drop(std::hint::black_box(index.search(&Query::new(query))))), *query))
        .collect();
    times.sort();
    println!("\n{} operations: built in {built:?}, one connector replaced in {replaced:?}", index.len());
    for (time, query) in &times {
        let first = index.search(&Query::new(query)).results.first().map(|hit| hit.path.clone());
        println!("{time:>10.1?}  {query:?} → {}", first.unwrap_or_default());
    }
    println!("p50 {:?}, worst {:?}", times[times.len() / 2].0, times[times.len() - 1].0);
    let hostile = "create issue \u{4e2d} ".repeat(100_000);
    println!("1.7 MB of query: {:?}", median(20, || drop(index.search(&Query::new(&hostile)))));
}

fn median(times: usize, mut run: impl FnMut()) -> Duration {
    let mut taken: Vec<Duration> = (0..times)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed()
        })
        .collect();
    taken.sort();
    taken[times / 2]
}

fn folder() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().find_map(|up| {
        let folder = up.join("../shared/data/openapi");
        folder.is_dir().then_some(folder)
    });
    std::env::var_os("CODEMODE_OPENAPI").map(PathBuf::from).or(beside)
}
