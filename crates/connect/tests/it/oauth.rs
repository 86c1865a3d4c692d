//! Logins by OAuth 2.1, against a server that is its own authorization server.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use codemode_connect::{
    Call, CallError, Connector, Delivery, Error, Login, LoginError, LoginListener, Mcp, OAuth, Secret, State,
};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use url::Url;

use crate::server::{Reply, Seen, Server};

const LONG: Duration = Duration::from_secs(20);

/// What the authorization server knows and is told to do.
#[derive(Default)]
struct Issuer {
    /// Tokens that the server takes.
    good: Vec<String>,
    /// The refresh token that is good for one use.
    refresh: String,
    issued: u64,
    /// Seconds that the next access token lives.
    life: u64,
    /// What replaces fields of the metadata.
    metadata: Value,
    resource: Value,
    /// The scope that calls need.
    scope: Option<&'static str>,
    /// The scopes that were asked for last.
    asked: String,
}

type Shared = Arc<Mutex<Issuer>>;

async fn start() -> (Server, Shared) {
    let issuer = Shared::new(Mutex::new(Issuer { life: 3600, ..Issuer::default() }));
    let shared = issuer.clone();
    let server = Server::start(move |seen| shared.lock().unwrap().answer(seen)).await;
    (server, issuer)
}

impl Issuer {
    fn answer(&mut self, seen: &Seen) -> Reply {
        let us = format!("http://{}", seen.header("host").unwrap());
        let with = |mut value: Value, more: &Value| {
            for (name, more) in more.as_object().into_iter().flatten() {
                value[name] = more.clone();
            }
            Reply::json("200 OK", &value)
        };
        match seen.path() {
            "/mcp" => self.mcp(seen, &us),
            "/.well-known/oauth-protected-resource/mcp" => {
                with(json!({"resource": format!("{us}/mcp"), "authorization_servers": [us]}), &self.resource)
            }
            "/.well-known/oauth-authorization-server" => {
                let endpoint = |path: &str| format!("{us}/{path}");
                let metadata = json!({
                    "issuer": us, "authorization_endpoint": endpoint("authorize"), "token_endpoint": endpoint("token"),
                    "registration_endpoint": endpoint("register"), "response_types_supported": ["code"],
                    "code_challenge_methods_supported": ["S256"], "scopes_supported": ["read", "write", "offline_access"],
                });
                with(metadata, &self.metadata)
            }
            "/register" => {
                let client = json!({"client_id": "registered", "client_secret": "secret-of-the-client", "redirect_uris": []});
                Reply::json("201 Created", &client)
            }
            "/token" => self.token(seen),
            other => Reply::new("404 Not Found", &[], other),
        }
    }

    fn mcp(&self, seen: &Seen, us: &str) -> Reply {
        let token = seen.header("authorization").and_then(|header| header.strip_prefix("Bearer "));
        if !token.is_some_and(|token| self.good.iter().any(|good| good == token)) {
            let challenge = format!(
                "WWW-Authenticate: Bearer resource_metadata=\"{us}/.well-known/oauth-protected-resource/mcp\", scope=\"read\""
            );
            return Reply::new("401 Unauthorized", &[&challenge], "");
        }
        let body: Value = serde_json::from_slice(&seen.body).unwrap_or_default();
        let result = match body["method"].as_str() {
            Some("server/discover") => json!({
                "resultType": "complete", "supportedVersions": ["2026-07-28"], "capabilities": {"tools": {}},
                "serverInfo": {"name": "fake", "version": "0"}, "ttlMs": 0, "cacheScope": "private",
            }),
            _ => match self.scope.filter(|scope| !self.asked.split(' ').any(|asked| asked == *scope)) {
                Some(scope) => {
                    let challenge =
                        format!("WWW-Authenticate: Bearer error=\"insufficient_scope\", scope=\"{scope}\"");
                    return Reply::new("403 Forbidden", &[&challenge], "");
                }
                None => json!({"structuredContent": {"token": token}}),
            },
        };
        Reply::json("200 OK", &json!({"jsonrpc": "2.0", "id": body["id"], "result": result}))
    }

