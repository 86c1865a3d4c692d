//! Types that one command observed are there for the next.

use super::codemode;

fn run(state: &std::path::Path, arguments: &[&str]) -> String {
    let output = codemode(arguments).env("CODEMODE_STATE", state).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_result_type_is_declared_once_it_was_observed() {
    let state = tempfile::tempdir().unwrap();
    let program = state.path().join("program.ts");
    std::fs::write(&program, "return (await orders.list({ limit: 3 })).length").unwrap();
    let describe = || run(state.path(), &["describe", "--demo", "orders.list"]);
    assert!(describe().contains("Promise<unknown>"), "{}", describe());
    assert_eq!(run(state.path(), &["run", "--demo", program.to_str().unwrap()]), "3\n");
    let described = describe();
    assert!(described.contains("observed in earlier calls"), "{described}");
    assert!(described.contains("total: number}[]>"), "{described}");
}
