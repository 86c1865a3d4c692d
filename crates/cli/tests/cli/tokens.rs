//! Tokens, as an operator makes and revokes them.

use std::process::Command;

use super::codemode;

fn token(state: &std::path::Path, arguments: &[&str]) -> (bool, String, String) {
    let mut command: Command = codemode(&[&["token"], arguments].concat());
    let output = command.env("CODEMODE_STATE", state).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.success(), text(output.stdout), text(output.stderr))
}

#[test]
fn a_token_is_shown_once_and_kept_as_its_hash() {
    let state = tempfile::tempdir().unwrap();
    let (ok, secret, said) =
        token(state.path(), &["create", "laptop", "--principal", "alice", "--expires", "30d"]);
    assert!(ok && said.contains("are then alice, for 30 days"), "{said}");
    let secret = secret.trim();
    assert!(secret.starts_with("cm_") && secret.len() == 67, "{secret}");
    let file = state.path().join("tokens.json");
    let kept = std::fs::read_to_string(&file).unwrap();
    assert!(kept.contains("laptop") && !kept.contains(&secret[3..]), "{kept}");
    #[cfg(unix)]
    assert_eq!(std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(&file).unwrap()) & 0o777, 0o600);
    let (ok, listed, _) = token(state.path(), &["list"]);
    assert!(ok && listed.starts_with("laptop  for alice  made "), "{listed}");
    let (ok, _, said) = token(state.path(), &["create", "laptop"]);
    assert!(!ok && said.contains("revoke it first"), "{said}");
    let (ok, _, said) = token(state.path(), &["create", "a b"]);
    assert!(!ok && said.contains("is no name"), "{said}");
    assert!(token(state.path(), &["revoke", "laptop"]).0);
    let (ok, _, said) = token(state.path(), &["revoke", "laptop"]);
    assert!(!ok && said.contains("there is no token \"laptop\""), "{said}");
    assert_eq!(token(state.path(), &["list"]).1, "");
}
