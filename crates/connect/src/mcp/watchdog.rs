//! Ends a server's process group when we are killed ourselves.
//!
//! SIGKILL gives us no moment to clean up, so another process must notice. `PR_SET_PDEATHSIG` would need unsafe code
//! between fork and exec, reaches only the server and not what it started, and fires when the *thread* that started it
//! ends. A shell that waits for the end of a pipe which only we hold open is free of all three: the kernel closes the
//! pipe however we end.

use std::process::Stdio;

use tokio::process::{Child, Command};

/// Waits on its standard input and then kills the group named by its argument.
const SCRIPT: &str = r#"read -r line; kill -s KILL -- "-$0""#;

/// The waiting process. Dropping it ends it without killing the group.
#[derive(Debug)]
pub(super) struct Watchdog(#[expect(dead_code, reason = "held: kill on drop")] Child);

impl Watchdog {
    /// Watches over the group whose leader has this process id. Where there is no `/bin/sh` nobody watches, and a server
    /// outlives our sudden death until it notices that its input has ended.
    pub(super) fn over(leader: Option<u32>) -> Option<Self> {
        let mut command = Command::new("/bin/sh");
        command.arg("-c").arg(SCRIPT).arg(leader?.to_string()).env_clear();
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        // In a group of its own, so that an interrupt at the terminal does not end it before us.
        #[cfg(unix)]
        command.process_group(0);
        if cfg!(unix) { command.spawn().ok().map(Self) } else { None }
    }
}
