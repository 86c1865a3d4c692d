//! MCP servers as connectors, through `rmcp`.
//!
//! What is rmcp's here: the handshake of both eras, request ids, matching answers to requests, the wire form of what is
//! sent. What is ours: the process, the framing with its bounds, and the decoding of results, which is tolerant where
//! rmcp's is typed — one malformed tool must not cost a server all its others.

mod about;
mod ask;
mod auth;
mod backoff;
mod changed;
mod command;
mod connection;
mod connector;
mod content;
mod decode;
mod failure;
mod group;
mod handshake;
mod http;
mod inbound;
mod input;
mod limits;
mod lines;
mod list;
mod listen;
mod memory;
mod ongoing;
mod options;
mod pages;
mod patience;
mod process;
mod relay;
mod ring;
mod rounds;
mod skim;
mod stdio;
mod watchdog;
mod who;

pub use auth::{ListenerError, Login, LoginError, LoginListener, OAuth};
pub use command::Command;
pub use connector::Mcp;
pub use handshake::Era;
pub use http::{EndpointError, HeaderError};
pub use limits::Limits;
