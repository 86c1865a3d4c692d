//! Tokens of our own, principals, and what is there for each.

use std::time::Duration;

use codemode_gateway::{HttpOptions, Tokens};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::upstream::Upstream;
use crate::wire::{Ask, Heard, Site, execute, initialize, serve};

struct Home {
    folder: TempDir,
    tokens: Tokens,
    upstream: Upstream,
    site: Site,
}

impl Home {
    /// A server that asks for tokens.
    async fn new(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let upstream = Upstream::new();
        let options =
            HttpOptions::new(serve(&format!("{text}\n[serve.auth]\nmode = 'token'"))).state(folder.path());
        let site = Site::with(&upstream.runtime().await, options).await;
        Self { tokens: Tokens::new(folder.path()), folder, upstream, site }
    }

    fn token(&self, name: &str) -> String {
        self.tokens.create(name, None, None).unwrap().secret
    }

    async fn run(&self, token: &str, code: &str) -> Heard {
        self.site.ask(execute(code).bearer(token)).await
    }
}

fn output(answer: &Heard) -> Value {
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["result"]["structuredContent"].clone()
}

#[tokio::test]
async fn g20_who_shows_no_token_that_counts_is_nobody() {
    let home = Home::new("").await;
    let token = home.token("alice");
    let echo = || execute("return await shop.echo({})");
    let answer = home.site.ask(echo()).await;
    assert_eq!((answer.status, answer.header("www-authenticate")), (401, "Bearer"));
    let flipped = format!("{}{}", &token[..66], if token.ends_with('0') { '1' } else { '0' });
    for wrong in ["x", "cm_", &flipped, &token[3..], &token.to_uppercase()] {
        let answer = home.site.ask(echo().bearer(wrong)).await;
        assert_eq!(answer.status, 401, "{wrong}");
        assert!(
            answer.header("www-authenticate").starts_with("Bearer error=\"invalid_token\""),
            "{answer:?}"
        );
        assert!(!format!("{answer:?}").contains(&token[3..60]), "{answer:?}");
    }
    for wrong in ["Basic abc", "Bearer", &format!("Bearer {token}, Bearer {token}"), &token] {
        assert_eq!(home.site.ask(echo().header("authorization", wrong)).await.status, 401, "{wrong}");
    }
    assert_eq!(home.site.ask(echo().bearer(&token).bearer(&token)).await.status, 401);
    assert!(home.upstream.happened().is_empty());
    assert_eq!(home.run(&token, "return await shop.echo({})").await.status, 200);
    assert_eq!(home.upstream.happened(), ["echo"]);
    // The token is nowhere in the state folder.
    for file in std::fs::read_dir(home.folder.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains(&token[3..]));
    }
}

#[tokio::test]
async fn g23_a_token_in_the_query_is_refused_whatever_it_is_called() {
    let home = Home::new("").await;
    let token = home.token("alice");
    for name in ["access_token", "token", "api_key", "authorization", "x"] {
        let mut ask = execute("return await shop.echo({})").bearer(&token);
        ask.target = format!("/mcp?{name}={token}");
        let answer = home.site.ask(ask).await;
        assert_eq!(answer.status, 400, "{name}");
        assert!(!format!("{answer:?}").contains(&token), "{answer:?}");
        assert!(answer.json()["message"].as_str().unwrap().contains("Authorization header"));
    }
    assert!(home.upstream.happened().is_empty());
}

#[tokio::test]
async fn g24_where_tokens_cannot_be_read_none_counts() {
    let home = Home::new("").await;
    let token = home.token("alice");
    assert_eq!(home.run(&token, "return 1").await.status, 200);
    let file = home.folder.path().join("tokens.json");
    let whole = std::fs::read(&file).unwrap();
    for damaged in [&b"{"[..], b"", b"{\"tokens\": 3}", b"\xff", &whole[..whole.len() - 3]] {
        std::fs::write(&file, damaged).unwrap();
        assert_eq!(home.run(&token, "return 1").await.status, 503, "{}", String::from_utf8_lossy(damaged));
        assert!(home.tokens.create("bob", None, None).is_err(), "what is damaged is not written over");
    }
    // None there at all: none counts, and nobody is let in for that.
    std::fs::remove_file(&file).unwrap();
    assert_eq!(home.run(&token, "return 1").await.status, 401);
    assert_eq!(home.site.ask(execute("return 1")).await.status, 401);
    std::fs::write(&file, whole).unwrap();
    assert_eq!(home.run(&token, "return 1").await.status, 200);
}

