//! Where other programs keep their MCP servers.

use std::path::{Path, PathBuf};

/// A program that has MCP servers, and the file it has them in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The program.
    pub program: &'static str,
    /// The file, whether it is there or not.
    pub file: PathBuf,
}

/// The user's own files of the programs that we know, at their usual places on this system. Those of projects are not among
/// them: what lies in a folder may be somebody else's.
pub fn known(home: &Path) -> Vec<Known> {
    // Where programs keep their settings: each system has its own custom.
    let settings = if cfg!(target_os = "macos") {
        home.join("Library/Application Support")
    } else if cfg!(windows) {
        std::env::var_os("APPDATA").map_or_else(|| home.join("AppData/Roaming"), PathBuf::from)
    } else {
        let config = std::env::var_os("XDG_CONFIG_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
        config.unwrap_or_else(|| home.join(".config"))
    };
    let zed = if cfg!(target_os = "macos") {
        home.join(".config/zed")
    } else {
        settings.join(if cfg!(windows) { "Zed" } else { "zed" })
    };
    let code = settings.join("Code/User");
    let cline = "globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json";
    let files = [
        ("Claude Desktop", settings.join("Claude/claude_desktop_config.json")),
        ("Claude Code", home.join(".claude.json")),
        ("Cursor", home.join(".cursor/mcp.json")),
        ("Windsurf", home.join(".codeium/windsurf/mcp_config.json")),
        ("Gemini CLI", home.join(".gemini/settings.json")),
        ("VS Code", code.join("mcp.json")),
        ("Cline", code.join(cline)),
        ("Zed", zed.join("settings.json")),
        ("Codex", home.join(".codex/config.toml")),
    ];
    files.into_iter().map(|(program, file)| Known { program, file }).collect()
}
