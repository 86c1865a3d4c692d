//! What README shows of the command, in the order in which it shows it. A process of its own: its commands are those of
//! somebody who stands in the folder of the project.

#![allow(clippy::unwrap_used)]

#[path = "../session/mod.rs"]
mod session;

#[test]
fn readme() {
    std::env::set_current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).unwrap();
    let home = tempfile::tempdir().unwrap();
    session::cases(&home).case("README.md");
}
