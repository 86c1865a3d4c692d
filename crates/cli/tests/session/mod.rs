//! Where transcripts are played.

/// In a home of their own, in which no configuration is.
pub(crate) fn cases(home: &tempfile::TempDir) -> trycmd::TestCases {
    let cases = trycmd::TestCases::new();
    let home = home.path().to_str().unwrap();
    let state = format!("{home}/state");
    cases.env("COLUMNS", "100").env("CODEMODE_STATE", &state).env("CODEMODE_CACHE", &state);
    cases.env("HOME", home).env("XDG_CONFIG_HOME", home).env("APPDATA", home).env("CODEMODE_CONFIG", "");
    // So that a configuration can start the command itself.
    let here = std::path::Path::new(env!("CARGO_BIN_EXE_codemode")).parent().unwrap().to_owned();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(std::iter::once(here).chain(std::env::split_paths(&path))).unwrap();
    cases.env("PATH", path.to_str().unwrap());
    cases
}
