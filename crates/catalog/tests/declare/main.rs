//! Declarations: what is written for schemas of every kind, and that the TypeScript compiler takes it.
//!
//! `cases/declare` holds one connector a folder: `connector.json` with its tools, its definitions and programs that
//! must or must not compile, and beside it what is written. `UPDATE_EXPECT=1` writes the latter anew.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a broken case file is a failed test")]
#![allow(clippy::print_stderr, reason = "what was skipped is said aloud, and what was compiled is counted")]

mod arbitrary;
mod cases;
mod compiler;
mod hostile;
mod learned;
