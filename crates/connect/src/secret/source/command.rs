//! Programs that print a secret: password managers.

use std::ffi::OsString;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _};
use zeroize::Zeroizing;

use crate::environment::INHERITED;
use crate::secret::MAX_BYTES;
use crate::secret::error::SecretError;

/// How long a program may take: a person may have to touch a key or type a password.
const LIMIT: Duration = Duration::from_secs(30);

/// After a program's end its output is read this long: a descendant may hold the pipe open for ever.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// Bytes of standard output that are looked at; the secret is on the first line.
const OUTPUT_BYTES: u64 = 4 * MAX_BYTES as u64;

/// Bytes of standard error that the operator is shown.
const STDERR_BYTES: u64 = 1_000;

/// What password managers ask of their environment, besides what every program gets.
const WANTED: &[&str] = &[
    "DBUS_SESSION_BUS_ADDRESS",
    "DISPLAY",
    "GNUPGHOME",
    "GPG_AGENT_INFO",
    "GPG_TTY",
    "LOGNAME",
    "SHELL",
    "SSH_AUTH_SOCK",
    "TERM",
    "WAYLAND_DISPLAY",
    "XAUTHORITY",
];

/// The variables of a password manager or a cloud's command line, by how their names begin.
const FAMILIES: &[&str] = &[
    "AWS_",
    "AZURE_",
    "BW_",
    "CLOUDSDK_",
    "DOPPLER_",
    "GOOGLE_",
    "GOPASS_",
    "INFISICAL_",
    "OP_",
    "PASSWORD_STORE_",
    "SOPS_",
    "VAULT_",
    "XDG_",
];

/// A program and its arguments.
pub(in crate::secret) struct Command {
    program: String,
    args: Vec<String>,
}

impl Command {
    /// Splits a command line as a shell does; nothing else in it has the meaning that it would have there.
    pub(in crate::secret) fn split(line: &str) -> Option<Self> {
        let mut words = shlex::split(line)?.into_iter();
        let program = words.next().filter(|program| !program.is_empty())?;
        let args: Vec<String> = words.collect();
        let has_nul = args.iter().chain([&program]).any(|word| word.contains('\0'));
        (!has_nul).then_some(Self { program, args })
    }

    /// What it prints, without what follows the first line: `pass` and its like print notes there.
    pub(in crate::secret) async fn resolve(&self) -> Result<String, SecretError> {
        let failed = |why: String| SecretError::Command { program: self.program.clone(), why };
        let output = tokio::time::timeout(LIMIT, self.run());
        let timed_out = |_| SecretError::TimedOut { program: self.program.clone(), limit: LIMIT };
        let output =
            output.await.map_err(timed_out)?.map_err(|error| failed(format!("did not run: {error}")))?;
        if !output.succeeded {
            let said = String::from_utf8_lossy(&output.stderr);
            let said = said.trim();
            let said = if said.is_empty() { String::new() } else { format!("; it said:\n{said}") };
            return Err(failed(format!("failed ({}){said}", output.status)));
        }
        let line = output.stdout.split(|byte| *byte == b'\n').next().unwrap_or_default();
        if line.is_empty() && output.stdout.len() as u64 >= OUTPUT_BYTES {
            return Err(SecretError::TooLong { observed: output.stdout.len(), limit: MAX_BYTES });
        }
        let line = std::str::from_utf8(line).map_err(|_| failed("printed what is not UTF-8".to_owned()))?;
        Ok(line.to_owned())
    }

    /// In our own process group, so that it may ask at the terminal and is interrupted with us.
    async fn run(&self) -> std::io::Result<Output> {
        let mut command = tokio::process::Command::new(&self.program);
        command.args(&self.args).env_clear().envs(environment());
        // What a stranger put into the current folder is not what is meant by the name of a program or package.
        if let Some(home) = std::env::home_dir().filter(|home| home.is_dir()) {
            command.current_dir(home);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn()?;
        let mut stdout = Zeroizing::new(Vec::new());
        let mut stderr = Vec::new();
        let (out, err) = (child.stdout.take(), child.stderr.take());
        let status = {
            let reading = async {
                tokio::join!(read(out, &mut stdout, OUTPUT_BYTES), read(err, &mut stderr, STDERR_BYTES));
            };
            tokio::pin!(reading);
            tokio::select! {
                status = child.wait() => {
                    let _ = tokio::time::timeout(LAST_WORDS, reading).await;
                    status?
                }
                () = &mut reading => child.wait().await?,
            }
        };
        Ok(Output { succeeded: status.success(), status: status.to_string(), stdout, stderr })
    }
}

struct Output {
    succeeded: bool,
    status: String,
    stdout: Zeroizing<Vec<u8>>,
    stderr: Vec<u8>,
}

/// Keeps the first `limit` bytes, and reads on so that the program can go on.
async fn read(pipe: Option<impl AsyncRead + Unpin>, kept: &mut Vec<u8>, limit: u64) {
    let Some(mut pipe) = pipe else { return };
    // What was read by the time of an error counts.
    let _ = (&mut pipe).take(limit).read_to_end(kept).await;
    let _ = tokio::io::copy(&mut pipe, &mut tokio::io::sink()).await;
}

fn environment() -> impl Iterator<Item = (OsString, OsString)> {
    std::env::vars_os().filter(|(name, _)| {
        name.to_str().is_some_and(|name| {
            INHERITED.contains(&name)
                || WANTED.contains(&name)
                || FAMILIES.iter().any(|start| name.starts_with(start))
        })
    })
}
