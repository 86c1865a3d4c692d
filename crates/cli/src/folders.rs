//! Where the command keeps things, and the environment variables that say so. A relative path in one is one in the home folder.

use std::path::PathBuf;

use etcetera::BaseStrategy as _;

/// Instead of the user's folder for state.
const STATE: &str = "CODEMODE_STATE";

/// Instead of the user's folder for what can be made again.
const CACHE: &str = "CODEMODE_CACHE";

/// The one configuration to read.
const CONFIG: &str = "CODEMODE_CONFIG";

/// What outlives a command: types of results that were observed. `None` where the user has no home.
pub(crate) fn state() -> Option<PathBuf> {
    named(STATE).or_else(|| {
        let folders = etcetera::choose_base_strategy().ok()?;
        let folder = folders.state_dir().unwrap_or_else(|| folders.data_dir());
        Some(folder.join("codemode"))
    })
}

/// What can be made again: API documents, once they are read. `None` where the user has no home.
pub(crate) fn cache() -> Option<PathBuf> {
    named(CACHE).or_else(|| Some(etcetera::choose_base_strategy().ok()?.cache_dir().join("codemode")))
}

/// The user's own configuration, whether it is there or not. `None` where the user has no home.
pub(crate) fn config() -> Option<PathBuf> {
    let folder = etcetera::choose_base_strategy().ok()?.config_dir();
    Some(folder.join("codemode").join(codemode::config::FILE))
}

/// The configuration to read instead of any other.
pub(crate) fn named_config() -> Option<PathBuf> {
    named(CONFIG)
}

fn named(variable: &str) -> Option<PathBuf> {
    let path = std::env::var_os(variable).filter(|folder| !folder.is_empty()).map(PathBuf::from)?;
    // What a folder has that somebody happens to be in is no state or configuration of theirs.
    if path.is_absolute() { Some(path) } else { Some(std::env::home_dir()?.join(path)) }
}
