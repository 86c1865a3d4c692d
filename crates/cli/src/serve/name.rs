//! The name of a server of which only the command is known.

use codemode_catalog::{Catalog, identifier};

/// What a server is called when nothing in its command names it.
const FALLBACK: &str = "server";

/// Programs that start the program which their arguments name.
const RUNNERS: [&str; 14] = [
    "bun", "bunx", "deno", "docker", "env", "node", "npx", "pipx", "pnpm", "python", "python3", "uv", "uvx",
    "yarn",
];

/// Words of runners that are no program: `npm exec`, `pnpm dlx`, `python -m`, `docker run`.
const VERBS: [&str; 5] = ["dlx", "exec", "run", "tool", "x"];

/// What servers are called besides what they are for.
const AFFIXES: [&str; 3] = ["mcp", "server", "tools"];

/// A name for the server that these words start, which it can have in programs: `filesystem` of
/// `npx -y @modelcontextprotocol/server-filesystem .`.
pub(super) fn of_command(words: &[String]) -> String {
    let programs = words.iter().map(|word| own_name(word)).zip(words);
    let named = programs.filter(|(name, word)| {
        let is_option = word.starts_with('-') || word.contains('=');
        !is_option && !RUNNERS.contains(&name.as_str()) && !VERBS.contains(&name.as_str())
    });
    let name = named.map(|(name, _)| identifier(&bare(&name))).next().unwrap_or_default();
    let is_usable = |name: &str| Catalog::default().insert(name, Vec::new()).is_ok();
    match name {
        name if is_usable(&name) => name,
        name if !name.is_empty() && is_usable(&format!("{name}_{FALLBACK}")) => format!("{name}_{FALLBACK}"),
        _ => FALLBACK.to_owned(),
    }
}

/// `server-git` of `@scope/server-git@1.2`, of `/opt/server-git.py`, of `image/server-git:latest`.
fn own_name(word: &str) -> String {
    let last = word.trim_end_matches('/').rsplit(['/', '\\']).next().unwrap_or(word);
    let last = last.split(['@', ':', '[']).find(|part| !part.is_empty()).unwrap_or(last);
    let stem =
        [".exe", ".js", ".mjs", ".cjs", ".ts", ".py", ".sh"].iter().find_map(|end| last.strip_suffix(end));
    stem.unwrap_or(last).to_ascii_lowercase()
}

/// Without what every server's name has in it.
fn bare(name: &str) -> String {
    let words = name.split(['-', '_', '.']).filter(|word| !word.is_empty());
    let own: Vec<&str> = words.filter(|word| !AFFIXES.contains(word)).collect();
    if own.is_empty() { name.to_owned() } else { own.join("_") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_names_its_server() {
        for (command, expected) in [
            ("npx -y @modelcontextprotocol/server-filesystem .", "filesystem"),
            ("npx -y @modelcontextprotocol/server-everything@2025.1.1 stdio", "everything"),
            ("uvx mcp-server-git --repository .", "git"),
            ("uvx --from git+https://example.com/x mcp-server-time", "time"),
            ("python3 -m mcp_server_fetch", "fetch_server"),
            ("node ./build/index.js", "index"),
            ("docker run -i --rm -e KEY=1 mcp/brave-search:latest", "brave_search"),
            ("/usr/local/bin/github-mcp-server stdio", "github"),
            ("my_server.py", "my"),
            ("mcp-server", "mcp_server"),
            ("console", "console_server"),
            ("npx", "server"),
            ("99", "_99"),
        ] {
            let words: Vec<String> = command.split(' ').map(str::to_owned).collect();
            assert_eq!(of_command(&words), expected, "{command}");
        }
    }
}
