//! Sessions in `cases/cli`: commands and everything they write. `TRYCMD=overwrite` writes them anew; the milliseconds and
//! run ids in them must then be replaced by `[..]` again.

#[path = "../session/mod.rs"]
mod session;

#[test]
fn transcripts() {
    let home = tempfile::tempdir().unwrap();
    session::cases(&home).case("../../cases/cli/*.trycmd").case("../../cases/cli/*.toml");
}
