//! A cold process, from `exec` to its result. Build the command first: `cargo build --release -p codemode-cli`.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::PathBuf;
use std::process::{Command, Stdio};

fn main() {
    divan::main();
}

/// The command `codemode` beside this benchmark's own folder.
fn codemode() -> Command {
    let this = std::env::current_exe().expect("a path");
    let binary: PathBuf = this.ancestors().nth(2).expect("target/release").join("codemode");
    assert!(binary.is_file(), "build it first: cargo build --release -p codemode-cli");
    Command::new(binary)
}

fn run(arguments: &[&str]) {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let mut command = codemode();
    command
        .args(arguments)
        .current_dir(root)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    assert!(command.status().expect("it runs").success());
}

#[divan::bench(sample_count = 30, sample_size = 1)]
fn weather_over_mcp(bencher: divan::Bencher<'_, '_>) {
    bencher.bench_local(|| run(&["run", "--demo", "examples/weather.ts"]));
}

#[divan::bench(sample_count = 30, sample_size = 1)]
fn program_without_tools(bencher: divan::Bencher<'_, '_>) {
    bencher.bench_local(|| run(&["run", "bench/trivial.ts"]));
}