    fn token(&mut self, seen: &Seen) -> Reply {
        let form: HashMap<_, _> = url::form_urlencoded::parse(&seen.body).into_owned().collect();
        match form["grant_type"].as_str() {
            "refresh_token" if form["refresh_token"] != self.refresh => {
                return Reply::json("400 Bad Request", &json!({"error": "invalid_grant"}));
            }
            "authorization_code" if form["code"] != "the-code" || form["code_verifier"].len() < 43 => {
                return Reply::json("400 Bad Request", &json!({"error": "invalid_grant"}));
            }
            _ => assert_eq!(form["resource"], format!("http://{}/mcp", seen.header("host").unwrap())),
        }
        self.asked = form.get("scope").cloned().unwrap_or_default();
        self.issued += 1;
        let access = format!("access-token-number-{}", self.issued);
        self.refresh = format!("refresh-token-number-{}", self.issued);
        self.good = vec![access.clone()];
        let life = std::mem::replace(&mut self.life, 3600);
        let token = json!({
            "access_token": access, "token_type": "Bearer", "expires_in": life, "refresh_token": self.refresh,
        });
        Reply::json("200 OK", &token)
    }
}

fn connector(server: &Server, oauth: OAuth) -> Mcp {
    Mcp::http("up", &server.url("/mcp")).unwrap().oauth(oauth)
}

async fn call(up: &Mcp) -> Result<Value, CallError> {
    up.call(Call::new("t", json!({}), LONG)).await.map(|reply| reply.value)
}

fn wants_login(error: &CallError) -> bool {
    matches!(error, CallError::Connector { error: Error::LoginRequired { .. }, delivery: Delivery::NotSent })
}

fn query(login: &Login) -> HashMap<String, String> {
    Url::parse(login.url()).unwrap().query_pairs().into_owned().collect()
}

fn callback(login: &Login, more: &str) -> String {
    format!("http://127.0.0.1:1/callback?state={}{more}", query(login)["state"])
}

async fn logged_in(up: &Mcp) {
    let login = up.login("http://127.0.0.1:1/callback").await.unwrap();
    login.finish(&callback(&login, "&code=the-code")).await.unwrap();
}

fn grants(server: &Server, kind: &str) -> usize {
    let seen = server.seen();
    let tokens = seen.iter().filter(|seen| seen.path() == "/token");
    tokens.filter(|seen| seen.text().contains(&format!("grant_type={kind}"))).count()
}

fn record(folder: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(folder.join("up.json")).unwrap()).unwrap()
}

#[tokio::test]
async fn a_person_logs_in_and_stays_so() {
    let (server, _issuer) = start().await;
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("credentials");
    let up = connector(&server, OAuth::new(&folder));
    assert_eq!(up.state(), State::Idle);
    assert!(wants_login(&call(&up).await.unwrap_err()));
    assert_eq!(up.state(), State::LoginRequired);

    let listener = LoginListener::bind(0).await.unwrap();
    let (uri, address) = (listener.uri().to_owned(), Url::parse(listener.uri()).unwrap());
    let login = up.login(&uri).await.unwrap();
    let asked = query(&login);
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", "registered"),
        ("code_challenge_method", "S256"),
        ("scope", "read offline_access"),
        ("redirect_uri", uri.as_str()),
        ("resource", server.url("/mcp").as_str()),
    ] {
        assert_eq!(asked[name], value, "{name}");
    }
    let host = format!("127.0.0.1:{}", address.port().unwrap());
    let visit = |target: String, host: String| {
        let address = address.clone();
        async move {
            let mut stream =
                tokio::net::TcpStream::connect(("127.0.0.1", address.port().unwrap())).await.unwrap();
            let request = format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n");
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            answer
        }
    };
    let browser = {
        let good = format!("/callback?state={}&code=the-code", asked["state"]);
        async {
            // None of these ends the login.
            for (target, host) in [
                ("/callback?state=guess&code=x".to_owned(), host.clone()),
                ("/callback?code=x".to_owned(), host.clone()),
                ("/elsewhere".to_owned(), host.clone()),
                (good.clone(), "evil.example".to_owned()),
            ] {
                assert!(visit(target, host).await.starts_with("HTTP/1.1 404"));
            }
            let answer = visit(good, host.clone()).await;
            assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("You are logged in"), "{answer}");
            assert!(!answer.contains("token") && !answer.contains("the-code"), "{answer}");
        }
    };
    let (outcome, ()) = tokio::join!(login.wait(listener, LONG), browser);
    outcome.unwrap();

    // What the server echoes of the token does not reach a program.
    assert_eq!(call(&up).await.unwrap(), json!({"token": "[redacted]"}));
    assert_eq!(up.state(), State::Ready);
    // Another process finds the credentials, unless it is another server that bears the name.
    assert!(call(&connector(&server, OAuth::new(&folder))).await.is_ok());
    let other = Mcp::http("up", &server.url("/mcp?other")).unwrap().oauth(OAuth::new(&folder));
    assert!(wants_login(&call(&other).await.unwrap_err()));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&folder), mode(&folder.join("up.json"))), (0o700, 0o600));
    }
    assert!(up.logout().await.unwrap());
    assert!(!up.logout().await.unwrap());
    assert!(wants_login(&call(&up).await.unwrap_err()));
    assert!(!format!("{up:?}").contains("token-number"));
}

