#![allow(clippy::unwrap_used)]

use super::*;

fn start() -> Reach {
    Reach::Start { command: "codemode".to_owned(), args: vec!["serve".to_owned()] }
}

/// What is left is what was there.
#[test]
fn uninstall_undoes_exactly_what_install_did() {
    let folder = tempfile::tempdir().unwrap();
    let json =
        "// mine\n{\n  \"a\": 1, // kept\n  \"TABLE\": {\n    \"other\": { \"command\": \"x\" },\n  },\n}\n";
    for (client, before) in [
        (Client::Claude, "{\"numStartups\": 3,\"mcpServers\":{\"x\":{\"command\":\"y\"}}}".to_owned()),
        (Client::ClaudeDesktop, String::new()),
        (
            Client::Cursor,
            "{\n\t\"mcpServers\": {\n\t\t\"b\": {\n\t\t\t\"url\": \"https://b\"\n\t\t}\n\t}\n}".to_owned(),
        ),
        (Client::Vscode, json.replace("TABLE", "servers")),
        (Client::Zed, json.replace("TABLE", "context_servers")),
        (Client::Gemini, "{\n  \"theme\": \"dark\"\n}\n".to_owned()),
        (Client::Codex, "# mine\nmodel = \"o\" # kept\n\n[mcp_servers.other]\ncommand = \"x\"\n".to_owned()),
        (Client::Codex, "model = \"o\"\n".to_owned()),
    ] {
        let file = folder.path().join("file");
        match before.as_str() {
            "" => drop(std::fs::remove_file(&file)),
            before => std::fs::write(&file, before).unwrap(),
        }
        let change = client.install(file.clone(), "codemode", &start()).unwrap();
        assert_eq!(change.before, before);
        change.write().unwrap();
        let with = std::fs::read_to_string(&file).unwrap();
        assert_eq!(client.read(&with, &file, "codemode").unwrap(), client.entry(&start()), "{with}");
        // What is served is not served again by whoever reads the file.
        let config = found::parse(&file, with.as_bytes()).unwrap();
        assert!(config.notes.is_empty() && config.connectors.len() < 2, "{client:?}: {config:?}");
        assert!(client.install(file.clone(), "codemode", &start()).unwrap().is_nothing());

        let change = client.uninstall(file.clone(), "codemode", None).unwrap().unwrap();
        change.write().unwrap();
        let after = std::fs::read_to_string(&file).unwrap_or_default();
        // White space of what was written on one line is the one thing that is not kept.
        let bare = |text: &str| {
            if before.contains('\n') { text.to_owned() } else { text.split_whitespace().collect() }
        };
        assert_eq!(bare(&after), bare(&before), "{client:?}");
        assert!(client.uninstall(file.clone(), "codemode", None).unwrap().is_none());
    }
}

#[test]
fn a_server_of_that_name_that_is_not_ours_stays() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mcp.json");
    std::fs::write(&file, r#"{"mcpServers": {"codemode": {"command": "npx", "args": ["other"]}}}"#).unwrap();
    for refused in [
        Client::Cursor.install(file.clone(), "codemode", &start()).map(drop),
        Client::Cursor.uninstall(file.clone(), "codemode", None).map(drop),
    ] {
        assert!(refused.unwrap_err().to_string().contains("not codemode"));
    }
    // One of ours is replaced.
    let text = r#"{"mcpServers": {"codemode": {"command": "/old/codemode", "args": ["serve"]}}}"#;
    std::fs::write(&file, text).unwrap();
    let change = Client::Cursor.install(file.clone(), "codemode", &start()).unwrap();
    assert!(!change.after.contains("/old/"), "{}", change.after);
}

#[test]
fn only_a_url_of_ours_is_taken_out() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mcp.json");
    let far = "https://api.example/mcp";
    for (url, given, is_ours) in [
        (far, None, false),
        (far, Some(far), true),
        (far, Some("https://api.example/"), false),
        ("http://127.0.0.1:8931/mcp", None, true),
        ("http://[::1]:8931/mcp", None, true),
        ("http://localhost/mcp", None, true),
        ("http://localhost:8931/other", None, false),
        ("http://localhost.example:8931/mcp", None, false),
        ("http://localhost:8931@api.example/mcp", None, false),
    ] {
        let text = format!(r#"{{"mcpServers": {{"github": {{"url": "{url}"}}}}}}"#);
        std::fs::write(&file, text).unwrap();
        let change = Client::Cursor.uninstall(file.clone(), "github", given);
        assert_eq!(change.is_ok(), is_ours, "{url} {given:?}");
    }
}

#[test]
fn what_else_an_entry_of_ours_says_stays() {
    let folder = tempfile::tempdir().unwrap();
    for (client, text) in [
        (
            Client::Cursor,
            r#"{"mcpServers": {"codemode": {"command": "/old/codemode", "args": ["serve"], "env": {"A": "b"}}}}"#,
        ),
        (
            Client::Zed,
            r#"{"context_servers": {"codemode": {"command": "/old/codemode", "args": ["serve"], "env": {"A": "b"}}}}"#,
        ),
        (
            Client::Codex,
            "[mcp_servers.codemode]\ncommand = \"/old/codemode\"\nargs = [\"serve\"]\n\n[mcp_servers.codemode.env]\nA = \"b\"\n",
        ),
    ] {
        let file = folder.path().join("file");
        std::fs::write(&file, text).unwrap();
        let change = client.install(file.clone(), "codemode", &start()).unwrap();
        let known = client.read(&change.after, &file, "codemode").unwrap().unwrap();
        assert_eq!(reach_of(&known), Some(start()), "{}", change.after);
        assert_eq!(known["env"], json!({ "A": "b" }), "{}", change.after);
    }
}

#[test]
fn what_cannot_be_changed_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mcp.json");
    for (text, expected) in
        [("{", "no JSON"), ("[]", "no object"), (r#"{"mcpServers": []}"#, "mcpServers in it is no object")]
    {
        std::fs::write(&file, text).unwrap();
        let error = Client::Cursor.install(file.clone(), "codemode", &start()).unwrap_err().to_string();
        assert!(error.contains(expected), "{text}: {error}");
    }
    let url = Reach::Url("http://127.0.0.1:8931/mcp".to_owned());
    std::fs::write(&file, "{}").unwrap();
    assert!(Client::ClaudeDesktop.install(file.clone(), "codemode", &url).is_err());
    let change = Client::Gemini.install(file.clone(), "codemode", &url).unwrap();
    std::fs::write(&file, "{ }").unwrap();
    assert!(change.write().unwrap_err().to_string().contains("has changed"));
}
