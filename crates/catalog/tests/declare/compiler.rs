//! The TypeScript compiler, where npm can install it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

const VERSION: &str = "7.0.2";

/// The workspace's folder.
pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// What the compiler says about `files` (a name and a text each), checked together under `--strict`: a line a
/// mistake. `None`, said aloud, where there is no compiler.
pub(crate) fn check(name: &str, files: &[(String, String)]) -> Option<Vec<String>> {
    let compiler = compiler()?;
    let folder = workspace().join("target/tools/compiled").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    for (file, text) in files {
        fs::write(folder.join(file), text).unwrap();
    }
    let options = r#"{"compilerOptions": {"strict": true, "noEmit": true, "lib": ["es2023"], "types": [],
        "target": "es2023", "module": "esnext", "moduleDetection": "auto"}, "include": ["*.ts"]}"#;
    fs::write(folder.join("tsconfig.json"), options).unwrap();
    let output = Command::new(compiler).args(["-p", ".", "--pretty", "false"]).current_dir(&folder).output();
    let output = output.unwrap();
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    let mistakes: Vec<String> = said.lines().map(str::to_owned).collect();
    assert_eq!(output.status.success(), mistakes.is_empty(), "{said}");
    Some(mistakes)
}

fn compiler() -> Option<&'static Path> {
    static COMPILER: OnceLock<Option<PathBuf>> = OnceLock::new();
    let found = COMPILER.get_or_init(|| {
        let tools = workspace().join("target/tools");
        let compiler = tools.join("node_modules/.bin/tsc");
        if !compiler.exists() {
            let install = ["install", "--no-save", "--no-audit", "--no-fund", "--prefix"];
            let package = format!("typescript@{VERSION}");
            let ran = Command::new("npm").args(install).arg(&tools).arg(package).output();
            if !ran.is_ok_and(|ran| ran.status.success()) {
                eprintln!("SKIPPED: npm could not install TypeScript {VERSION}; no declaration was compiled");
                return None;
            }
        }
        let version = Command::new(&compiler).arg("--version").output().unwrap().stdout;
        let version = String::from_utf8_lossy(&version).into_owned();
        assert!(version.contains(VERSION), "{} is {version}", compiler.display());
        Some(compiler)
    });
    found.as_deref()
}