#[tokio::test]
async fn g28_what_was_revoked_counts_no_longer_from_the_next_request_on() {
    let home = Home::new("").await;
    let (alice, bob) = (home.token("alice"), home.token("bob"));
    let mut wire = home.site.connect().await;
    let greeted = wire.ask(Ask::post(&initialize()).bearer(&alice)).await;
    let session = greeted.header("mcp-session-id").to_owned();
    let list = || {
        let message = json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/list" });
        Ask::post(&message).header("mcp-session-id", &session)
    };
    assert_eq!(wire.ask(list().bearer(&alice)).await.status, 200);
    home.tokens.revoke("alice").unwrap();
    // On the same connection and in the same session.
    assert_eq!(wire.ask(list().bearer(&alice)).await.status, 401);
    assert_eq!(home.run(&alice, "return 1").await.status, 401);
    // G09: a session opens nothing, whoever else shows its id.
    assert_eq!(wire.ask(list()).await.status, 401);
    assert_eq!(wire.ask(list().bearer(&bob)).await.status, 404);
    // A token of the same name is another.
    let again = home.token("alice");
    assert_eq!(home.run(&again, "return 1").await.status, 200);
    assert_eq!(home.run(&alice, "return 1").await.status, 401);
}

#[tokio::test]
async fn tokens_count_as_long_as_was_said() {
    let home = Home::new("").await;
    let token = home.tokens.create("alice", None, Some(Duration::from_secs(60))).unwrap().secret;
    assert_eq!(home.run(&token, "return 1").await.status, 200);
    let file = home.folder.path().join("tokens.json");
    let mut record: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    record["tokens"][0]["expires"] = json!(1_000_000);
    // Another length, so that it is another file also where times are coarse.
    std::fs::write(&file, format!("{record:#}\n\n")).unwrap();
    assert_eq!(home.run(&token, "return 1").await.status, 401);
    assert!(home.tokens.list().unwrap()[0].is_expired());
    for wrong in [Duration::from_secs(59), Duration::from_secs(1 << 40)] {
        assert!(home.tokens.create("bob", None, Some(wrong)).is_err());
    }
}

#[tokio::test]
async fn g09_sessions_are_there_for_whoever_opened_them() {
    let home = Home::new("limits = { sessions = 2 }").await;
    let (alice, bob) = (home.token("alice"), home.token("bob"));
    let open = async |token: &str| {
        let greeted = home.site.ask(Ask::post(&initialize()).bearer(token)).await;
        assert_eq!(greeted.status, 200);
        greeted.header("mcp-session-id").to_owned()
    };
    let session = open(&alice).await;
    let message = json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/list" });
    let status = async |token: &str, session: &str| {
        let ask = Ask::post(&message).header("mcp-session-id", session).bearer(token);
        home.site.ask(ask).await.status
    };
    assert_eq!(status(&alice, &session).await, 200);
    assert_eq!(status(&bob, &session).await, 404);
    assert_eq!(status(&alice, "00000000-0000-4000-8000-000000000000").await, 404);
    let others = |method| Ask::new(method, "/mcp").header("mcp-session-id", &session).bearer(&bob);
    assert_eq!(home.site.ask(others("DELETE")).await.status, 404);
    assert_eq!(home.site.ask(others("GET").header("accept", "text/event-stream")).await.status, 404);
    let twice = Ask::post(&message).header("mcp-session-id", &session).header("mcp-session-id", &session);
    assert_eq!(home.site.ask(twice.bearer(&alice)).await.status, 404);
    // It is still there for who opened it.
    assert_eq!(status(&alice, &session).await, 200);
    // Of more than two the one that was used longest ago ends; those of others stay.
    let theirs = open(&bob).await;
    let second = open(&alice).await;
    assert_eq!(status(&alice, &session).await, 200);
    let third = open(&alice).await;
    assert_eq!(status(&alice, &second).await, 404);
    for (token, session) in [(&alice, &session), (&alice, &third), (&bob, &theirs)] {
        assert_eq!(status(token, session).await, 200);
    }
    let delete = Ask::new("DELETE", "/mcp").header("mcp-session-id", &session).bearer(&alice);
    assert!(home.site.ask(delete).await.status < 300);
    assert_eq!(status(&alice, &session).await, 404);
}

