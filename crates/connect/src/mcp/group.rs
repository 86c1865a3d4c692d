//! A server's process group: the server and whatever it started.

use std::sync::atomic::{AtomicBool, Ordering};

/// Signals to a group, until it is known to have ended.
///
/// A process that made a group or session of its own has left, and is not reached.
#[derive(Debug)]
pub(super) struct Group {
    leader: Option<u32>,
    alive: AtomicBool,
}

impl Group {
    /// The group whose leader has this process id.
    pub(super) fn of(leader: Option<u32>) -> Self {
        Self { leader, alive: AtomicBool::new(true) }
    }

    /// Kills every process in the group; none can refuse.
    pub(super) fn kill(&self) {
        #[cfg(unix)]
        self.signal(rustix::process::Signal::KILL);
    }

    /// Asks every process in the group to end.
    pub(super) fn terminate(&self) {
        #[cfg(unix)]
        self.signal(rustix::process::Signal::TERM);
    }

    /// The leader was reaped and the rest was killed: the number may now be another process's, and is not used again.
    pub(super) fn disarm(&self) {
        self.alive.store(false, Ordering::Release);
    }

    #[cfg(unix)]
    fn signal(&self, signal: rustix::process::Signal) {
        let leader =
            self.leader.and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw);
        if let Some(leader) = leader
            && self.alive.load(Ordering::Acquire)
        {
            // The only error there can be is that the group is gone already.
            let _ = rustix::process::kill_process_group(leader, signal);
        }
    }
}
