//! The form of a signed token: JSON Web Signature in its compact serialization (RFC 7515), signed in one of the ways that
//! count. Signatures are checked by `ring`. Nothing is signed here.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, RsaParameters, RsaPublicKeyComponents,
    UnparsedPublicKey, VerificationAlgorithm,
};
use serde_json::{Map, Value};

use super::jwk::PublicKey;

/// A way to sign that counts. Not among them are `none`, and those whose key both sides know (`HS256`): whoever can check
/// such a token can make one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    Rs256,
    Rs384,
    Rs512,
    Ps256,
    Ps384,
    Ps512,
    Es256,
    Es384,
    EdDsa,
}

impl Algorithm {
    /// By its name (RFC 7518, section 3.1; RFC 8037; RFC 9864 for the second name of `EdDSA` with this curve).
    pub(super) fn of(name: &str) -> Option<Self> {
        Some(match name {
            "RS256" => Self::Rs256,
            "RS384" => Self::Rs384,
            "RS512" => Self::Rs512,
            "PS256" => Self::Ps256,
            "PS384" => Self::Ps384,
            "PS512" => Self::Ps512,
            "ES256" => Self::Es256,
            "ES384" => Self::Es384,
            "EdDSA" | "Ed25519" => Self::EdDsa,
            _ => return None,
        })
    }

    /// Whether the key's owner signed the message so. A key of another kind checks nothing.
    fn verifies(self, key: &PublicKey, message: &[u8], signature: &[u8]) -> bool {
        let by_rsa = |how: &'static RsaParameters| match key {
            PublicKey::Rsa { n, e } => {
                RsaPublicKeyComponents { n, e }.verify(how, message, signature).is_ok()
            }
            _ => false,
        };
        let by_point = |how: &'static dyn VerificationAlgorithm, point: &[u8]| {
            UnparsedPublicKey::new(how, point).verify(message, signature).is_ok()
        };
        match (self, key) {
            (Self::Rs256, _) => by_rsa(&RSA_PKCS1_2048_8192_SHA256),
            (Self::Rs384, _) => by_rsa(&RSA_PKCS1_2048_8192_SHA384),
            (Self::Rs512, _) => by_rsa(&RSA_PKCS1_2048_8192_SHA512),
            (Self::Ps256, _) => by_rsa(&RSA_PSS_2048_8192_SHA256),
            (Self::Ps384, _) => by_rsa(&RSA_PSS_2048_8192_SHA384),
            (Self::Ps512, _) => by_rsa(&RSA_PSS_2048_8192_SHA512),
            (Self::Es256, PublicKey::P256(point)) => by_point(&ECDSA_P256_SHA256_FIXED, point),
            (Self::Es384, PublicKey::P384(point)) => by_point(&ECDSA_P384_SHA384_FIXED, point),
            (Self::EdDsa, PublicKey::Ed25519(point)) => by_point(&ED25519, point),
            (Self::Es256 | Self::Es384 | Self::EdDsa, _) => false,
        }
    }
}

/// A token whose signature nobody has looked at yet: nothing it says counts.
#[derive(Debug)]
pub(super) struct Unverified<'t> {
    pub(super) algorithm: Algorithm,
    /// Which key it says it is signed with.
    pub(super) key_id: Option<String>,
    /// What the signature is of: header and payload as they were sent.
    message: &'t str,
    payload: &'t str,
    signature: Vec<u8>,
}

impl<'t> Unverified<'t> {
    /// Takes a token apart.
    pub(super) fn parse(token: &'t str) -> Result<Self, &'static str> {
        const NO_JWT: &str = "the token is no JWT";
        let (message, signature) = token.rsplit_once('.').ok_or(NO_JWT)?;
        let (header, payload) =
            message.split_once('.').filter(|(_, payload)| !payload.contains('.')).ok_or(NO_JWT)?;
        let header = object(header).ok_or(NO_JWT)?;
        let text = |name: &str| header.get(name).and_then(Value::as_str);
        let algorithm =
            text("alg").and_then(Algorithm::of).ok_or("the token is signed in a way that does not count")?;
        // What a token says is critical has to be understood (RFC 7515, section 4.1.11), and nothing is.
        if header.contains_key("crit") {
            return Err("the token has critical extensions");
        }
        if header.get("typ").is_some_and(|kind| !kind.as_str().is_some_and(is_access_token)) {
            return Err("the token is no access token");
        }
        if header.get("kid").is_some_and(|id| !id.is_string()) {
            return Err(NO_JWT);
        }
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| NO_JWT)?;
        Ok(Self { algorithm, key_id: text("kid").map(str::to_owned), message, payload, signature })
    }

    /// What the token says, if this key's owner signed it.
    pub(super) fn claims(&self, key: &PublicKey) -> Result<Map<String, Value>, &'static str> {
        match self.algorithm.verifies(key, self.message.as_bytes(), &self.signature) {
            true => object(self.payload).ok_or("the token says nothing that can be read"),
            false => Err("the signature of the token is wrong"),
        }
    }
}

/// A token of another type is for something else (RFC 8725, section 3.11). Many servers leave `JWT` there (RFC 9068,
/// section 2.1 has `at+jwt`).
fn is_access_token(kind: &str) -> bool {
    let kind = kind.to_ascii_lowercase();
    matches!(kind.strip_prefix("application/").unwrap_or(&kind), "jwt" | "at+jwt")
}

/// A JSON object in base64url. The token's size is bounded, and the reader's depth.
fn object(part: &str) -> Option<Map<String, Value>> {
    let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
    // Of a key that comes twice the last would count here, and perhaps the first elsewhere.
    let text = std::str::from_utf8(&bytes).ok()?;
    serde_json::from_str::<super::jwk::UniqueKeys>(text).ok().map(|object| object.0)
}
