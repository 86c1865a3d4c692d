//! How long it takes until an API's operations can be called, described and searched, and the memory that takes.
//!
//! ```sh
//! cargo bench -p codemode-bench --bench loading
//! ```
//!
//! The documents are looked for in `$CODEMODE_OPENAPI` or, beside the repository, in `../shared/data/openapi`. Every figure
//! is the median of several processes that do nothing else: memory that one document used would serve the next.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout)]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use codemode::connect::{OpenApi, Source};
use codemode::{Connector, Runtime, SearchDetail, SearchOptions};

const FILES: [&str; 6] = [
    "github.json",
    "cloudflare-2024-08-06.json",
    "stripe.json",
    "slack-web-swagger2.json",
    "docker-engine-swagger2.yaml",
    "google-calendar.json",
];

/// Processes a figure is the median of.
const PROCESSES: usize = 5;

/// What one process measures: milliseconds, and at the end MiB.
const COLUMNS: [&str; 6] = ["read", "from cache", "first search", "types", "MiB", "MiB cached"];

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, kind, file, cache] = arguments.as_slice()
        && kind == "one"
    {
        let tokio = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        return tokio.block_on(one(Path::new(file), Path::new(cache)));
    }
    let Some(folder) = folder() else {
        println!("no API documents: set CODEMODE_OPENAPI");
        return;
    };
    println!("{:<28} {:>6} {}", "", "MiB", COLUMNS.map(|column| format!("{column:>12}")).concat());
    for file in FILES {
        row(&folder.join(file));
    }
}

fn row(file: &Path) {
    let mut seen: Vec<Vec<f64>> = vec![Vec::new(); COLUMNS.len()];
    for _ in 0..PROCESSES {
        let cache = std::env::temp_dir().join(format!("codemode-loading-{}", std::process::id()));
        let [cold, cached] = [measure(file, &cache), measure(file, &cache)];
        std::fs::remove_dir_all(&cache).unwrap();
        let figures = [cold[0], cached[0], cold[1], cold[2], cold[3], cached[3]];
        seen.iter_mut().zip(figures).for_each(|(column, figure)| column.push(figure));
    }
    let medians = seen.into_iter().map(|mut column| {
        column.sort_by(f64::total_cmp);
        format!("{:>12.1}", column[PROCESSES / 2])
    });
    let size = std::fs::metadata(file).unwrap().len() as f64 / f64::from(1 << 20);
    let name = file.file_name().unwrap().to_str().unwrap();
    println!("{name:<28} {size:>6.1} {}", medians.collect::<String>());
}

/// Milliseconds to load, to search first and to declare all, and MiB at the peak of loading.
fn measure(file: &Path, cache: &Path) -> [f64; 4] {
    let output =
        Command::new(std::env::current_exe().unwrap()).arg("one").arg(file).arg(cache).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let figures: Vec<f64> = text.split_whitespace().map(|figure| figure.parse().unwrap()).collect();
    figures.try_into().unwrap()
}

/// What a process of its own does.
async fn one(file: &Path, cache: &Path) {
    let ms = |started: Instant| started.elapsed().as_secs_f64() * 1e3;
    let api = OpenApi::new("api", Source::from(file)).base_url("https://api.example").cache(cache);
    let before = peak_mib();
    let started = Instant::now();
    let tools = api.list().await.unwrap().tools.len();
    let load = ms(started);
    let memory = peak_mib() - before;
    let runtime = Runtime::builder().connector(api).build().await.unwrap();
    let started = Instant::now();
    let found = runtime.search("create", SearchOptions::default().detail(SearchDetail::Name)).await.unwrap();
    let search = ms(started);
    assert!(found.total <= tools);
    let started = Instant::now();
    assert!(runtime.declarations("api", SearchDetail::Full).await.is_some());
    println!("{load} {search} {} {memory}", ms(started));
}

/// The most memory the process ever had; 0 where the system does not tell.
fn peak_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.trim().trim_end_matches("kB").trim().parse::<f64>().unwrap_or_default() / 1024.0
}

fn folder() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/openapi");
    let named = std::env::var_os("CODEMODE_OPENAPI").map(PathBuf::from);
    named.or_else(|| beside.is_dir().then_some(beside))
}
