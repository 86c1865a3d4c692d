//! What search promises, as data in `cases/search`, and how well it does on labelled sets.

#![allow(clippy::unwrap_used, reason = "a broken case file is a failed test")]
#![allow(
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "test data is as it is; a skipped test says so"
)]
#![allow(unreachable_pub, dead_code, reason = "the sets are shared with the benchmark")]

mod promises;
mod quality;
mod sets;
