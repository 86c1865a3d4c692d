//! Access tokens of an authorization server.

use codemode::Runtime;
use codemode_gateway::HttpOptions;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;

use crate::issuer::{Issuer, now};
use crate::upstream::Upstream;
use crate::wire::{Ask, Site, execute, serve};

const RESOURCE: &str = "https://mcp.example.com/mcp";
const METADATA: &str = "https://mcp.example.com/.well-known/oauth-protected-resource/mcp";

struct Home {
    issuer: Issuer,
    upstream: Upstream,
    site: Site,
}

fn configured(issuer: &Issuer, more: &str) -> String {
    let auth = format!("issuer = '{}'\nresource = '{RESOURCE}'\nscopes = ['mcp:use']", issuer.url);
    format!("[serve.auth]\nallow_private = ['127.0.0.1']\n{auth}\n{more}")
}

impl Home {
    async fn new(more: &str) -> Self {
        let (issuer, upstream) = (Issuer::start().await, Upstream::new());
        let site = Site::start(&upstream.runtime().await, &configured(&issuer, more)).await;
        Self { issuer, upstream, site }
    }

    async fn status(&self, token: &str) -> u16 {
        self.site.ask(execute("return await shop.echo({})").bearer(token)).await.status
    }

    fn signed(&self, header: Value, change: impl FnOnce(&mut Value)) -> String {
        let mut claims = self.issuer.claims();
        change(&mut claims);
        self.issuer.keys.sign(&header, &claims)
    }

    fn with(&self, change: impl FnOnce(&mut Value)) -> String {
        self.signed(json!({ "alg": "ES256", "kid": "ES256" }), change)
    }
}

#[tokio::test]
async fn tokens_count_however_they_are_signed_that_counts() {
    let home = Home::new("").await;
    for (algorithm, key) in [
        ("RS256", "RS256"),
        ("RS384", "RS256"),
        ("RS512", "RS256"),
        ("PS256", "RS256"),
        ("PS384", "RS256"),
        ("PS512", "RS256"),
        ("ES256", "ES256"),
        ("ES384", "ES384"),
        ("EdDSA", "EdDSA"),
    ] {
        let token = home.signed(json!({ "alg": algorithm, "kid": key, "typ": "JWT" }), |_| {});
        assert_eq!(home.status(&token).await, 200, "{algorithm}");
    }
    // Without an id it is the only key there is of its kind.
    assert_eq!(home.status(&home.signed(json!({ "alg": "ES384" }), |_| {})).await, 200);
    // Clocks differ.
    assert_eq!(home.status(&home.with(|claims| claims["exp"] = json!(now() - 5))).await, 200);
    assert_eq!(home.status(&home.with(|claims| claims["nbf"] = json!(now() + 5))).await, 200);
    let audiences = home.with(|claims| claims["aud"] = json!(["x", RESOURCE]));
    assert_eq!(home.status(&audiences).await, 200);
    let scopes = home.with(|claims| {
        claims.as_object_mut().unwrap().remove("scope");
        claims["scp"] = json!(["mcp:use"]);
    });
    assert_eq!(home.status(&scopes).await, 200);
    assert_eq!(home.issuer.asked("/keys"), 1, "keys are kept");
}

