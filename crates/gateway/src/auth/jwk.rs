//! Public keys as authorization servers publish them: JSON Web Keys (RFC 7517, RFC 7518 section 6, RFC 8037).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::jws::Algorithm;

/// Bytes of a part of a key: an RSA modulus of 8,192 bits.
const MAX_PART: usize = 1024;

/// A public key, in the form in which it is checked with.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum PublicKey {
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
    /// An uncompressed point.
    P256(Vec<u8>),
    /// The same.
    P384(Vec<u8>),
    Ed25519(Vec<u8>),
}

/// A key of a set.
pub(super) struct Jwk {
    pub(super) id: Option<String>,
    /// What it is said to be for; `None` for all that goes with such a key.
    algorithm: Option<Algorithm>,
    pub(super) key: PublicKey,
}

impl Jwk {
    /// A key that checks signatures in a way that counts. Others in a set do not make it useless.
    pub(super) fn read(value: &Value) -> Option<Self> {
        let text = |name: &str| value.get(name).and_then(Value::as_str);
        if value.get("use").is_some() && text("use") != Some("sig") {
            return None;
        }
        let part = |name: &str| {
            let bytes = URL_SAFE_NO_PAD.decode(text(name)?).ok()?;
            (!bytes.is_empty() && bytes.len() <= MAX_PART).then_some(bytes)
        };
        let point = |size: usize| {
            let (x, y) = (part("x")?, part("y")?);
            (x.len() == size && y.len() == size).then(|| [vec![4], x, y].concat())
        };
        let key = match (text("kty")?, text("crv")) {
            ("RSA", _) => PublicKey::Rsa { n: part("n")?, e: part("e")? },
            ("EC", Some("P-256")) => PublicKey::P256(point(32)?),
            ("EC", Some("P-384")) => PublicKey::P384(point(48)?),
            ("OKP", Some("Ed25519")) => PublicKey::Ed25519(part("x").filter(|x| x.len() == 32)?),
            _ => return None,
        };
        let algorithm = match value.get("alg") {
            Some(name) => Some(Algorithm::of(name.as_str()?)?),
            None => None,
        };
        Some(Self { id: text("kid").map(str::to_owned), algorithm, key })
    }

    /// Whether a token that is signed so may be signed with it.
    pub(super) fn is_for(&self, algorithm: Algorithm) -> bool {
        use Algorithm::{EdDsa, Es256, Es384, Ps256, Ps384, Ps512, Rs256, Rs384, Rs512};
        let goes = match &self.key {
            PublicKey::Rsa { .. } => matches!(algorithm, Rs256 | Rs384 | Rs512 | Ps256 | Ps384 | Ps512),
            PublicKey::P256(_) => algorithm == Es256,
            PublicKey::P384(_) => algorithm == Es384,
            PublicKey::Ed25519(_) => algorithm == EdDsa,
        };
        goes && self.algorithm.is_none_or(|only| only == algorithm)
    }
}

/// An object of which no key comes twice.
pub(super) struct UniqueKeys(pub(super) Map<String, Value>);

impl<'de> Deserialize<'de> for UniqueKeys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Keys;

        impl<'de> Visitor<'de> for Keys {
            type Value = UniqueKeys;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<UniqueKeys, A::Error> {
                let mut map = Map::new();
                while let Some((key, value)) = access.next_entry::<String, Value>()? {
                    if map.insert(key, value).is_some() {
                        return Err(A::Error::custom("a key comes twice"));
                    }
                }
                Ok(UniqueKeys(map))
            }
        }

        deserializer.deserialize_map(Keys)
    }
}
