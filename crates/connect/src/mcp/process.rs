//! A server's process from start to the last of its descendants.

use std::process::ExitStatus;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, ChildStdin, ChildStdout};
use tokio::sync::{oneshot, watch};
use tokio::task::AbortHandle;

use super::group::Group;
use super::limits::{GRACE, STDERR_BYTES};
use super::ring::Ring;
use super::watchdog::Watchdog;
use crate::Detail;
use crate::secret::Redactor;

/// A running server. Dropping it kills its process group at once.
pub(super) struct Process {
    group: Arc<Group>,
    ring: Arc<Ring>,
    stop: std::sync::Mutex<Option<oneshot::Sender<()>>>,
    exit: watch::Receiver<Exit>,
    /// Whether its standard error was read to the end; closed then.
    stderr_read: watch::Receiver<()>,
    stderr: Option<AbortHandle>,
}

/// Whether the server has ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
enum Exit {
    #[default]
    Running,
    /// Ended, and its group with it.
    Ended(Option<ExitStatus>),
}

/// Our ends of a server's pipes.
pub(super) struct Pipes {
    pub(super) stdin: ChildStdin,
    pub(super) stdout: ChildStdout,
}

impl Process {
    /// Starts the server in a process group of its own.
    pub(super) fn spawn(
        mut builder: tokio::process::Command,
        redactor: &Redactor,
    ) -> std::io::Result<(Self, Pipes)> {
        #[cfg(unix)]
        builder.process_group(0);
        let mut child = builder.spawn()?;
        let group = Arc::new(Group::of(child.id()));
        let watchdog = Watchdog::over(child.id());
        let closed = || std::io::Error::other("a pipe of the process is missing");
        let stdin = child.stdin.take().ok_or_else(closed)?;
        let stdout = child.stdout.take().ok_or_else(closed)?;
        let ring = Arc::new(Ring::new(STDERR_BYTES, redactor));
        let (reading, stderr_read) = watch::channel(());
        let drain = |pipe| tokio::spawn(drain(pipe, ring.clone(), reading)).abort_handle();
        let stderr = child.stderr.take().map(drain);
        let (stop, stopped) = oneshot::channel();
        let (report, exit) = watch::channel(Exit::Running);
        tokio::spawn(supervise(child, group.clone(), watchdog, stopped, report));
        Ok((
            Self { group, ring, stop: std::sync::Mutex::new(Some(stop)), exit, stderr_read, stderr },
            Pipes { stdin, stdout },
        ))
    }

    pub(super) fn is_running(&self) -> bool {
        *self.exit.borrow() == Exit::Running
    }

    /// Returns when the server has ended.
    pub(super) async fn ended(&self) {
        let _ = self.exit.clone().wait_for(|exit| *exit != Exit::Running).await;
    }

    /// The group, to kill a server that cannot be talked to any more.
    pub(super) fn group(&self) -> Arc<Group> {
        self.group.clone()
    }

    /// Where the server's last words are kept.
    pub(super) fn ring(&self) -> Arc<Ring> {
        self.ring.clone()
    }

    /// Ends the server: its input must have been closed; then SIGTERM, then SIGKILL to the whole group.
    pub(super) async fn stop(&self) {
        let stop = self.stop.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        if let Some(stop) = stop {
            let _ = stop.send(());
        }
        self.ended().await;
    }

    /// What the operator may want to know about how it went. Waits a moment for the end to be noticed.
    pub(super) async fn detail(&self) -> Detail {
        /// The pipes of a process that ended are closed a moment before its end is reported.
        const MOMENT: Duration = Duration::from_millis(50);
        /// What it last wrote is still being read then. A descendant that left the group may hold the pipe open.
        const LAST_WORDS: Duration = Duration::from_millis(500);
        if tokio::time::timeout(MOMENT, self.ended()).await.is_ok() {
            let mut reading = self.stderr_read.clone();
            let _ =
                tokio::time::timeout(LAST_WORDS, async { while reading.changed().await.is_ok() {} }).await;
        }
        let ended = match &*self.exit.borrow() {
            Exit::Running => "the process is running".to_owned(),
            Exit::Ended(Some(status)) => format!("the process ended: {status}"),
            Exit::Ended(None) => "the process ended".to_owned(),
        };
        let said = self.ring.text();
        Detail(if said.is_empty() { ended } else { format!("{ended}; its standard error ends:\n{said}") })
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.group.kill();
        if let Some(stderr) = &self.stderr {
            stderr.abort();
        }
    }
}

/// Waits for the server's end, or brings it about; then ends the rest of its group.
async fn supervise(
    mut child: Child,
    group: Arc<Group>,
    watchdog: Option<Watchdog>,
    stopped: oneshot::Receiver<()>,
    report: watch::Sender<Exit>,
) {
    // A runtime that ends drops this task wherever it is.
    let _kill = KillOnDrop(group.clone());
    let asked = tokio::select! {
        _ = child.wait() => false,
        stop = stopped => stop.is_ok(),
    };
    if asked && tokio::time::timeout(GRACE, child.wait()).await.is_err() {
        group.terminate();
        let _ = tokio::time::timeout(GRACE, child.wait()).await;
    }
    // The leader may have been reaped a moment ago. Its number stays taken as long as anyone is left in the group, and
    // numbers are not given out again so soon.
    group.kill();
    let status = tokio::time::timeout(GRACE, child.wait()).await.ok().and_then(Result::ok);
    group.disarm();
    drop(watchdog);
    report.send_replace(Exit::Ended(status));
}

struct KillOnDrop(Arc<Group>);

impl Drop for KillOnDrop {
    fn drop(&mut self) {
        self.0.kill();
    }
}

/// `_reading` is dropped at the end.
async fn drain(mut pipe: impl AsyncRead + Unpin, ring: Arc<Ring>, _reading: watch::Sender<()>) {
    let mut buffer = vec![0; 4096];
    while let Ok(read @ 1..) = pipe.read(&mut buffer).await {
        ring.push(buffer.get(..read).unwrap_or_default());
    }
}