#[tokio::test]
async fn g20_g21_a_token_that_is_wrong_in_any_way_is_none() {
    let home = Home::new("").await;
    let es256 = || json!({ "alg": "ES256", "kid": "ES256" });
    let good = home.issuer.token();
    assert_eq!(home.status(&good).await, 200);
    let (head, signature) = good.rsplit_once('.').unwrap();
    let other = Issuer::start().await;
    let other = other.keys.sign(&es256(), &home.issuer.claims());
    let without =
        |name: &'static str| home.with(move |claims| drop(claims.as_object_mut().unwrap().remove(name)));
    let flipped = format!("{head}.{}{}", if signature.starts_with('A') { 'B' } else { 'A' }, &signature[1..]);
    let tokens = [
        ("expired", home.with(|claims| claims["exp"] = json!(now() - 3600))),
        ("exp is a text", home.with(|claims| claims["exp"] = json!("9999999999"))),
        ("no exp", without("exp")),
        ("future nbf", home.with(|claims| claims["nbf"] = json!(now() + 3600))),
        ("nbf is a text", home.with(|claims| claims["nbf"] = json!("0"))),
        ("another issuer", home.with(|claims| claims["iss"] = json!("https://evil.example"))),
        ("issuers", home.with(|claims| claims["iss"] = json!([home.issuer.url]))),
        ("no iss", without("iss")),
        ("another audience", home.with(|claims| claims["aud"] = json!("https://other.example/mcp"))),
        ("audience and more", home.with(|claims| claims["aud"] = json!(format!("{RESOURCE}/x")))),
        ("no aud", without("aud")),
        ("nobody's", without("sub")),
        ("nobody's", home.with(|claims| claims["sub"] = json!(""))),
        (
            "a subject that is no text",
            home.with(|claims| {
                claims["client_id"] = json!("bot");
                claims["sub"] = json!(7);
            }),
        ),
        ("a subject spelled as a client", home.with(|claims| claims["sub"] = json!("client bot"))),
        ("a name of many lines", home.with(|claims| claims["sub"] = json!("a\nb"))),
        ("alg none", home.signed(json!({ "alg": "none", "kid": "ES256" }), |_| {})),
        ("alg None", home.signed(json!({ "alg": "nOnE" }), |_| {})),
        ("HS256 with the public key", home.signed(json!({ "alg": "HS256", "kid": "RS256" }), |_| {})),
        ("HS256", home.signed(json!({ "alg": "HS256", "kid": "HS256" }), |_| {})),
        ("key of another kind", home.signed(json!({ "alg": "ES256", "kid": "RS256" }), |_| {})),
        ("unknown key", home.signed(json!({ "alg": "ES256", "kid": "unknown" }), |_| {})),
        ("no key id, several keys", home.signed(json!({ "alg": "HS512" }), |_| {})),
        (
            "critical",
            home.signed(json!({ "alg": "ES256", "kid": "ES256", "crit": ["b64"], "b64": false }), |_| {}),
        ),
        ("another type", home.signed(json!({ "alg": "ES256", "kid": "ES256", "typ": "dpop+jwt" }), |_| {})),
        ("somebody else's", other),
        ("flipped", flipped),
        ("no signature", format!("{head}.")),
        ("two parts", head.to_owned()),
        ("four parts", format!("{good}.x")),
        ("padded", format!("{good}=")),
        ("not base64", good.replacen('e', "+", 1)),
    ];
    for (what, token) in tokens {
        let answer = home.site.ask(execute("return await shop.echo({})").bearer(&token)).await;
        assert_eq!(answer.status, 401, "{what}");
        let challenge = answer.header("www-authenticate");
        assert!(challenge.contains(&format!("resource_metadata=\"{METADATA}\"")), "{what}: {challenge}");
        assert!(challenge.starts_with("Bearer error=\"invalid_token\""), "{what}: {challenge}");
    }
    // A payload of others under a signature that counts.
    let payload = home.with(|claims| claims["sub"] = json!("admin"));
    let forged: Vec<&str> = good.split('.').zip(payload.split('.')).map(|(good, _)| good).collect();
    let forged = format!("{}.{}.{}", forged[0], payload.split('.').nth(1).unwrap(), forged[2]);
    assert_eq!(home.status(&forged).await, 401);
    let answer = home.site.ask(execute("return 1")).await;
    assert_eq!(answer.status, 401);
    assert_eq!(
        answer.header("www-authenticate"),
        format!("Bearer scope=\"mcp:use\", resource_metadata=\"{METADATA}\"")
    );
    assert_eq!(home.upstream.happened(), ["echo"]);
    // Key ids that nobody has make the keys looked for once, not each time.
    assert!(home.issuer.asked("/keys") <= 2);
}

