//! Secrets by reference.

use super::*;

/// What a reference or a template leads to.
async fn led(secret: Result<Secret, SecretError>) -> Result<String, SecretError> {
    Ok(Redactor::default().reveal(&secret?).await?.expose().to_owned())
}

async fn reference(text: &str) -> Result<String, SecretError> {
    led(Secret::reference(text)).await
}

#[tokio::test]
async fn bounds() {
    assert_eq!(
        Secret::new("  eleven byte\n").unwrap_err(),
        SecretError::TooShort { observed: 11, limit: 12 }
    );
    assert_eq!(led(Secret::new(" twelve bytes\n")).await.unwrap(), "twelve bytes");
    assert_eq!(Secret::new("two lines\r\nHost: evil").unwrap_err(), SecretError::Control);
    assert!(matches!(Secret::new("x".repeat(MAX_BYTES + 1)).unwrap_err(), SecretError::TooLong { .. }));
}

#[test]
fn what_is_no_reference_is_refused_at_once_and_never_repeated() {
    for wrong in [
        "sk_live_0123456789",
        "${env:}",
        "${env:A=B}",
        "${env:1A}",
        "${env:A",
        "${file:}",
        "${keyring: }",
        "${command:}",
        "${command:'0123456789}",
        "${vault:0123456789}",
        "${sk_live_0123456789}",
        "Bearer ${env:HOME}",
        "$HOME_OF_ME",
        "$${env:HOME}",
        "",
    ] {
        let error = Secret::reference(wrong).unwrap_err();
        assert_eq!(error, SecretError::NoReference, "{wrong}");
        assert!(!error.to_string().contains("0123456789"));
    }
    assert_eq!(Secret::template("no reference").unwrap_err(), SecretError::NoReference);
}

#[tokio::test]
async fn variables() {
    assert_eq!(reference(" ${env:CARGO_MANIFEST_DIR} ").await.unwrap(), env!("CARGO_MANIFEST_DIR"));
    let missing = reference("${env:CODEMODE_NO_SUCH_VARIABLE}").await.unwrap_err();
    assert!(missing.to_string().contains("CODEMODE_NO_SUCH_VARIABLE is not set"), "{missing}");
}

#[tokio::test]
async fn files() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| format!("${{file:{}}}", folder.path().join(name).display());
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
    write("key", b"canary-0123456789\r\n");
    write("longest", &[b'x'; MAX_BYTES]);
    write("long", &[b'x'; MAX_BYTES + 10]);
    write("short", b"hunter2\n");
    write("bytes", b"\xff\xfe canary-0123456789");
    assert_eq!(reference(&at("key")).await.unwrap(), "canary-0123456789");
    assert_eq!(reference(&at("longest")).await.unwrap().len(), MAX_BYTES);
    assert_eq!(reference(&at("short")).await, Err(SecretError::TooShort { observed: 7, limit: 12 }));
    for (name, why) in [
        ("long", "more than the 16384 bytes"),
        ("bytes", "not UTF-8"),
        ("missing", "No such file"),
        ("", "not a regular file"),
    ] {
        let error = reference(&at(name)).await.unwrap_err().to_string();
        assert!(error.contains(why) && !error.contains("canary"), "{name}: {error}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn commands() {
    assert_eq!(
        reference("${command:printf 'canary-%s\\nnotes' '{0123456789}'}").await.unwrap(),
        "canary-{0123456789}"
    );
    // The environment is a small one; nothing that a shell would do is done.
    assert_eq!(
        reference("${command:echo $HOME && echo \"0123456789\"}").await.unwrap(),
        "$HOME && echo 0123456789"
    );
    let seen =
        reference("${command:sh -c 'echo \"canary ${CARGO_MANIFEST_DIR-is not} there\"'}").await.unwrap();
    assert_eq!(seen, "canary is not there");
    for (command, why) in [
        (
            "sh -c 'echo locked >&2; echo canary-0123456789; exit 3'",
            "failed (exit status: 3); it said:\nlocked",
        ),
        ("no-such-program-anywhere canary-0123456789", "did not run"),
        ("printf '\\377canary-0123456789'", "not UTF-8"),
    ] {
        let error = reference(&format!("${{command:{command}}}")).await.unwrap_err().to_string();
        assert!(error.contains(why) && !error.contains("canary"), "{command}: {error}");
    }
    assert_eq!(reference("${command:true}").await, Err(SecretError::TooShort { observed: 0, limit: 12 }));
    let long = reference("${command:head -c 200000 /dev/zero}").await;
    assert!(matches!(long, Err(SecretError::TooLong { .. })), "{long:?}");
}

#[cfg(not(feature = "keyring"))]
#[tokio::test]
async fn without_the_feature_there_is_no_keyring() {
    let error = reference("${keyring:github}").await.unwrap_err().to_string();
    assert!(error.contains("github") && error.contains("without the feature `keyring`"), "{error}");
}

#[tokio::test]
async fn what_was_read_is_kept_and_a_failure_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    let secret = Secret::reference(&format!("${{file:{}}}", file.display())).unwrap();
    assert!(secret.resolve().await.is_err());
    std::fs::write(&file, "canary-0123456789").unwrap();
    secret.clone().resolve().await.unwrap();
    std::fs::remove_file(&file).unwrap();
    assert_eq!(led(Ok(secret.clone())).await.unwrap(), "canary-0123456789");
    assert_eq!(format!("{secret:?}{:?}", secret.known().await), "[redacted]Ok([redacted])");
}

