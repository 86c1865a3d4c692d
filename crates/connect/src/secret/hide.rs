//! In what forms a credential is sent, and so may come back, besides as it is.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use url::form_urlencoded;
use zeroize::Zeroizing;

use super::MIN_BYTES;

/// The least bytes of a password that is told from other text and taken out by itself. Below a secret's twelve, because
/// nobody but its owner knows where in the secret it begins.
const MIN_PASSWORD: usize = 8;

/// The parts and joined forms of a credential that are to be hidden besides the whole.
pub(super) fn parts(text: &str) -> Vec<Zeroizing<String>> {
    let mut parts = Vec::new();
    let mut add = |part: &str| parts.push(Zeroizing::new(part.to_owned()));
    // A key for `Authorization` that comes with its scheme, as `Bearer x`, comes back without.
    if let Some((_, key)) = text.trim_end().rsplit_once(' ').filter(|(_, key)| key.len() >= MIN_BYTES) {
        add(key);
    }
    // A connection string, whose password is used by itself.
    if let Some(password) = url::Url::parse(text).ok().as_ref().and_then(url::Url::password) {
        let decoded = percent_encoding::percent_decode_str(password).decode_utf8_lossy();
        if decoded.len() >= MIN_PASSWORD {
            add(password);
            add(&decoded);
        }
        return parts;
    }
    let Some((user, password)) = text.split_once(':') else { return parts };
    // As it is in a header, which may come back encoded once more.
    add(&STANDARD.encode(text));
    add(&client_pair(user, password));
    if password.len() >= MIN_PASSWORD {
        add(password);
    }
    // Some services have the secret in the user's place, and nothing or a fixed word as the password.
    if password.len() < MIN_BYTES && user.len() >= MIN_BYTES {
        add(user);
    }
    parts
}

/// The credentials of an OAuth client as its token endpoint gets them in a header: each part is encoded as in a form (RFC
/// 6749, section 2.3.1).
pub(crate) fn client_pair(id: &str, secret: &str) -> Zeroizing<String> {
    let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair = Zeroizing::new(format!("{}:{}", encode(id), encode(secret)));
    Zeroizing::new(STANDARD.encode(pair.as_bytes()))
}

#[cfg(test)]
mod tests {
    use crate::Secret;
    use crate::secret::Redactor;

    #[tokio::test]
    async fn g69_a_credential_is_hidden_in_each_form_that_it_is_sent_in() {
        for (given, sent) in [
            ("Bearer eyJhbGciOiJ9.canary", "eyJhbGciOiJ9.canary"),
            ("Token token canary-0123456", "canary-0123456"),
            ("the client:the canary/0123", "dGhlK2NsaWVudDp0aGUrY2FuYXJ5JTJGMDEyMw=="),
        ] {
            let redactor = Redactor::default();
            redactor.reveal(&Secret::new(given).unwrap()).await.unwrap();
            let clean = redactor.text(&format!("it was {sent}!")).into_owned();
            assert_eq!(clean.trim_matches('='), "it was [redacted]!", "{given}");
        }
    }
}
