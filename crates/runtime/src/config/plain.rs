//! Secrets that stand in plain text where no key says so: in arguments and in URLs.

use codemode_connect::Given;

use super::text::sounds_secret;

/// How the tokens of well-known services begin.
const STARTS: [&str; 13] = [
    "sk-",
    "sk_",
    "ghp_",
    "gho_",
    "ghs_",
    "ghu_",
    "github_pat_",
    "glpat-",
    "xoxb-",
    "xoxp-",
    "AKIA",
    "AIza",
    "eyJ",
];

/// How many names may stand before a value, as in `--env=TOKEN=…`. More are no longer names.
const NAMES: usize = 4;

/// The secret in `word`, which comes after `before` on a command line.
pub(super) fn in_argument<'w>(before: Option<&str>, word: &'w str) -> Option<&'w str> {
    let flag = before.filter(|before| before.starts_with('-') && !before.contains('='));
    match flag {
        Some(flag) if !word.starts_with('-') && is_named(flag, word) => Some(word),
        _ => in_text(word),
    }
}

/// The secret in a text: `NAME=…`, `Name: …`, a URL, or what is one by its form.
pub(super) fn in_text(text: &str) -> Option<&str> {
    let mut rest = text;
    for _ in 0..NAMES {
        if rest.contains("://") {
            return in_url(rest);
        }
        let Some((name, value)) = rest.split_once(['=', ':']) else { break };
        let value = value.trim_start();
        if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-') {
            break;
        }
        if is_named(name, value) {
            let bare = ["Bearer ", "Basic "].iter().find_map(|scheme| value.strip_prefix(scheme));
            return Some(bare.unwrap_or(value));
        }
        rest = value;
    }
    rest.split_whitespace().find(|word| looks_secret(word))
}

/// The first secret in a URL: a password, or a part of the query.
fn in_url(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let password =
        host.rsplit_once('@').and_then(|(user, _)| user.split_once(':')).map(|(_, password)| password);
    if let Some(password) = password.filter(|password| !password.is_empty()) {
        return Some(password);
    }
    let (_, query) = rest.split_once('?')?;
    query.split(['&', '#']).find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        (is_named(name, value) || looks_secret(value)).then_some(value)
    })
}

/// Whether the name says that the value is a secret, and the value can be one.
fn is_named(name: &str, value: &str) -> bool {
    sounds_secret(name) && is_secret(name, value)
}

/// Whether the value of a variable or parameter is a secret, by its name or form.
pub(super) fn is_secret(name: &str, value: &str) -> bool {
    matches!(Given::parse(name, &value.replace("${", "$${")), Ok(Given::Secret(_)))
}

/// Whether a word is a secret by its form alone: stricter than where secrets are expected, since names of packages and
/// models stand here too.
fn looks_secret(word: &str) -> bool {
    /// The least bytes of a run of letters and digits that nobody would choose as a name.
    const RUN: usize = 20;
    let is_known = word.len() >= RUN && STARTS.iter().any(|start| word.starts_with(start));
    // Digits of base 16 alone are a hash, as in a pinned image.
    let is_random = |run: &str| {
        run.len() >= RUN
            && run.bytes().filter(u8::is_ascii_digit).count() >= 3
            && run.bytes().any(|byte| byte.is_ascii_alphabetic() && !byte.is_ascii_hexdigit())
    };
    let is_path = word.contains(['/', '\\', '@']);
    is_known || (!is_path && word.split(|c: char| !c.is_ascii_alphanumeric()).any(is_random))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_found_where_they_stand() {
        for (before, word, secret) in [
            (Some("--api-key"), "correct-horse-battery", "correct-horse-battery"),
            (Some("-y"), "--api-key=correct-horse-battery", "correct-horse-battery"),
            (Some("-e"), "TOKEN=correct-horse-battery", "correct-horse-battery"),
            (Some("--header"), "Authorization: Bearer correct-horse-battery", "correct-horse-battery"),
            (None, "sk-proj-abcdefghijklmnop", "sk-proj-abcdefghijklmnop"),
            (None, "a1b2c3d4e5f6g7h8i9j0k1", "a1b2c3d4e5f6g7h8i9j0k1"),
            (None, "https://a.example/mcp?x=1&api_key=correct-horse#f", "correct-horse"),
            (None, "postgres://me:hunter2@db.example/app", "hunter2"),
        ] {
            assert_eq!(in_argument(before, word), Some(secret), "{word}");
        }
        for (before, word) in [
            (Some("-y"), "@modelcontextprotocol/server-filesystem@2025.7.1"),
            (Some("--token-file"), "/run/secrets/some-token-file"),
            (Some("--key"), "short"),
            (Some("--key"), "--verbose-and-more-of-it"),
            (Some("--header"), "Accept: application/json"),
            (None, "https://a.example/mcp?page=2"),
            (None, "image@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"),
            (None, "550e8400-e29b-41d4-a716-446655440000"),
            (None, "claude-sonnet-4-20250514"),
        ] {
            assert_eq!(in_argument(before, word), None, "{word}");
        }
    }
}
