//! Programs in real isolates: what they see, what they leave, and what stops them.
//!
//! Most of it is data: `cases/isolate/*.js` with the `.expected` next to each. `UPDATE_EXPECT=1 cargo test -p
//! codemode-isolate` writes the expectations anew.

#![allow(missing_docs, unreachable_pub)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod border;
mod cases;
mod drive;
mod limits;
mod residue;
mod steps;