#[tokio::test]
async fn one_of_many_renews_a_token() {
    let (server, issuer) = start().await;
    let folder = tempfile::tempdir().unwrap();
    issuer.lock().unwrap().life = 1;
    logged_in(&connector(&server, OAuth::new(folder.path()))).await;
    // As many processes, as far as the file is concerned.
    let many: Vec<Mcp> = (0..4).map(|_| connector(&server, OAuth::new(folder.path()))).collect();
    let calls = many.iter().flat_map(|up| [call(up), call(up)]);
    for outcome in futures_util::future::join_all(calls).await {
        outcome.unwrap();
    }
    assert_eq!((grants(&server, "authorization_code"), grants(&server, "refresh_token")), (1, 1));
    // The client's own secret is asked for where the token is renewed.
    let seen = server.seen();
    let renewal = seen.iter().find(|seen| seen.text().contains("grant_type=refresh_token")).unwrap();
    assert!(renewal.header("authorization").unwrap().starts_with("Basic "));
}

#[tokio::test]
async fn a_token_that_is_refused_is_renewed_once() {
    let (server, issuer) = start().await;
    let folder = tempfile::tempdir().unwrap();
    let up = connector(&server, OAuth::new(folder.path()));
    logged_in(&up).await;
    call(&up).await.unwrap();
    issuer.lock().unwrap().good.clear();
    call(&up).await.unwrap();
    assert_eq!(grants(&server, "refresh_token"), 1);
    // Now the refresh token is no good either: somebody has to log in, and nobody is asked again and again.
    issuer.lock().unwrap().good.clear();
    issuer.lock().unwrap().refresh = "another".to_owned();
    assert!(wants_login(&call(&up).await.unwrap_err()));
    assert!(wants_login(&call(&up).await.unwrap_err()));
    assert_eq!(grants(&server, "refresh_token"), 2);
    logged_in(&up).await;
    call(&up).await.unwrap();
}

#[tokio::test]
async fn the_next_login_asks_for_scopes_that_were_missing() {
    let (server, issuer) = start().await;
    let folder = tempfile::tempdir().unwrap();
    let up = connector(&server, OAuth::new(folder.path()));
    logged_in(&up).await;
    issuer.lock().unwrap().scope = Some("write");
    assert!(wants_login(&call(&up).await.unwrap_err()));
    // Also one of another process.
    let login =
        connector(&server, OAuth::new(folder.path())).login("http://127.0.0.1:1/callback").await.unwrap();
    assert_eq!(query(&login)["scope"], "read offline_access write");
}

#[tokio::test]
async fn what_comes_back_must_answer_this_login() {
    let (server, issuer) = start().await;
    issuer.lock().unwrap().metadata = json!({"authorization_response_iss_parameter_supported": true});
    let folder = tempfile::tempdir().unwrap();
    let up = connector(&server, OAuth::new(folder.path()));
    let login = up.login("http://127.0.0.1:1/callback").await.unwrap();
    let failed = |text: &str| LoginError::Failed(text.to_owned());
    assert_eq!(
        login.finish("http://127.0.0.1:1/callback?state=x&code=the-code").await,
        Err(failed("what came back belongs to another login"))
    );
    for more in ["&code=the-code", "&code=the-code&iss=https://evil.example", ""] {
        let outcome = login.finish(&callback(&login, more)).await;
        assert!(matches!(outcome, Err(LoginError::Failed(_))), "{more}: {outcome:?}");
    }
    let refused = login.finish(&callback(&login, "&error=access_denied")).await;
    assert_eq!(refused, Err(LoginError::Refused("access_denied".to_owned())));
    assert_eq!(grants(&server, "authorization_code"), 0);
    let good = callback(&login, &format!("&code=the-code&iss={}", server.url("")));
    login.finish(&good).await.unwrap();
    assert!(login.finish(&good).await.is_err(), "good for one use");
}

