//! HTTP to addresses that may be hostile: what every connector that speaks HTTP sends through.
//!
//! A [`Client`] reaches public addresses and the private ones that its connector allows, follows redirects only within
//! an origin, and reads no more than it was told to. It knows no protocol above HTTP and decides nothing about whether
//! a request may be sent again: a [`Failure`] says whether it may have been executed, and [`retry`] how long to wait.

mod address;
mod body;
mod client;
mod documents;
mod failure;
mod guard;
mod limits;
mod redirect;
mod resolve;
pub(crate) mod retry;
#[cfg(test)]
mod tests;
mod tls;

pub(crate) use client::{Budget, Client, Incoming, Request, Response};
pub use documents::{DocumentError, Documents};
pub(crate) use failure::Failure;
pub(crate) use guard::Guard;
pub use guard::{Private, PrivateError};
pub use limits::HttpLimits;
