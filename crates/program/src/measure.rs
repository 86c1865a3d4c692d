//! Measures the stack that a level needs, for the numbers in [`crate::stack`]. Not part of the ordinary test run:
//!
//! ```text
//! cargo test --release -p codemode-program --lib -- --ignored --nocapture measure::
//! ```

use std::{process::Command, thread};

use crate::{
    build::{self, Mapping},
    limits::Limits,
    scan,
};

#[path = "../tests/program/constructs.rs"]
#[expect(dead_code)]
mod constructs;

use constructs::CONSTRUCTS;

const LIMITS: Limits = Limits { source_bytes: usize::MAX, nesting: usize::MAX, levels: usize::MAX };

/// For each construct: the smallest stack on which 100 and 600 repetitions compile, and what that is a counted level.
#[test]
#[ignore = "a measurement"]
fn bytes_per_level() {
    let mut worst = 0;
    for (index, construct) in CONSTRUCTS.iter().enumerate() {
        let level = |n| scan::measure(&construct.text(n), &LIMITS).unwrap().levels;
        let [low, high] = [100, 600].map(|n| (level(n), smallest_stack(index, n)));
        let bytes = (high.1 - low.1).checked_div(high.0 - low.0).unwrap_or(0);
        worst = worst.max(bytes);
        let per_repetition = (high.1 - low.1) / 500;
        println!(
            "{bytes:>6} bytes a level, {per_repetition:>6} a repetition, {:>7} at 100, {}",
            low.1, construct.name
        );
    }
    println!("worst: {worst} bytes a level");
}

/// Searches between 16 KiB and 64 MiB, in steps of an eighth.
fn smallest_stack(index: usize, n: usize) -> usize {
    let sizes: Vec<usize> = (0..96).map(|step| 16 * 1024 * (1 << (step / 8)) / 8 * (8 + step % 8)).collect();
    sizes[sizes.partition_point(|&bytes| !survives(index, n, bytes))]
}

fn survives(index: usize, n: usize, bytes: usize) -> bool {
    Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "measure::child"])
        .env("MEASURE", format!("{index} {n} {bytes}"))
        .output()
        .unwrap()
        .status
        .success()
}

/// Compiles one construct on a stack of the given size, and overflows it or not.
#[test]
#[ignore = "a part of bytes_per_level"]
fn child() {
    let Ok(arguments) = std::env::var("MEASURE") else { return };
    let [index, n, bytes] = *arguments.split(' ').map(|n| n.parse().unwrap()).collect::<Vec<usize>>() else {
        panic!("three numbers")
    };
    let text = CONSTRUCTS[index].text(n);
    let thread = thread::Builder::new().stack_size(bytes);
    let _ = thread.spawn(move || build::build(&text, Mapping::Wanted).is_ok()).unwrap().join().unwrap();
}
