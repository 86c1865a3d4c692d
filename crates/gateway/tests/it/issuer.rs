//! An authorization server: its metadata, its keys, and tokens signed with them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
    Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256,
    RSA_PSS_SHA384, RSA_PSS_SHA512, RsaKeyPair,
};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// Made for these tests, with `openssl genpkey -algorithm RSA`: ring makes no RSA keys.
const RSA_KEY: &str = include_str!("rsa_key.txt");

/// The keys of a server. All of their ids are the names of what they sign with first.
pub(crate) struct Keys {
    rsa: RsaKeyPair,
    p256: EcdsaKeyPair,
    p384: EcdsaKeyPair,
    ed25519: Ed25519KeyPair,
}

impl Keys {
    pub(crate) fn new() -> Self {
        let random = SystemRandom::new();
        let ecdsa = |algorithm: &'static EcdsaSigningAlgorithm| {
            let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
            EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).unwrap()
        };
        let rsa = STANDARD.decode(RSA_KEY.split_whitespace().collect::<String>()).unwrap();
        Self {
            rsa: RsaKeyPair::from_pkcs8(&rsa).unwrap(),
            p256: ecdsa(&ECDSA_P256_SHA256_FIXED_SIGNING),
            p384: ecdsa(&ECDSA_P384_SHA384_FIXED_SIGNING),
            ed25519: Ed25519KeyPair::from_pkcs8(Ed25519KeyPair::generate_pkcs8(&random).unwrap().as_ref())
                .unwrap(),
        }
    }

    pub(crate) fn rsa_public(&self) -> Vec<u8> {
        self.rsa.public_key().as_ref().to_vec()
    }

    /// The set of public keys.
    pub(crate) fn set(&self) -> Value {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let public: ring::rsa::PublicKeyComponents<Vec<u8>> = self.rsa.public().into();
        let point = |key: &EcdsaKeyPair, size: usize, curve: &str, id: &str| {
            let point = key.public_key().as_ref();
            let (x, y) = (text(&point[1..=size]), text(&point[size + 1..]));
            json!({ "kty": "EC", "crv": curve, "kid": id, "use": "sig", "x": x, "y": y })
        };
        json!({ "keys": [
            { "kty": "oct", "k": text(b"a secret that nobody should use"), "kid": "HS256", "alg": "HS256" },
            { "kty": "RSA", "kid": "RS256", "n": text(&public.n),
              "e": text(&public.e) },
            point(&self.p256, 32, "P-256", "ES256"),
            point(&self.p384, 48, "P-384", "ES384"),
            { "kty": "OKP", "crv": "Ed25519", "kid": "EdDSA", "alg": "EdDSA", "x": text(self.ed25519.public_key().as_ref()) },
            { "kty": "RSA", "use": "enc", "kid": "enc", "n": "AQAB", "e": "AQAB" },
            { "kty": "new", "kid": "new" },
        ] })
    }

    /// A token with this header and these claims.
    pub(crate) fn sign(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(header), part(claims));
        let random = SystemRandom::new();
        let rsa = |how: &'static dyn ring::signature::RsaEncoding| {
            let mut signature = vec![0; self.rsa.public().modulus_len()];
            self.rsa.sign(how, &random, message.as_bytes(), &mut signature).unwrap();
            signature
        };
        let bytes = message.as_bytes();
        let signature = match header["alg"].as_str().unwrap() {
            "RS256" => rsa(&RSA_PKCS1_SHA256),
            "RS384" => rsa(&RSA_PKCS1_SHA384),
            "RS512" => rsa(&RSA_PKCS1_SHA512),
            "PS256" => rsa(&RSA_PSS_SHA256),
            "PS384" => rsa(&RSA_PSS_SHA384),
            "PS512" => rsa(&RSA_PSS_SHA512),
            "ES256" => self.p256.sign(&random, bytes).unwrap().as_ref().to_vec(),
            "ES384" => self.p384.sign(&random, bytes).unwrap().as_ref().to_vec(),
            "EdDSA" => self.ed25519.sign(bytes).as_ref().to_vec(),
            "HS256" => {
                let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &self.rsa_public());
                ring::hmac::sign(&key, bytes).as_ref().to_vec()
            }
            _ => Vec::new(),
        };
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// What is answered at a path: a status and a body. Paths that are not there are answered with 404; `hang` as a body only
/// when another page is there instead.
type Pages = Arc<Mutex<HashMap<String, (u16, String)>>>;

/// A server over HTTP.
pub(crate) struct Issuer {
    pub(crate) url: String,
    pub(crate) keys: Keys,
    pages: Pages,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Issuer {
    /// One whose metadata and keys are there.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (pages, asked): (Pages, Arc<Mutex<Vec<String>>>) = Default::default();
        tokio::spawn(answer(listener, Arc::clone(&pages), Arc::clone(&asked)));
        let issuer = Self { url, keys: Keys::new(), pages, asked };
        let metadata = json!({ "issuer": issuer.url, "jwks_uri": format!("{}/keys", issuer.url) });
        issuer.page("/.well-known/oauth-authorization-server", 200, &metadata.to_string());
        issuer.page("/keys", 200, &issuer.keys.set().to_string());
        issuer
    }

    pub(crate) fn page(&self, path: &str, status: u16, body: &str) {
        self.pages.lock().unwrap().insert(path.to_owned(), (status, body.to_owned()));
    }

    pub(crate) fn remove(&self, path: &str) {
        self.pages.lock().unwrap().remove(path);
    }

    /// How often this path was asked for.
    pub(crate) fn asked(&self, path: &str) -> usize {
        self.asked.lock().unwrap().iter().filter(|asked| *asked == path).count()
    }

    /// Claims that count.
    pub(crate) fn claims(&self) -> Value {
        json!({ "iss": self.url, "aud": "https://mcp.example.com/mcp", "sub": "alice", "exp": now() + 300, "scope": "mcp:use other" })
    }

    /// A token that counts.
    pub(crate) fn token(&self) -> String {
        self.keys.sign(&json!({ "alg": "ES256", "kid": "ES256", "typ": "at+jwt" }), &self.claims())
    }
}

async fn answer(listener: TcpListener, pages: Pages, asked: Arc<Mutex<Vec<String>>>) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let (pages, asked) = (Arc::clone(&pages), Arc::clone(&asked));
        tokio::spawn(async move {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                if stream.read_exact(&mut byte).await.is_err() {
                    return;
                }
                head.push(byte[0]);
            }
            let path = String::from_utf8(head).unwrap().split(' ').nth(1).unwrap().to_owned();
            asked.lock().unwrap().push(path.clone());
            let page = loop {
                let page = pages.lock().unwrap().get(&path).cloned();
                if page.as_ref().is_none_or(|(_, body)| body != "hang") {
                    break page;
                }
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            };
            let (status, body) = page.unwrap_or((404, String::new()));
            let location = if status == 302 { format!("location: {body}\r\n") } else { String::new() };
            let length = body.len();
            let head = format!(
                "HTTP/1.1 {status} X\r\n{location}content-length: {length}\r\nconnection: close\r\n\r\n"
            );
            let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
        });
    }
}
