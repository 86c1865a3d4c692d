//! How long the large published documents take, and how much memory, cold and from the cache.
//!
//! ```sh
//! cargo test --release -p codemode-connect --lib measured -- --ignored --nocapture
//! ```
//!
//! `DOCUMENT=github.json` measures that one alone, which its memory needs.

use std::fs;
use std::time::{Duration, Instant};

use super::published;
use crate::openapi::cache::read_through;

/// The smallest document that is worth a line.
const LARGE_BYTES: usize = 400_000;

/// How often each is read; the median counts.
const TIMES: usize = 7;

#[test]
#[ignore = "it measures, and asserts nothing that a busy machine could not break"]
fn documents_are_measured() {
    let Some(mut documents) = published::documents() else { return };
    // Memory is that of a process of its own: what was freed once is not taken from the system again.
    let only = std::env::var("DOCUMENT").ok();
    documents.retain(|(name, bytes)| only.as_ref().map_or(bytes.len() >= LARGE_BYTES, |only| only == name));
    println!(
        "{:<36} {:>9} {:>20} {:>20} {:>15}",
        "document", "bytes", "cold (CPU)", "cached (CPU)", "memory"
    );
    for (name, bytes) in documents {
        let folder = tempfile::tempdir().unwrap();
        let memory = peak(bytes.len(), || drop(read_through(&bytes, None).unwrap()));
        let cold = median(|| read_through(&bytes, None).unwrap());
        read_through(&bytes, Some(folder.path())).unwrap();
        let cached = median(|| read_through(&bytes, Some(folder.path())).unwrap());
        println!("{name:<36} {:>9} {cold:>20} {cached:>20} {memory:>15}", bytes.len());
    }
}

/// The median time of a run, and that of the processor.
fn median<T>(run: impl Fn() -> T) -> String {
    let mut taken: Vec<(Duration, Duration)> = (0..TIMES)
        .map(|_| {
            let (started, before) = (Instant::now(), on_processor());
            let read = run();
            let taken = (started.elapsed(), on_processor().saturating_sub(before));
            drop(read);
            taken
        })
        .collect();
    taken.sort_by_key(|(_, processor)| *processor);
    let (wall, processor) = taken[TIMES / 2];
    format!("{wall:.1?} ({processor:.1?})")
}

/// How long this thread has run, where the system can say.
fn on_processor() -> Duration {
    let said = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = said.split_whitespace().next().and_then(|first| first.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or_default())
}

/// The most memory that a run takes with the document, in megabytes and in documents.
fn peak(document_bytes: usize, run: impl FnOnce()) -> String {
    let peak = peak_bytes(run).map(|peak| peak + document_bytes);
    peak.map(|peak| format!("{} MB, {:.1} x", peak >> 20, peak as f64 / document_bytes as f64))
        .unwrap_or_default()
}

/// How much more memory than before `run` takes at its peak, where the system can say.
fn peak_bytes(run: impl FnOnce()) -> Option<usize> {
    // Makes the peak what is in use now.
    fs::write("/proc/self/clear_refs", "5").ok()?;
    let before = status("VmRSS:")?;
    run();
    Some(status("VmHWM:")?.saturating_sub(before))
}

fn status(key: &str) -> Option<usize> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with(key))?;
    Some(line.split_whitespace().nth(1)?.parse::<usize>().ok()? * 1024)
}
