//! OAuth 2.1 for MCP servers, by rmcp's state machine over our guarded client.
//!
//! What is rmcp's here: discovery (RFC 9728, RFC 8414, OpenID Connect), PKCE, registration, the checks of issuers, and the
//! requests for tokens. What is ours: where those requests may go, where credentials are kept and who refreshes them,
//! and that a call never starts a login: it fails, and a person logs in by [`Login`].

mod client;
mod fetch;
mod listener;
mod login;
mod options;
mod record;
mod session;
mod store;

pub use listener::{ListenerError, LoginListener};
pub use login::{Login, LoginError};
pub use options::OAuth;
pub(super) use record::Token;
pub(super) use session::Session;