#[tokio::test]
async fn g69_a_template_is_hidden_whole_and_in_parts() {
    let folder = env!("CARGO_MANIFEST_DIR");
    let secret = Secret::template("$${x} $5 Bearer ${env:CARGO_MANIFEST_DIR}").unwrap();
    let redactor = Redactor::default();
    let revealed = redactor.reveal(&secret).await.unwrap();
    assert_eq!(revealed.expose(), format!("${{x}} $5 Bearer {folder}"));
    assert_eq!(redactor.text(&format!("<{}>", revealed.expose())), "<[redacted]>");
    assert_eq!(redactor.text(&format!("key {folder}.")), "key [redacted].");
}

#[tokio::test]
async fn what_a_configuration_gives_is_text_or_a_secret() {
    let given = |name: &str, text: &str| Given::parse(name, text).unwrap();
    assert!(
        matches!(given("NODE_ENV", "production-$${like}"), Given::Plain(text) if text == "production-${like}")
    );
    assert!(matches!(given("TOKEN", "0123456789ab"), Given::Secret(_)));
    assert!(matches!(given("TOKEN", "short"), Given::Plain(_)));
    assert!(matches!(given("TOKEN", "two\nlines, and long"), Given::Plain(_)));
    assert!(matches!(given("ANY", "${env:HOME}"), Given::Secret(_)));
    assert_eq!(Given::parse("ANY", "${HOME}").unwrap_err(), SecretError::NoReference);
}

#[tokio::test]
async fn configurations_of_other_clients_are_understood() {
    let imported = |text: &str| match Given::imported("ANY", text) {
        Ok(Given::Secret(secret)) => Ok(secret),
        Ok(Given::Plain(text)) => panic!("{text}"),
        Err(error) => Err(error),
    };
    let home = std::env::var("HOME").unwrap();
    for (text, expected) in [
        ("${CARGO_PKG_NAME}", "codemode-connect"),
        ("${env:CARGO_PKG_NAME}/x", "codemode-connect/x"),
        ("${CODEMODE_NO_SUCH_VARIABLE:-8080}", "8080"),
        ("${CODEMODE_NO_SUCH_VARIABLE:-}", ""),
        ("${CARGO_PKG_NAME:-8080}", "codemode-connect"),
        ("${userHome}/x", &format!("{home}/x")),
    ] {
        assert_eq!(led(imported(text)).await.unwrap(), expected, "{text}");
    }
    // A folder is no secret.
    let redactor = Redactor::default();
    redactor.hide(&imported("${CARGO_MANIFEST_DIR}/x").unwrap()).await.unwrap();
    assert_eq!(redactor.text(env!("CARGO_MANIFEST_DIR")), env!("CARGO_MANIFEST_DIR"));
    for foreign in ["${input:key}", "${command:extension.commandId}", "${workspaceFolder}/x"] {
        let error = imported(foreign).unwrap_err();
        assert!(matches!(error, SecretError::Foreign { .. }), "{foreign}: {error}");
    }
    assert_eq!(
        led(imported("${CODEMODE_NO_SUCH_VARIABLE}")).await.unwrap_err().to_string(),
        "the environment variable CODEMODE_NO_SUCH_VARIABLE is not set; it is to hold a secret"
    );
}