#[tokio::test]
async fn each_principal_has_what_it_is_granted() {
    let text = "
        surfaces = ['single']
        [serve.principals.alice]
        [serve.principals.bob]
        connectors = ['sho']
        [serve.principals.carol]
        connectors = ['s*']
        surface = 'single'
        [[serve.principals.carol.policy]]
        tools = 'shop.echo'
        action = 'deny'
        [serve.principals.dave]
        policy = [{ tools = '*', action = 'allow' }]";
    let home = Home::new(text).await;
    let names = ["alice", "bob", "carol", "dave", "eve"];
    let [alice, bob, carol, dave, eve] = names.map(|name| home.token(name));
    let echo = "return (await shop.echo({ a: 1 })).echo.a";
    assert_eq!(output(&home.run(&alice, echo).await)["result"], 1);
    assert_eq!(output(&home.run(&dave, echo).await)["result"], 1);
    let answer = output(&home.run(&bob, echo).await);
    assert_eq!(answer["status"], "error", "{answer}");
    let single = |token: &str| {
        let params = json!({ "name": "codemode", "arguments": { "code": echo } });
        Ask::newer("tools/call", params).bearer(token)
    };
    let answer = output(&home.site.ask(single(&carol)).await);
    assert_eq!(answer["error"]["kind"], "denied", "{answer}");
    assert_eq!(home.upstream.happened(), ["echo", "echo"]);
    // Who is none of them has nothing, though they are known.
    assert_eq!(home.run(&eve, "return 1").await.status, 403);
    // Another shape may be asked for if it is among those that are allowed.
    let listed = async |target: &str| {
        let mut ask = Ask::newer("tools/list", json!({})).bearer(&alice);
        ask.target = target.to_owned();
        let answer = home.site.ask(ask).await;
        let tools = answer.json()["result"]["tools"].as_array().cloned().unwrap_or_default();
        (
            answer.status,
            tools.iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>(),
        )
    };
    assert_eq!(listed("/mcp?surface=single").await, (200, vec!["codemode".to_owned()]));
    assert!(listed("/mcp").await.1.contains(&"execute".to_owned()));
    for target in
        ["/mcp?surface=pair", "/mcp?surface=x", "/mcp?surface=single&surface=single", "/mcp?surface"]
    {
        assert_eq!(listed(target).await.0, 400, "{target}");
    }
}

#[tokio::test]
async fn results_are_there_for_whoever_got_them() {
    let home = Home::new("").await;
    let (alice, bob) = (home.token("alice"), home.token("bob"));
    let second = home.tokens.create("phone", Some("alice"), None).unwrap().secret;
    let run = output(&home.run(&alice, "return Array.from({ length: 20000 }, (_, n) => `entry ${n}`)").await);
    assert!(run["truncated"].is_object(), "{run}");
    let read = format!("return (await codemode.result('{}')).length", run["runId"].as_str().unwrap());
    assert_eq!(output(&home.run(&alice, &read).await)["result"], 20_000);
    // Two tokens of one principal are one principal.
    assert_eq!(output(&home.run(&second, &read).await)["result"], 20_000);
    assert_eq!(output(&home.run(&bob, &read).await)["status"], "error");
}

#[tokio::test]
async fn a_new_configuration_counts_for_connections_there_are() {
    let home = Home::new("").await;
    let alice = home.token("alice");
    let mut wire = home.site.connect().await;
    assert_eq!(wire.ask(execute("return 1").bearer(&alice)).await.status, 200);
    let runtime = home.upstream.runtime().await;
    let narrower = serve("[serve.principals.bob]\n[serve.auth]\nmode = 'token'");
    home.site.server.reload(&runtime, &narrower).unwrap();
    assert_eq!(wire.ask(execute("return 1").bearer(&alice)).await.status, 403);
}
