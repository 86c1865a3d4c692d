//! Sessions in `cases/cli`: commands and everything they write. `TRYCMD=overwrite` writes them anew; the milliseconds and
//! run ids in them must then be replaced by `[..]` again.

#[test]
fn transcripts() {
    let cases = trycmd::TestCases::new();
    cases.env("COLUMNS", "100").case("../../cases/cli/*.trycmd").case("../../cases/cli/*.toml");
}
