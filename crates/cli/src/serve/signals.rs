//! What the system tells a process that serves: to end, and to read its configuration again.

use std::io;

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

/// SIGTERM and Ctrl-C.
pub(super) struct Ends {
    #[cfg(unix)]
    terminate: Signal,
    #[cfg(unix)]
    interrupt: Signal,
}

/// SIGHUP; it never comes on other systems.
pub(super) struct Hangups {
    #[cfg(unix)]
    hangup: Signal,
}

/// From now on none of them ends the process by itself.
pub(super) fn listen() -> io::Result<(Ends, Hangups)> {
    #[cfg(unix)]
    let heard = (
        Ends { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? },
        Hangups { hangup: signal(SignalKind::hangup())? },
    );
    #[cfg(not(unix))]
    let heard = (Ends {}, Hangups {});
    Ok(heard)
}

impl Ends {
    /// The next one.
    pub(super) async fn next(&mut self) {
        #[cfg(unix)]
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
        #[cfg(not(unix))]
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

impl Hangups {
    /// The next one.
    pub(super) async fn next(&mut self) {
        #[cfg(unix)]
        if self.hangup.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
        #[cfg(not(unix))]
        std::future::pending::<()>().await;
    }
}
