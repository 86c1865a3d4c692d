//! Standard output of `codemode serve` carries messages of the protocol and nothing else, whatever an upstream prints.

use super::served::Served;

/// An example server whose output goes through `filter`, a shell's text.
fn upstream(filter: &str) -> String {
    let server = format!("'{}' example-server weather trouble", env!("CARGO_BIN_EXE_codemode"));
    let script = filter.replace("SERVER", &server);
    // The command is split as a shell would split it: everything that is quoted here is one word.
    format!("noisy=sh -c {}", shell_quoted(&script))
}

fn shell_quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Whether the upstream is as useful as if it had printed nothing else.
fn works(filter: &str) {
    let upstream = upstream(filter);
    let mut served = Served::new(&["--mcp", &upstream]);
    let answer = served.execute("return await noisy.calculate({ expression: '6 * 7' })");
    assert_eq!(answer["result"]["result"], 42, "{answer}");
    served.leave();
}

#[test]
fn g14_lines_that_are_no_messages() {
    works(
        "echo 'listening on port 8080'; echo; echo '{}'; echo '[1, 2'; printf '\\377\\376\\n'; exec SERVER",
    );
}

#[test]
fn g14_lines_between_messages() {
    works("SERVER | while read -r line; do echo \"$line\"; echo 'a line of the log'; done");
}

#[test]
fn g14_messages_that_answer_nothing() {
    let forged = r#"{"jsonrpc":"2.0","id":4711,"result":{"forged":true}}"#;
    let unknown = r#"{"jsonrpc":"2.0","method":"notifications/forged","params":{}}"#;
    works(&format!(
        "SERVER | while read -r line; do echo \"$line\"; echo '{forged}'; echo '{unknown}'; done"
    ));
}

#[test]
fn g14_a_line_of_a_hundred_megabytes() {
    works("head -c 100000000 /dev/zero | tr '\\0' x; echo; exec SERVER");
}

#[test]
fn g14_half_a_line() {
    let upstream = upstream("printf '{\"jsonrpc\":'; exec SERVER");
    // The first message is spoilt, so the server never answers the handshake; ours answers all the same.
    let mut served = Served::new(&["--mcp", &upstream]);
    let answer = served.execute("return 1 + 1");
    assert_eq!(answer["result"], 2, "{answer}");
    served.leave();
}

#[test]
fn g14_an_upstream_that_ends_in_the_middle_of_a_message() {
    let upstream = upstream("printf '{\"jsonrpc\":\"2.0\",'");
    let mut served = Served::new(&["--mcp", &upstream]);
    let answer = served.execute("return await noisy.calculate({}).catch(() => 'failed')");
    assert_eq!(answer["result"], "failed", "{answer}");
    served.leave();
}
