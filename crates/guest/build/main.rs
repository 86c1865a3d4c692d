//! Builds the guest: C sources → WebAssembly → pre-initialised → compiled for the target.
//!
//! `CODEMODE_GUEST_WASM` names a ready pre-initialised module (an earlier build leaves one as `guest.wasm` in
//! its output folder), and then nothing but the last step is done.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a build script speaks to cargo by printing, and a broken assumption ends the build"
)]

#[path = "../src/engine.rs"]
#[allow(dead_code, unreachable_pub, reason = "the isolate uses the rest, as public items")]
mod engine;

mod compile;
mod prelude;
mod snapshot;
mod sources;
mod zig;

use std::path::{Path, PathBuf};
use std::{env, fs};

type Result<T> = std::result::Result<T, String>;

fn main() {
    if let Err(message) = build() {
        // Cargo shows a build script's stderr as it is; a panic would bury the message in a backtrace.
        eprintln!("\ncodemode-guest: {message}\n");
        std::process::exit(1);
    }
}

fn build() -> Result<()> {
    let manifest_dir = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let out_dir = PathBuf::from(variable("OUT_DIR")?);
    for input in ["c", "prelude", "build", "src/engine.rs", "ziglang.txt"] {
        println!("cargo::rerun-if-changed={}", manifest_dir.join(input).display());
    }
    for name in ["CODEMODE_GUEST_WASM", zig::ZIG_VARIABLE] {
        println!("cargo::rerun-if-env-changed={name}");
    }

    let guest = match env::var_os("CODEMODE_GUEST_WASM") {
        Some(path) => {
            println!("cargo::rerun-if-changed={}", Path::new(&path).display());
            read(Path::new(&path))?
        }
        None => {
            let zig = zig::find_or_install(&manifest_dir, &out_dir)?;
            let engine_sources = sources::quickjs(&manifest_dir)?;
            prelude::write_header(&manifest_dir.join("prelude"), &out_dir.join("prelude.h"))?;
            let raw = compile::compile(&zig, &manifest_dir.join("c"), &engine_sources, &out_dir)?;
            snapshot::preinitialise(&raw)?
        }
    };
    write(&out_dir.join("guest.wasm"), &guest)?;
    let artifact = snapshot::compile_ahead_of_time(&guest, &variable("TARGET")?)?;
    write(&out_dir.join("guest.cwasm"), &artifact)?;
    println!("cargo::rustc-env=CODEMODE_GUEST_SHA256={}", sha256(&guest));
    Ok(())
}

fn variable(name: &str) -> Result<String> {
    env::var(name).map_err(|_| format!("{name} is not set; run this through cargo"))
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()))
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    fs::write(path, bytes).map_err(|error| format!("cannot write {}: {error}", path.display()))
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
