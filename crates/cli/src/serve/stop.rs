//! The end of a server: what runs may end first.

use std::time::Duration;

use codemode::{CancellationToken, Runtime};

use super::signals::Ends;
use crate::exit;
use crate::print::Printer;

/// What ending takes beside the runs: connectors are closed within two seconds, answers are written, tasks end.
const REST: Duration = Duration::from_secs(5);

/// How a server ends.
pub(super) struct Stop {
    /// The time that runs have.
    pub(super) grace: Duration,
    /// Whether clients can come and go: then none are accepted any more while runs end. A client that started us has only
    /// this one connection, which stays until its runs have been answered.
    pub(super) is_many: bool,
    /// Cancelled when nothing more is to be accepted.
    pub(super) accept: CancellationToken,
}

impl Stop {
    /// Waits for the first signal and ends what runs; the second ends the process at once, and so does time.
    pub(super) async fn on(self, mut signals: Ends, runtime: Runtime, printer: &Printer) {
        signals.next().await;
        let running = runtime.active_runs();
        printer.note(&format!("told to end: {running} runs have {:?} to end", self.grace));
        if self.is_many {
            self.accept.cancel();
        }
        let ending = async {
            let cancelled = runtime.drain(self.grace).await;
            if cancelled > 0 {
                printer.warning(&format!("{cancelled} runs did not end in time and were cancelled"));
            }
            self.accept.cancel();
            tokio::time::sleep(REST).await;
            printer.error(&anyhow::anyhow!("ending took too long"));
        };
        let code = tokio::select! {
            () = ending => exit::FAILURE,
            () = signals.next() => exit::CANCELLED,
        };
        // The processes of servers are ended by what watches over them.
        std::process::exit(i32::from(code));
    }
}
