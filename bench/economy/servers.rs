//! The servers that the tasks use.

use std::path::{Path, PathBuf};
use std::process::Command;

const NPM: [&str; 2] =
    ["@modelcontextprotocol/server-filesystem@2026.8.31", "@modelcontextprotocol/server-memory@2026.8.31"];

pub struct Servers {
    /// The command `codemode`, for its example server.
    pub codemode: PathBuf,
    /// The folder of the packages.
    pub packages: PathBuf,
}

/// Where everything is; `None`, said aloud, where something is missing.
pub fn installed() -> Option<Servers> {
    let this = std::env::current_exe().unwrap();
    let target = this.ancestors().nth(3).unwrap();
    let built = ["release/codemode", "debug/codemode"].map(|file| target.join(file));
    let named = std::env::var_os("CODEMODE").map(PathBuf::from);
    let codemode = named.into_iter().chain(built).find(|file| file.is_file());
    let Some(codemode) = codemode else {
        println!("SKIPPED: no command is built; build it first: cargo build -p codemode-cli");
        return None;
    };
    // Where the tests of the command have them.
    let folder = target.join("tools/mcp-servers-npm-2026.8.31");
    let packages = folder.join("node_modules/@modelcontextprotocol");
    let is_there = |name: &str| packages.join(name).join("dist/index.js").is_file();
    let are_there = is_there("server-filesystem") && is_there("server-memory");
    (are_there || install(&folder)).then_some(Servers { codemode, packages })
}

fn install(folder: &Path) -> bool {
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-audit", "--no-fund", "--loglevel=error", "--prefix"]).arg(folder).args(NPM);
    let installed = npm.status().is_ok_and(|status| status.success());
    if !installed {
        println!("SKIPPED: {npm:?} failed, so there are no real servers to call");
    }
    installed
}