#[tokio::test]
async fn g27_metadata_leads_to_no_private_address() {
    for (metadata, resource) in [
        (json!({"token_endpoint": "http://169.254.169.254/token"}), json!({})),
        (json!({"registration_endpoint": "http://10.0.0.1/register"}), json!({})),
        (json!({}), json!({"authorization_servers": ["http://192.168.0.1"]})),
        (json!({}), json!({"authorization_servers": ["http://[::1]:9"]})),
        (json!({"issuer": "https://evil.example"}), json!({})),
        (json!({}), json!({"resource": "https://evil.example/mcp"})),
    ] {
        let (server, issuer) = start().await;
        (issuer.lock().unwrap().metadata, issuer.lock().unwrap().resource) =
            (metadata.clone(), resource.clone());
        let folder = tempfile::tempdir().unwrap();
        let up = connector(&server, OAuth::new(folder.path()));
        let ended = match tokio::time::timeout(LONG, up.login("http://127.0.0.1:1/callback")).await.unwrap() {
            Ok(login) => login.finish(&callback(&login, "&code=the-code")).await,
            Err(error) => Err(error),
        };
        let ended = ended.unwrap_err().to_string();
        let refused = ["not a public address", "mismatch", "192.168.0.1, but none"];
        assert!(refused.iter().any(|refused| ended.contains(refused)), "{metadata} {resource}: {ended}");
        assert!(!folder.path().join("up.json").exists(), "{metadata} {resource}");
    }
}

#[tokio::test]
async fn a_registered_client_goes_to_its_own_issuer() {
    let (server, issuer) = start().await;
    let folder = tempfile::tempdir().unwrap();
    let secret = || Secret::new("secret-of-the-operator").unwrap();
    let oauth = || OAuth::new(folder.path()).client("known", Some(secret()));
    let up = connector(&server, oauth());
    logged_in(&up).await;
    assert!(server.seen().iter().all(|seen| seen.path() != "/register"));
    assert_eq!(record(folder.path())["credentials"]["client_id"], "known");
    issuer.lock().unwrap().good.clear();
    let elsewhere = format!("http://localhost:{}", server.address.port());
    issuer.lock().unwrap().resource = json!({"authorization_servers": [elsewhere]});
    let up = connector(&server, oauth()).allow("localhost".parse().unwrap());
    let refused = up.login("http://127.0.0.1:1/callback").await.unwrap_err();
    assert!(refused.to_string().contains("issuer mismatch"), "{refused}");
    let other = connector(&server, oauth().issuer("https://issuer.example"));
    issuer.lock().unwrap().good.clear();
    // What it issued is not renewed by another than the operator has chosen since.
    assert!(wants_login(&call(&other).await.unwrap_err()));
    assert!(matches!(other.login("http://127.0.0.1:1/callback").await, Err(LoginError::Server(_))));
}

#[tokio::test]
async fn a_machine_logs_in_by_itself() {
    let (server, issuer) = start().await;
    let folder = tempfile::tempdir().unwrap();
    let secret = Secret::new("secret-of-the-machine").unwrap();
    let oauth = OAuth::new(folder.path()).client("machine", Some(secret)).client_credentials();
    let up = connector(&server, oauth.clone());
    call(&up).await.unwrap();
    issuer.lock().unwrap().good.clear();
    call(&up).await.unwrap();
    assert_eq!(grants(&server, "client_credentials"), 2);
    // It asks for what is missing by itself, and keeps on asking for it; but nothing twice.
    issuer.lock().unwrap().scope = Some("write");
    call(&up).await.unwrap();
    assert_eq!(grants(&server, "client_credentials"), 3);
    issuer.lock().unwrap().good.clear();
    call(&up).await.unwrap();
    assert_eq!(
        (grants(&server, "client_credentials"), record(folder.path())["wanted"].clone()),
        (4, json!(["write"]))
    );
    issuer.lock().unwrap().asked.clear();
    assert!(wants_login(&call(&up).await.unwrap_err()));
    assert_eq!(grants(&server, "client_credentials"), 4);
    // A server that takes no token is not asked for ever.
    issuer.lock().unwrap().metadata = json!({"token_endpoint": server.url("/nowhere")});
    issuer.lock().unwrap().good.clear();
    assert_eq!(call(&up).await.unwrap_err().delivery(), Delivery::NotSent);
}
