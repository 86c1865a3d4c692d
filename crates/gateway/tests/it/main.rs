//! The gateway as clients see it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod asking;
mod changes;
mod network;
mod progress;
mod raw;
mod relay;
mod running;
mod stdio;
mod streams;
mod surface;
mod tasks;
mod upstream;
mod wire;
