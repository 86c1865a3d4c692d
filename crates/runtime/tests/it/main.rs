//! Whole runs: TypeScript as a model writes it, tools, and what comes back.
//!
//! Most of it is data: `cases/runtime/*.ts` with the `.expected` next to each. `UPDATE_EXPECT=1 cargo test -p codemode`
//! writes the expectations anew.

#![allow(missing_docs, unreachable_pub)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod amounting;
mod attacks;
mod broken;
mod bytes;
mod calls;
mod cases;
mod changing;
mod docs;
mod going_on;
mod load;
mod output;
mod pins;
mod policy;
mod relay;
mod replace;
mod stop;
mod surface;
mod truncation;
mod upstream;
mod views;
