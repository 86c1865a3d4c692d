//! Documents of our own (`cases/openapi`), published ones beside the workspace, and hostile ones.

mod cases;
mod compiled;
#[path = "../../../../catalog/tests/declare/compiler.rs"]
mod compiler;
mod hostile;
mod mutated;
mod published;
