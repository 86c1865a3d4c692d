//! The command that is measured.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// A server over HTTP. Dropping it ends it.
pub(crate) struct Server {
    child: Child,
    /// Host and port.
    pub(crate) address: String,
    _folder: PathBuf,
}

impl Server {
    /// `codemode serve` in front of this program's own upstream, with no configuration or state of the machine's user.
    pub(crate) fn command(arguments: &[&str]) -> Vec<String> {
        let this = std::env::current_exe().unwrap();
        let beside = this.ancestors().nth(2).unwrap().join("codemode");
        let binary = std::env::var_os("CODEMODE").map_or(beside, PathBuf::from);
        assert!(binary.is_file(), "build it first: cargo build --release -p codemode-cli");
        let mut words = vec![binary.to_str().unwrap().to_owned(), "serve".to_owned()];
        words.extend(arguments.iter().map(|&argument| argument.to_owned()));
        words.extend(["--log-level", "warn", "--name", "up", "--"].map(str::to_owned));
        words.extend([this.to_str().unwrap().to_owned(), "upstream".to_owned()]);
        words
    }

    pub(crate) fn spawn(words: &[String]) -> Command {
        let state = std::env::temp_dir().join(format!("codemode-bench-{}", std::process::id()));
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).env("CODEMODE_STATE", &state).env("XDG_CONFIG_HOME", &state);
        command.env_remove("CODEMODE_CONFIG").current_dir(std::env::temp_dir());
        command
    }

    /// With `serve` as the configuration's text.
    pub(crate) fn http(serve: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("codemode-bench-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join("bench.toml");
        std::fs::write(&file, serve).unwrap();
        let words = Self::command(&["--http", "127.0.0.1:0", "--config", file.to_str().unwrap()]);
        // It says where it listens in its log.
        let words: Vec<String> =
            words.into_iter().map(|word| if word == "warn" { "info".to_owned() } else { word }).collect();
        let mut child = Self::spawn(&words).stdin(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let address = loop {
            let line = lines.next().unwrap().unwrap();
            if let Some((_, rest)) = line.split_once("http://") {
                break rest.split('/').next().unwrap().to_owned();
            }
        };
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, address, _folder: folder }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
