//! A tool that has changed waits to be accepted.

use super::codemode;

#[test]
fn g50_a_tool_that_has_changed_is_shown_and_accepted() {
    let state = tempfile::tempdir().unwrap();
    let program = state.path().join("program.ts");
    std::fs::write(&program, "return (await orders.list({ limit: 3 })).length").unwrap();
    let run = |arguments: &[&str]| {
        let output = codemode(arguments).env("CODEMODE_STATE", state.path()).output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(text).unwrap())
    };
    let file = program.to_str().unwrap();
    let works = || {
        let (code, said) = run(&["run", "--demo", file]);
        assert!(code == Some(0) && said.starts_with("3\n"), "{said}");
    };
    works();

    // As if it had said something else of itself then.
    let files = std::fs::read_dir(state.path().join("pins")).unwrap().map(|file| file.unwrap().path());
    let mut files = files.filter(|file| file.file_name().unwrap().to_str().unwrap().starts_with("orders."));
    let pins = files.next().unwrap();
    let mut pinned: serde_json::Value = serde_json::from_slice(&std::fs::read(&pins).unwrap()).unwrap();
    pinned["tools"]["list"]["accepted"]["description"] =
        serde_json::json!({ "sha256": "0", "text": "Lists\u{200b} what it pleases" });
    std::fs::write(&pins, pinned.to_string()).unwrap();
    let (code, said) = run(&["run", "--demo", file]);
    assert_eq!(code, Some(5), "{said}");
    assert!(said.contains("the operator has to accept the change first"), "{said}");
    let (_, said) = run(&["trust"]);
    assert!(said.contains("orders.list has changed and waits: `codemode trust orders.list`"), "{said}");
    let (_, said) = run(&["list", "--demo"]);
    assert!(said.contains("note: orders.list is withheld"), "{said}");
    let (_, said) = run(&["policy", "explain", "orders.list", "--demo"]);
    assert!(said.contains("quarantined: "), "{said}");
    let (_, said) = run(&["describe", "orders.list", "--demo"]);
    assert!(said.contains("note: it is not called before you accept"), "{said}");
    let (code, said) = run(&["trust", "customers"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("customers is no file, and no tool of that name has changed"), "{said}");
    // Nobody is there to be asked.
    let (code, said) = run(&["trust", "orders.l*"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains("orders.list\n  description:\n    - Lists\\u{200b} what it pleases\n    + "),
        "{said}"
    );
    let (code, said) = run(&["trust", "orders.l*", "--yes"]);
    assert!(code == Some(0) && said.ends_with("orders.list is trusted\n"), "{said}");
    works();
}
