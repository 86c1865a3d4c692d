//! A real HTTP service: one that publishes its own OpenAPI document, from a package registry.
//!
//! Jupyter Server's document is YAML, of Swagger 2.0, names no operation and calls itself incomplete; the server wants a
//! token that the document does not mention.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use serde_json::json;

use super::codemode;

const PACKAGE: &str = "jupyter-server==2.21.1";

/// The server's token: what must be in no output.
const TOKEN: &str = "canary-0123456789-token";

struct Server {
    process: Child,
    address: SocketAddr,
    folder: tempfile::TempDir,
}

impl Server {
    /// `None`, said aloud, where Python cannot install it.
    fn start() -> Option<Self> {
        let packages = installed()?;
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("files");
        std::fs::create_dir(&root).unwrap();
        // One that was free a moment ago; the server takes the next free one otherwise, and says which.
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let mut process = Command::new("python3")
            .args(["-m", "jupyter_server", "--allow-root", "--no-browser", "--ServerApp.ip=127.0.0.1"])
            .arg(format!("--ServerApp.port={port}"))
            .arg(format!("--ServerApp.root_dir={}", root.display()))
            .env("PYTHONPATH", packages)
            .env("HOME", folder.path())
            .env("JUPYTER_TOKEN", TOKEN)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(process.stderr.take().unwrap());
        let mut said = String::new();
        let address = loop {
            assert!(log.read_line(&mut said).unwrap() > 0, "it ended: {said}");
            let url = said.lines().last().and_then(|line| line.split_once("http://127.0.0.1:"));
            if let Some((port, _)) = url.and_then(|(_, rest)| rest.split_once('/')) {
                break SocketAddr::from((Ipv4Addr::LOCALHOST, port.parse().unwrap()));
            }
        };
        // Read on, so that it never waits for a reader.
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        Some(Self { process, address, folder })
    }

    /// It says that it runs a moment before it listens.
    fn connected(&self) -> TcpStream {
        for _ in 0..1_000 {
            if let Ok(stream) = TcpStream::connect(self.address) {
                return stream;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("it never listened at {}", self.address);
    }

    /// The document that it publishes.
    fn document(&self) -> PathBuf {
        let mut stream = self.connected();
        let host = self.address;
        write!(stream, "GET /api/spec.yaml HTTP/1.0\r\nHost: {host}\r\nAuthorization: token {TOKEN}\r\n\r\n")
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.contains("200 OK"), "{head}");
        let file = self.folder.path().join("api.yaml");
        std::fs::write(&file, body).unwrap();
        file
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Once, though several tests ask.
fn installed() -> Option<PathBuf> {
    static INSTALLED: OnceLock<Option<PathBuf>> = OnceLock::new();
    INSTALLED.get_or_init(install).clone()
}

fn install() -> Option<PathBuf> {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/tools");
    let folder = tools.join(PACKAGE.replace("==", "-"));
    if !folder.join("jupyter_server").exists() {
        let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target"];
        let ran = Command::new("python3").args(install).arg(&folder).arg(PACKAGE).output();
        if !ran.as_ref().is_ok_and(|ran| ran.status.success()) {
            eprintln!("SKIPPED: pip could not install {PACKAGE}; no real service was called: {ran:?}");
            return None;
        }
    }
    Some(folder)
}

#[test]
fn a_program_finds_and_calls_the_operations_of_a_real_service() {
    let Some(server) = Server::start() else { return };
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cases/cli/service/jupyter.ts");
    let output = codemode(&["run", "--json"])
        .arg(format!("--openapi=jupyter={}", server.document().display()))
        .arg(format!("--base-url=jupyter=http://{}", server.address))
        .arg("--credential=jupyter=${env:JUPYTER_CANARY}")
        // A DELETE, which a person would be asked about.
        .arg("--allow=jupyter.delete_api_contents_path")
        .arg(program)
        .env("JUPYTER_CANARY", TOKEN)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    let run: serde_json::Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}"));
    let expected = json!({
        "found": ["jupyter.put_api_contents_path", "jupyter.get_api_contents_path"],
        "takesContent": true,
        "orders": [
            { "id": "ord_1", "customer": "Ben", "total": 120 },
            { "id": "ord_2", "customer": "Ada", "total": 80 },
        ],
        "raw": { "name": "orders.json", "content": null },
        "missing": { "status": 404, "outcome": "executed" },
        "gone": null,
    });
    assert_eq!(run["result"], expected, "{text}");
    assert!(!text.contains(TOKEN), "the token is in the output");
    let exists = |name: &str| server.folder.path().join("files").join(name).exists();
    assert!(exists("orders.json") && !exists("customers.json"), "what was created and deleted");
}

#[test]
fn without_its_token_the_service_says_no() {
    let Some(server) = Server::start() else { return };
    let mut run = codemode(&["run", "--json", "-"])
        .arg(format!("--openapi=jupyter={}", server.document().display()))
        .arg(format!("--base-url=jupyter=http://{}", server.address))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    run.stdin.take().unwrap().write_all(b"return jupyter.get_api_status()").unwrap();
    let output = run.wait_with_output().unwrap();
    let run: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(run["error"]["kind"], "tool_error", "{run}");
    assert!(run["error"]["message"].as_str().unwrap().contains("403"), "{run}");
}
