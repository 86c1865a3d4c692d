//! The driver for machines without a C++ compiler: the corpus, and random changes to it that nothing leads.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use fastrand::Rng;

use crate::{bounded, change};

/// The largest input, as for the engine.
const MAX_BYTES: usize = 64 * 1024;

/// How long an input may take by the clock before the process is ended; what ends is judged by its CPU time.
const MAX_WALL: Duration = Duration::from_secs(10);

/// `<target> SECONDS ARTIFACTS FOLDER…`: runs every file of the folders and changes to them for so long. What fails is left
/// in the file ARTIFACTS`plain`.
pub fn run(run: fn(&[u8]), words: &[&str]) -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let seconds = arguments.next().and_then(|seconds| seconds.parse().ok());
    let (Some(seconds), Some(artifacts)) = (seconds, arguments.next()) else {
        eprintln!("usage: SECONDS ARTIFACTS FOLDER…");
        return ExitCode::from(2);
    };
    let seeds: Vec<Vec<u8>> = arguments.flat_map(|folder| files(folder.as_ref())).collect();
    let artifact = PathBuf::from(format!("{artifacts}plain"));
    let beat = watchdog();
    let attempt = |input: &[u8]| {
        // Written before: a crash leaves no time to.
        _ = std::fs::write(&artifact, input);
        _ = beat.send(());
        bounded(run, input);
    };
    seeds.iter().for_each(|seed| attempt(seed));
    let (mut rng, mut runs) = (Rng::with_seed(1), seeds.len());
    let end = Instant::now() + Duration::from_secs(seconds);
    while Instant::now() < end && !seeds.is_empty() {
        let seed = &seeds[rng.usize(..seeds.len())];
        attempt(
            &change(seed, words, MAX_BYTES, rng.u64(..)).unwrap_or_else(|| bytes_changed(seed, &mut rng)),
        );
        runs += 1;
    }
    _ = std::fs::remove_file(&artifact);
    eprintln!("{runs} inputs, not led by coverage");
    ExitCode::SUCCESS
}

/// Ends the process when nothing was sent for too long.
fn watchdog() -> Sender<()> {
    let (beat, beats) = channel();
    std::thread::spawn(move || {
        loop {
            match beats.recv_timeout(MAX_WALL) {
                Ok(()) => {}
                Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) => {
                    _ = writeln!(std::io::stderr(), "an input took longer than {MAX_WALL:?}");
                    std::process::abort();
                }
            }
        }
    });
    beat
}

fn bytes_changed(seed: &[u8], rng: &mut Rng) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..rng.usize(1..8).min(bytes.len()) {
        let place = rng.usize(..bytes.len());
        bytes[place] = rng.u8(..);
    }
    bytes.truncate(rng.usize(..=bytes.len()));
    bytes
}

fn files(folder: &Path) -> Vec<Vec<u8>> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path()).collect();
    paths.sort();
    let files = paths.iter().filter_map(|path| std::fs::read(path).ok());
    files.filter(|file| file.len() <= MAX_BYTES).collect()
}
