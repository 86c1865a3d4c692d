//! Ctrl-C: the first cancels what is under way, the second ends the process at once.

use codemode::CancellationToken;

use crate::exit;

/// A token that is cancelled by the first Ctrl-C.
///
/// After the second one nothing is tidied up: the processes of servers are ended by what watches over them.
pub(crate) fn token() -> CancellationToken {
    let token = CancellationToken::new();
    let first = token.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            first.cancel();
            if tokio::signal::ctrl_c().await.is_ok() {
                std::process::exit(i32::from(exit::CANCELLED));
            }
        }
    });
    token
}
