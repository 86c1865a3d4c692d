//! The gateway as clients see it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod asking;
mod canary;
mod changes;
mod issuer;
mod jwt;
mod limits;
mod network;
mod progress;
mod raw;
mod relay;
mod running;
mod stdio;
mod streams;
mod surface;
mod tasks;
mod tokens;
mod upstream;
mod wire;
