//! Where the command keeps things, and the environment variables that say so.

use std::path::PathBuf;

use etcetera::BaseStrategy as _;

/// Instead of the user's folder for state.
const STATE: &str = "CODEMODE_STATE";

/// What outlives a command: types of results that were observed. `None` where the user has no home.
pub(crate) fn state() -> Option<PathBuf> {
    let named = std::env::var_os(STATE).filter(|folder| !folder.is_empty()).map(PathBuf::from);
    named.or_else(|| {
        let folders = etcetera::choose_base_strategy().ok()?;
        let folder = folders.state_dir().unwrap_or_else(|| folders.data_dir());
        Some(folder.join("codemode"))
    })
}
