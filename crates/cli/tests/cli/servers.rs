//! MCP servers that others wrote, from package registries, each as its publisher ships it.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use serde_json::{Value, json};

use super::codemode;

const NPM: [&str; 3] = [
    "@modelcontextprotocol/server-everything@2026.8.31",
    "@modelcontextprotocol/server-filesystem@2026.8.31",
    "@modelcontextprotocol/server-memory@2026.8.31",
];
const PYPI: [&str; 2] = ["mcp-server-git==2026.10.19", "mcp-server-time==2026.10.19"];

/// Where the packages are.
#[derive(Debug, Clone)]
struct Packages {
    npm: PathBuf,
    pypi: PathBuf,
}

/// Once, though several tests ask. `None`, said aloud, where they cannot be installed.
fn installed() -> Option<Packages> {
    static INSTALLED: OnceLock<Option<Packages>> = OnceLock::new();
    INSTALLED.get_or_init(install).clone()
}

fn install() -> Option<Packages> {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/tools");
    fs::create_dir_all(&tools).unwrap();
    let tools = tools.canonicalize().unwrap();
    let npm = tools.join("mcp-servers-npm-2026.8.31");
    let pypi = tools.join("mcp-servers-pypi-2026.10.19");
    let mut command = Command::new("npm");
    command.args(["install", "--no-audit", "--no-fund", "--loglevel=error", "--prefix"]).arg(&npm).args(NPM);
    let modules = npm.join("node_modules");
    let has_npm = run_once(command, &npm.join("installed"));
    let mut command = Command::new("python3");
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target"];
    command.args(install).arg(&pypi).args(PYPI);
    let has_pypi = run_once(command, &pypi.join("installed"));
    (has_npm && has_pypi).then_some(Packages { npm: modules.join("@modelcontextprotocol"), pypi })
}

/// Runs an installation unless `marker` says that it was run to its end.
fn run_once(mut command: Command, marker: &Path) -> bool {
    if marker.exists() {
        return true;
    }
    let ran = command.output();
    if ran.as_ref().is_ok_and(|ran| ran.status.success()) {
        fs::write(marker, "").unwrap();
        return true;
    }
    eprintln!("SKIPPED: {command:?} failed; no real server was called: {ran:?}");
    false
}

impl Packages {
    /// The table of a connector that is a server of npm.
    fn node(&self, name: &str, server: &str, more: &[&str]) -> String {
        let script = self.script(server);
        let arguments: Vec<&str> = [script.as_str()].into_iter().chain(more.iter().copied()).collect();
        format!("[connectors.{name}]\ncommand = \"node\"\nargs = {}\n", json!(arguments))
    }

    fn script(&self, server: &str) -> String {
        self.npm.join(server).join("dist/index.js").display().to_string()
    }

    /// The table of a connector that is a server of PyPI.
    fn python(&self, name: &str, module: &str) -> String {
        let path = json!(self.pypi);
        format!(
            "[connectors.{name}]\ncommand = \"python3\"\nargs = [\"-m\", \"{module}\"]\nenv = {{ PYTHONPATH = {path} }}\n"
        )
    }
}

/// Runs a program of `cases/cli/servers` over what `config` connects to. What comes back is the output, and stderr.
fn run(config: &str, program: &str, input: &Value, more: &[&str]) -> (Value, String) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("codemode.toml");
    fs::write(&file, config).unwrap();
    let programs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cases/cli/servers");
    let output = codemode(&["run", "--json"])
        .arg("--config")
        .arg(&file)
        .args(more)
        .args(["--input", &input.to_string()])
        .arg(programs.join(program))
        .env("HOME", folder.path())
        // What one test's server says of its tools is not what another's does.
        .env("CODEMODE_STATE", folder.path().join("state"))
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    let run = serde_json::from_str(&stdout).unwrap_or_else(|_| panic!("{stdout}{stderr}"));
    (run, stderr)
}

#[test]
fn a_program_works_with_git_and_files_beside_a_broken_server() {
    let Some(packages) = installed() else { return };
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    for arguments in [
        &["init", "-q", "-b", "main"][..],
        &["config", "user.name", "Ada"],
        &["config", "user.email", "a@x.org"],
    ] {
        assert!(Command::new("git").current_dir(&root).args(arguments).status().unwrap().success());
    }
    let config = packages.node("files", "server-filesystem", &[root.to_str().unwrap()])
        + &packages.python("git", "mcp_server_git")
        + "[connectors.broken]\ncommand = \"node\"\nargs = [\"-e\", \"process.exit(3)\"]\n";
    // Writing over files is destructive, says the server of itself.
    let (run, stderr) = run(&config, "git_files.ts", &json!({ "root": root }), &["--allow=files.*"]);
    let broken = run["result"]["broken"][2].as_str().unwrap_or_else(|| panic!("{run}"));
    assert!(broken.starts_with("broken is not available: its program ended before it was ready"), "{broken}");
    let expected = json!({
        "changed": ["-a 1", "+a 2"],
        "authors": ["Author: Ada"],
        "messages": ["Message: Write two files"],
        "content": ["[DIR] .git", "[FILE] a.txt", "[FILE] b.txt"],
        "outside": "Access denied - path outside allowed directories",
        "broken": ["ToolError", "tool_error", broken],
        "asked": ["ApprovalRequiredError", "denied", "not_started"],
    });
    assert_eq!(run["result"], expected, "{run}");
    assert!(stderr.contains("warning: broken is not available"), "{stderr}");
    assert_eq!(fs::read_to_string(root.join("a.txt")).unwrap(), "a 2\n");
}

