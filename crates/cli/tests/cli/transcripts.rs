//! Sessions in `cases/cli`: commands and everything they write. `TRYCMD=overwrite` writes them anew; the milliseconds and
//! run ids in them must then be replaced by `[..]` again.

#[test]
fn transcripts() {
    let state = tempfile::tempdir().unwrap();
    let cases = trycmd::TestCases::new();
    let state = state.path().to_str().unwrap();
    cases.env("COLUMNS", "100").env("CODEMODE_STATE", state).env("CODEMODE_CACHE", state);
    cases.case("../../cases/cli/*.trycmd").case("../../cases/cli/*.toml");
}