#[tokio::test]
async fn g22_a_token_without_a_scope_that_is_needed_says_so() {
    let home = Home::new("").await;
    for scope in [json!("other"), json!(""), json!("mcp:use2"), json!(["mcp"]), json!(1)] {
        let answer =
            home.site.ask(execute("return 1").bearer(&home.with(|claims| claims["scope"] = scope))).await;
        assert_eq!(answer.status, 403);
        let challenge = answer.header("www-authenticate");
        assert!(
            challenge.starts_with("Bearer error=\"insufficient_scope\", scope=\"mcp:use\""),
            "{challenge}"
        );
        assert!(challenge.contains(METADATA), "{challenge}");
    }
}

#[tokio::test]
async fn clients_find_the_authorization_server() {
    let home = Home::new("").await;
    for path in ["/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp"] {
        let answer = home.site.ask(Ask::new("GET", path)).await;
        let metadata = answer.json();
        assert_eq!(answer.status, 200);
        assert_eq!(metadata["resource"], RESOURCE);
        assert_eq!(metadata["authorization_servers"], json!([home.issuer.url]));
        assert_eq!(metadata["scopes_supported"], json!(["mcp:use"]));
        assert_eq!(site_of(path, "evil.example", &home).await, 403);
    }
    // Where there is none, nothing is said of one.
    let open = Site::start(&home.upstream.runtime().await, "").await;
    assert_eq!(open.ask(Ask::new("GET", "/.well-known/oauth-protected-resource")).await.status, 404);
}

#[tokio::test]
async fn a_page_of_an_allowed_origin_reads_the_metadata_and_no_other_does() {
    let issuer = Issuer::start().await;
    let runtime = Runtime::builder().build().await.unwrap();
    let text = format!("allowed_origins = ['https://app.example.com']\n{}", configured(&issuer, ""));
    let site = Site::start(&runtime, &text).await;
    let path = "/.well-known/oauth-protected-resource/mcp";
    for (origin, allowed) in
        [("https://app.example.com", "https://app.example.com"), ("https://evil.example", "")]
    {
        let answer = site.ask(Ask::new("GET", path).header("origin", origin)).await;
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, allowed));
        let preflight = Ask::new("OPTIONS", path).header("origin", origin);
        let answer = site.ask(preflight.header("access-control-request-method", "GET")).await;
        assert_eq!(answer.header("access-control-allow-origin"), allowed);
    }
}

/// Lets time pass for the server.
async fn pass(seconds: u64) {
    tokio::time::pause();
    tokio::time::advance(std::time::Duration::from_secs(seconds)).await;
    tokio::time::resume();
}

#[tokio::test]
async fn keys_that_change_are_noticed() {
    let home = Home::new("").await;
    let before = home.issuer.token();
    assert_eq!(home.status(&before).await, 200);
    // The server has another key from now on.
    let keys = crate::issuer::Keys::new();
    let set = keys.set().to_string().replace("\"ES256\"", "\"rotated\"");
    home.issuer.page("/keys", 200, &set);
    let after = keys.sign(&json!({ "alg": "ES256", "kid": "rotated" }), &home.issuer.claims());
    // It was looked for a moment ago.
    assert_eq!((home.status(&after).await, home.issuer.asked("/keys")), (401, 1));
    pass(31).await;
    assert_eq!((home.status(&after).await, home.issuer.asked("/keys")), (200, 2));
    assert_eq!(home.status(&before).await, 401, "a key that was taken back counts no longer");
}

#[tokio::test]
async fn keys_count_a_while_without_their_server_and_then_no_longer() {
    let home = Home::new("").await;
    let token = home.with(|claims| claims["exp"] = json!(now() + 86_400));
    assert_eq!(home.status(&token).await, 200);
    home.issuer.page("/keys", 500, "");
    pass(601).await;
    assert_eq!((home.status(&token).await, home.issuer.asked("/keys")), (200, 2));
    pass(3_000).await;
    assert_eq!(home.status(&token).await, 503);
}

async fn site_of(path: &str, host: &str, home: &Home) -> u16 {
    home.site.ask(Ask::new("GET", path).header("host", host)).await.status
}