#[test]
fn a_program_remembers_what_another_server_computed() {
    let Some(packages) = installed() else { return };
    let folder = tempfile::tempdir().unwrap();
    let memory = folder.path().join("memory.jsonl");
    let config = packages.node("memory", "server-memory", &[])
        + &format!("env = {{ MEMORY_FILE_PATH = {} }}\n", json!(memory))
        + &packages.python("time", "mcp_server_time");
    let (run, _) = run(&config, "memory_time.ts", &json!({}), &[]);
    let expected =
        json!({ "noon": "21:00", "remembered": ["UTC +9.0h"], "relations": ["Ada lives in Tokyo"] });
    assert_eq!(run["result"], expected, "{run}");
    assert!(fs::read_to_string(memory).unwrap().contains("lives in"));
}

#[test]
fn every_kind_of_content_reaches_a_program_over_every_transport() {
    let Some(packages) = installed() else { return };
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    fs::write(root.join("sound.wav"), b"RIFF\x24\0\0\0WAVEfmt ").unwrap();
    let files = packages.node("files", "server-filesystem", &[root.to_str().unwrap()]);
    let http = Served::start(&packages, "streamableHttp");
    let sse = Served::start(&packages, "sse");
    let remote = |server: &Served, path: &str, transport: &str| {
        let port = server.port;
        format!(
            "[connectors.everything]\nurl = \"http://127.0.0.1:{port}/{path}\"\ntransport = \"{transport}\"\n"
        )
    };
    let expected = json!({
        "text": "Echo: hi",
        "structured": ["temperature", "conditions", "humidity"],
        "image": { "type": "image", "data": "4033 bytes, \u{89}PNG", "mimeType": "image/png" },
        "audio": [{ "type": "audio", "data": "16 bytes, RIFF", "mimeType": "audio/wav" }],
        "link": "demo://resource/dynamic/blob/1",
        "embedded": ["uri", "mimeType", "text"],
        "bytes": "Resource 1",
        "progress": "Long running operation completed. Duration: 0.1 seconds, Steps: 2.",
        "resources": true,
        "templates": 2,
        "read": ["text/plain", "Resource 2", true],
        "prompts": true,
        "prompt": { "type": "text", "text": "What's weather in Rome?" },
        "none": "files has no prompts",
    });
    for (name, everything) in [
        ("stdio", packages.node("everything", "server-everything", &["stdio"])),
        ("streamable HTTP", remote(&http, "mcp", "http")),
        ("HTTP+SSE", remote(&sse, "sse", "sse")),
    ] {
        let (mut run, stderr) =
            run(&(files.clone() + &everything), "content.ts", &json!({ "folder": root }), &[]);
        assert_eq!(run["result"].take(), expected, "over {name}: {run} {stderr}");
    }
}

#[test]
fn a_tool_that_takes_too_long_is_given_up() {
    let Some(packages) = installed() else { return };
    let config = packages.node("everything", "server-everything", &["stdio"]);
    // The operation takes five minutes, far longer than anybody waits here.
    let (run, _) = run(&config, "slow.ts", &json!({}), &["--limit", "call=500ms"]);
    let expected = json!({ "outcome": "maybe_executed", "after": "Echo: still here" });
    assert_eq!(run["result"], expected, "{run}");
}

/// A server that is reached over HTTP.
struct Served {
    process: Child,
    port: u16,
}

impl Served {
    fn start(packages: &Packages, mode: &str) -> Self {
        // One that was free a moment ago.
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let process = Command::new("node")
            .args([packages.script("server-everything").as_str(), mode])
            .env("PORT", port.to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut served = Self { process, port };
        let mut log = BufReader::new(served.process.stderr.take().unwrap());
        let mut said = String::new();
        assert!(log.read_line(&mut said).unwrap() > 0, "{mode}: it ended");
        // Read on, so that it never waits for a reader.
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        for _ in 0..1_000 {
            if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
                return served;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("{mode}: it never listened at {port}: {said}");
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
