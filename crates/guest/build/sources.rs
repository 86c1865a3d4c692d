//! Finds the source of QuickJS-NG: it lies in the crate `rquickjs-sys`, which the manifest names and the lock
//! file pins by checksum.

use std::path::{Path, PathBuf};
use std::process::Command;

const CRATE: &str = "rquickjs-sys";

/// The folder that holds `quickjs.c`.
pub(crate) fn quickjs(manifest_dir: &Path) -> super::Result<PathBuf> {
    let cargo = super::variable("CARGO")?;
    let output = Command::new(&cargo)
        .args(["metadata", "--format-version", "1", "--manifest-path"])
        .arg(manifest_dir.join("Cargo.toml"))
        .output()
        .map_err(|error| format!("cannot run {cargo} metadata: {error}"))?;
    if !output.status.success() {
        return Err(format!(
            "cargo metadata failed, so the source of QuickJS-NG (in the crate {CRATE}) cannot be found: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        ));
    }
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout)
        .map_err(|error| format!("cargo metadata printed no JSON: {error}"))?;
    let manifest = metadata["packages"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|package| package["name"] == CRATE)
        .and_then(|package| package["manifest_path"].as_str())
        .ok_or_else(|| format!("cargo metadata does not list the crate {CRATE}, which carries QuickJS-NG"))?;
    let folder = Path::new(manifest).with_file_name("quickjs");
    if folder.join("quickjs.c").is_file() {
        Ok(folder)
    } else {
        Err(format!("{} holds no quickjs.c", folder.display()))
    }
}
