//! Sessions in `cases/cli`: commands and everything they write. `TRYCMD=overwrite` writes them anew; the milliseconds and
//! run ids in them must then be replaced by `[..]` again.

#[test]
fn transcripts() {
    let state = tempfile::tempdir().unwrap();
    let cases = trycmd::TestCases::new();
    let state = state.path().to_str().unwrap();
    cases.env("COLUMNS", "100").env("CODEMODE_STATE", state).env("CODEMODE_CACHE", state);
    // A home of its own, in which no configuration is.
    let home = tempfile::tempdir().unwrap();
    let home = home.path().to_str().unwrap();
    cases.env("HOME", home).env("XDG_CONFIG_HOME", home).env("APPDATA", home).env("CODEMODE_CONFIG", "");
    cases.case("../../cases/cli/*.trycmd").case("../../cases/cli/*.toml");
}
