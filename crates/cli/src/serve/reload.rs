//! A configuration that changed while it is served.
//!
//! Its files are looked at once a second, by their times and lengths: that is four calls of the system, works on every
//! file system, through links and in containers where a file is swapped from outside, and needs no watcher of each system's
//! own. A change is taken over when it has been the same for a second, so that no half-written file is read. SIGHUP takes
//! it over at once, and also what no file shows: a trusted folder, another value behind a reference.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use codemode::config::{FILE, Serve};
use codemode::{Runtime, SurfaceOptions};
use codemode_gateway::{HttpServer, Ops};
use tokio::time::{MissedTickBehavior, interval};

use super::signals::Hangups;
use crate::args::{ConfigArgs, Limit};
use crate::configured;
use crate::gather::{From, Gathered};
use crate::print::Printer;

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(1);

/// What is served, and what it came from.
pub(super) struct Reloader {
    pub(super) gathered: Gathered,
    pub(super) from: From,
    pub(super) arguments: ConfigArgs,
    /// Limits of the command line.
    pub(super) limits: Vec<Limit>,
    pub(super) runtime: Runtime,
    pub(super) ops: Ops,
    pub(super) printer: Arc<Printer>,
    /// What serves it over HTTP, if anything.
    pub(super) server: Option<HttpServer>,
}

/// What a file was when it was looked at; `None` where there was none.
type Print = Option<(Option<SystemTime>, u64)>;

impl Reloader {
    /// Takes over what changes, for as long as it is polled.
    pub(super) async fn watch(mut self, mut hangups: Hangups) {
        let mut ticks = interval(LOOK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut taken = self.prints();
        let mut seen = taken.clone();
        loop {
            let is_asked = tokio::select! {
                () = hangups.next() => true,
                _ = ticks.tick() => false,
            };
            let now = self.prints();
            let is_settled = now == seen;
            seen = now;
            if is_asked || (is_settled && seen != taken) {
                taken.clone_from(&seen);
                self.take_over().await;
            }
        }
    }

    async fn take_over(&mut self) {
        let outcome = self.try_take_over().await;
        self.ops.reloaded(outcome.is_ok());
        match outcome {
            Ok(said) => self.printer.note(&said),
            Err(error) => {
                let error = error.context("the configuration was not taken over, what was before goes on");
                self.printer.error(&error);
            }
        }
    }

    async fn try_take_over(&mut self) -> anyhow::Result<String> {
        let gathered = self.gathered.again(&self.arguments, self.from, &self.printer)?;
        let serve = gathered.config.serve()?;
        gathered.limits(&self.limits)?;
        // Before anything is replaced, so that what is wrong changes nothing. Who may what counts once there is what it is about.
        if let Some(server) = &self.server {
            server.check(&self.runtime, &serve)?;
        }
        let (before, after) = (self.gathered.connectors(), gathered.connectors());
        self.runtime
            .replace(after.clone(), gathered.policy())
            .await
            .map_err(|error| anyhow::anyhow!("{error}"))?;
        if let Some(server) = &self.server {
            server.reload(&self.runtime, &serve)?;
        }
        let kept = after.iter().filter(|one| before.iter().any(|known| Arc::ptr_eq(known, one))).count();
        let said = format!(
            "the configuration was taken over: {kept} connectors kept, {} new or changed, {} gone or changed",
            after.len() - kept,
            before.len() - kept
        );
        for what in self.left(&gathered)? {
            self.printer
                .warning(&format!("{what} changed: that takes effect when codemode is started again"));
        }
        self.gathered = gathered;
        Ok(said)
    }

    /// What of a changed configuration only a new process takes over.
    fn left(&self, gathered: &Gathered) -> anyhow::Result<Vec<&'static str>> {
        let surface = |gathered: &Gathered| -> SurfaceOptions { gathered.config.surface() };
        let mut left = Vec::new();
        if self.gathered.limits(&self.limits)? != gathered.limits(&self.limits)? {
            left.push("[limits]");
        }
        if surface(&self.gathered) != surface(gathered) {
            left.push("[surface]");
        }
        left.extend(left_of_serve(&self.gathered.config.serve()?, &gathered.config.serve()?));
        Ok(left)
    }

    /// The files that there may be, as they are.
    fn prints(&self) -> Vec<Print> {
        let places = configured::places(&self.arguments);
        let in_folder = places.folder.iter().flat_map(|folder| [folder.join(FILE), folder.join(".mcp.json")]);
        let files: Vec<PathBuf> = match places.named.as_slice() {
            [] => places.user.iter().cloned().chain(in_folder).collect(),
            named => named.to_vec(),
        };
        let print = |file: &PathBuf| {
            let data = std::fs::metadata(file).ok()?;
            Some((data.modified().ok(), data.len()))
        };
        files.iter().map(print).collect()
    }
}

/// What of `[serve]` only a new process takes over. Hosts, authentication, principals and what each of them may use at once
/// are taken over.
fn left_of_serve(before: &Serve, after: &Serve) -> Vec<&'static str> {
    let (was, is) = (&before.limits, &after.limits);
    let all = [
        ("[serve] bind", before.bind != after.bind),
        ("[serve] wait", before.wait != after.wait),
        (
            "connections in [serve.limits]",
            (was.connections, was.connections_per_address) != (is.connections, is.connections_per_address),
        ),
        ("body in [serve.limits]", (was.body_bytes, was.body_timeout) != (is.body_bytes, is.body_timeout)),
        (
            "header in [serve.limits]",
            (was.header_bytes, was.header_timeout) != (is.header_bytes, is.header_timeout),
        ),
        ("idle_timeout in [serve.limits]", was.idle_timeout != is.idle_timeout),
        ("session_timeout in [serve.limits]", was.session_timeout != is.session_timeout),
    ];
    all.into_iter().filter_map(|(what, is_left)| is_left.then_some(what)).collect()
}
