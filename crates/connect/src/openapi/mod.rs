//! HTTP APIs that an OpenAPI document describes.
//!
//! `read` makes an [`api::Api`] of a document, `request` a request of a call's arguments, `answer` a result of a
//! response. Nothing but `http` below this crate's root speaks to the network.

#![allow(dead_code)]
mod api;
mod cache;
mod read;
mod request;
