//! HTTP APIs that an OpenAPI document describes.
//!
//! `read` makes an [`api::Api`] of a document, `request` a request of a call's arguments, `answer` a result of a
//! response. Nothing but `http` below this crate's root speaks to the network.

mod answer;
mod api;
mod bytes;
mod cache;
mod connector;
mod cut;
mod exchange;
#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;
mod load;
mod oauth;
mod read;
mod request;
mod security;
mod select;
mod source;

pub use connector::OpenApi;
pub use select::Select;
pub use source::Source;