#[tokio::test]
async fn g24_where_keys_cannot_be_had_nobody_is_let_in() {
    let own = |issuer: &Issuer, jwks: &str| json!({ "issuer": issuer.url, "jwks_uri": jwks }).to_string();
    type Broken = fn(&Issuer, &dyn Fn(&Issuer, &str) -> String);
    const AT: &str = "/.well-known/oauth-authorization-server";
    let cases: [(&str, Broken); 9] = [
        ("no metadata", |issuer, _| issuer.remove(AT)),
        ("metadata fails", |issuer, _| issuer.page(AT, 500, "{}")),
        ("metadata is empty", |issuer, _| issuer.page(AT, 200, "")),
        ("another's metadata", |issuer, _| {
            let jwks = format!("{}/keys", issuer.url);
            issuer.page(AT, 200, &json!({ "issuer": "https://evil.example", "jwks_uri": jwks }).to_string());
        }),
        ("no keys", |issuer, _| issuer.page("/keys", 200, r#"{"keys": []}"#)),
        ("keys fail", |issuer, _| issuer.page("/keys", 500, "")),
        ("keys are no keys", |issuer, _| issuer.page("/keys", 200, "<html>")),
        ("too much", |issuer, _| issuer.page("/keys", 200, &" ".repeat(1 << 20))),
        // G27: metadata that leads to where clouds hand out credentials.
        ("keys at a private address", |issuer, own| {
            issuer.page(AT, 200, &own(issuer, "http://169.254.169.254/latest/meta-data"));
        }),
    ];
    for (what, break_it) in cases {
        let home = Home::new("").await;
        break_it(&home.issuer, &own);
        let answer = home.site.ask(execute("return await shop.echo({})").bearer(&home.issuer.token())).await;
        assert_eq!(answer.status, 503, "{what}: {answer:?}");
        assert!(!answer.body.contains("127.0.0.1") && !answer.body.contains("169.254"), "{what}: {answer:?}");
        assert!(home.upstream.happened().is_empty(), "{what}");
    }
}

#[tokio::test]
async fn g27_keys_are_looked_for_at_public_addresses_only() {
    let issuer = Issuer::start().await;
    let runtime = Runtime::builder().build().await.unwrap();
    // Without allow_private the issuer is not even asked.
    let text = configured(&issuer, "").replace("allow_private = ['127.0.0.1']\n", "");
    let site = Site::start(&runtime, &text).await;
    assert_eq!(site.ask(execute("return 1").bearer(&issuer.token())).await.status, 503);
    assert_eq!(issuer.asked("/.well-known/oauth-authorization-server"), 0);
    // A redirect leads to no other origin.
    let elsewhere = Issuer::start().await;
    let site = Site::start(&runtime, &configured(&issuer, "")).await;
    issuer.page("/keys", 302, &format!("{}/keys", elsewhere.url));
    assert_eq!(site.ask(execute("return 1").bearer(&issuer.token())).await.status, 503);
    assert_eq!(elsewhere.asked("/keys"), 0);
}

#[tokio::test]
async fn keys_are_found_by_the_issuers_other_metadata_or_where_it_is_said() {
    let issuer = Issuer::start().await;
    let runtime = Runtime::builder().build().await.unwrap();
    issuer.remove("/.well-known/oauth-authorization-server");
    issuer.page(
        "/.well-known/openid-configuration",
        200,
        &json!({ "issuer": issuer.url, "jwks_uri": format!("{}/keys", issuer.url) }).to_string(),
    );
    let site = Site::start(&runtime, &configured(&issuer, "")).await;
    assert_eq!(site.ask(execute("return 1").bearer(&issuer.token())).await.status, 200);
    issuer.remove("/.well-known/openid-configuration");
    let said = configured(&issuer, &format!("jwks_url = '{}/keys'", issuer.url));
    let site = Site::start(&runtime, &said).await;
    assert_eq!(site.ask(execute("return 1").bearer(&issuer.token())).await.status, 200);
}

#[tokio::test]
async fn g28_a_role_that_was_taken_away_counts_no_longer() {
    let principals = "
        [serve.principals.admins]
        claims = { groups = 'admins' }
        [serve.principals.bots]
        client = 'bot'
        connectors = []
        [serve.principals.dave]
        subject = 'user|7'";
    let home = Home::new(principals).await;
    let with = |change: fn(&mut Value)| home.with(change);
    let admin = with(|claims| claims["groups"] = json!(["staff", "admins"]));
    let was = with(|claims| claims["groups"] = json!(["staff"]));
    assert_eq!((home.status(&admin).await, home.status(&was).await), (200, 403));
    assert_eq!(home.status(&with(|claims| claims["groups"] = json!("admins"))).await, 200);
    assert_eq!(home.status(&with(|claims| claims["sub"] = json!("user|7"))).await, 200);
    // A name in a claim is not the name of a table.
    assert_eq!(home.status(&with(|claims| claims["sub"] = json!("admins"))).await, 403);
    let bot = with(|claims| {
        claims.as_object_mut().unwrap().remove("sub");
        claims["client_id"] = json!("bot");
    });
    let before = home.upstream.happened().len();
    assert_eq!(home.status(&bot).await, 200);
    assert_eq!(home.upstream.happened().len(), before, "it may use no connector");
    // The same person without the role does not go on with what they began with it.
    let run = home.site.ask(execute("return 'x'.repeat(100000)").bearer(&admin)).await.json();
    let id = run["result"]["structuredContent"]["runId"].as_str().unwrap().to_owned();
    let read = execute(&format!("return await codemode.result('{id}')"));
    assert_eq!(home.site.ask(read.bearer(&was)).await.status, 403);
}

#[tokio::test]
async fn g28_another_role_grants_what_it_grants_and_no_more() {
    let principals = "
        [serve.principals.admins]
        claims = { groups = 'admins' }
        limits = { rate = 1, burst = 1 }
        [serve.principals.staff]
        claims = { groups = 'staff' }
        connectors = []";
    let home = Home::new(principals).await;
    let admin = home.with(|claims| claims["groups"] = json!("admins"));
    let staff = home.with(|claims| claims["groups"] = json!("staff"));
    assert_eq!(home.status(&admin).await, 200);
    assert_eq!(home.upstream.happened(), ["echo"]);
    // Nor do the limits of the one count for the other.
    for _ in 0..3 {
        assert_eq!(home.status(&staff).await, 200);
    }
    assert_eq!(home.upstream.happened(), ["echo"], "staff may use no connector");
}

/// A client that hangs up while the keys are being got, and another one.
#[tokio::test]
async fn g24_who_hangs_up_makes_nobody_look_for_keys_again() {
    const AT: &str = "/.well-known/oauth-authorization-server";
    let home = Home::new("").await;
    let metadata = json!({ "issuer": home.issuer.url, "jwks_uri": format!("{}/keys", home.issuer.url) });
    home.issuer.page(AT, 200, "hang");
    let mut wire = home.site.connect().await;
    wire.begin(execute("return 1").bearer(&home.issuer.token())).await;
    let asked = async {
        while home.issuer.asked(AT) == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(crate::wire::PATIENCE, asked).await.unwrap();
    wire.stream.shutdown().await.unwrap();
    assert!(wire.ends().await);
    home.issuer.page(AT, 200, &metadata.to_string());
    assert_eq!(home.status(&home.issuer.token()).await, 200);
    assert_eq!((home.issuer.asked(AT), home.issuer.asked("/keys")), (1, 1));
}

#[tokio::test]
async fn g25_no_token_of_a_client_goes_on_to_an_upstream() {
    // An API that says what it was sent.
    let issuer = Issuer::start().await;
    let canary = crate::canary::Canary::start().await;
    let folder = tempfile::tempdir().unwrap();
    let runtime = canary.runtime(folder.path()).await;
    let site = Site::with(&runtime, HttpOptions::new(serve(&configured(&issuer, "")))).await;
    let token = issuer.token();
    let ask =
        execute("return await canary.get_it({})").bearer(&token).header("cookie", "session=canary-cookie");
    let answer = site.ask(ask.header("x-api-key", "canary-key")).await;
    assert_eq!(answer.json()["result"]["structuredContent"]["result"], json!({ "ok": true }), "{answer:?}");
    let seen = canary.seen();
    assert!(seen.starts_with("get /it "), "{seen}");
    for secret in [token.as_str(), "authorization", "canary-cookie", "canary-key", "alice"] {
        assert!(!seen.contains(secret), "{secret} in {seen}");
    }
}
