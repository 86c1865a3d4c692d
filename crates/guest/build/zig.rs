//! Finds the C compiler: zig of one version, which carries clang, wasi-libc and the linker. When it is nowhere,
//! the pinned wheel is installed under the target folder.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// Names a zig binary to use. It must be of the pinned version.
pub(crate) const ZIG_VARIABLE: &str = "CODEMODE_ZIG";

/// How to run zig: a program and the arguments before zig's own.
pub(crate) struct Zig {
    program: PathBuf,
    arguments: Vec<&'static str>,
    python_path: Option<PathBuf>,
    /// Where zig may keep what it compiles of libc; under the target folder, so that nothing is left elsewhere.
    cache: PathBuf,
}

impl Zig {
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments);
        command.env("ZIG_GLOBAL_CACHE_DIR", &self.cache).env("ZIG_LOCAL_CACHE_DIR", &self.cache);
        if let Some(path) = &self.python_path {
            command.env("PYTHONPATH", path);
        }
        command
    }

    fn version(&self) -> Option<String> {
        let output = self.command().arg("version").output().ok().filter(|output| output.status.success())?;
        Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }
}

pub(crate) fn find_or_install(manifest_dir: &Path, out_dir: &Path) -> super::Result<Zig> {
    let requirements = manifest_dir.join("ziglang.txt");
    let wanted = pinned_version(&requirements)?;
    // OUT_DIR is <target>/<profile>/build/<package>/out; profiles share the compiler.
    let target_dir = out_dir.ancestors().nth(4).unwrap_or(out_dir);
    let cache = target_dir.join("zig-cache");
    let python = if cfg!(windows) { "python" } else { "python3" };

    if let Some(path) = env::var_os(ZIG_VARIABLE) {
        let zig = Zig { program: path.into(), arguments: vec![], python_path: None, cache };
        return match zig.version() {
            Some(version) if version == wanted => Ok(zig),
            Some(version) => {
                Err(format!("{ZIG_VARIABLE} is zig {version}, but the guest is built with {wanted}"))
            }
            None => Err(format!("{ZIG_VARIABLE} names {}, which does not run", zig.program.display())),
        };
    }
    let installed = target_dir.join(format!("ziglang-{wanted}"));
    let module = |python_path| Zig {
        program: python.into(),
        arguments: vec!["-m", "ziglang"],
        python_path,
        cache: cache.clone(),
    };
    let on_path = Zig { program: "zig".into(), arguments: vec![], python_path: None, cache: cache.clone() };
    for candidate in [on_path, module(None), module(Some(installed.clone()))] {
        if candidate.version().as_deref() == Some(wanted.as_str()) {
            return Ok(candidate);
        }
    }
    install(python, &requirements, &installed, &wanted)?;
    let zig = module(Some(installed));
    match zig.version() {
        Some(version) if version == wanted => Ok(zig),
        _ => Err(missing(&wanted, "it was installed but does not run")),
    }
}

fn pinned_version(requirements: &Path) -> super::Result<String> {
    let text = String::from_utf8_lossy(&super::read(requirements)?).into_owned();
    text.lines()
        .find_map(|line| line.strip_prefix("ziglang==")?.split_whitespace().next())
        .map(str::to_owned)
        .ok_or_else(|| format!("{} pins no version", requirements.display()))
}

fn install(python: &str, requirements: &Path, into: &Path, wanted: &str) -> super::Result<()> {
    // A half-finished installation of an interrupted build must not be taken for a good one.
    let _ = fs::remove_dir_all(into);
    let output = Command::new(python)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"])
        .args(["--require-hashes", "--only-binary", ":all:", "--target"])
        .arg(into)
        .arg("-r")
        .arg(requirements)
        .output()
        .map_err(|error| missing(wanted, &format!("{python} cannot be run: {error}")))?;
    if output.status.success() {
        Ok(())
    } else {
        let stderr = String::from_utf8_lossy(&output.stderr);
        Err(missing(wanted, stderr.trim().lines().last().unwrap_or("pip failed without a message")))
    }
}

fn missing(wanted: &str, why: &str) -> String {
    format!(
        "the guest is C code and needs zig {wanted} to be compiled to WebAssembly. There is none on PATH, and it \
         could not be installed from PyPI ({why}). Install Python 3 with pip so that the build can do it, or run \
         `python3 -m pip install ziglang=={wanted}`, or name a zig with {ZIG_VARIABLE}, or name a guest that is \
         already built with CODEMODE_GUEST_WASM."
    )
}
