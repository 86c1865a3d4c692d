//! The MCP server, in both eras of the protocol: rmcp speaks it, the runtime's surface answers.
//!
//! [`handler`] takes the requests that a [`server`] gets and gives them to whoever answers them: [`surface`] the runtime's own
//! tools, [`relay`] what is passed on of the upstreams, [`unread`] as far as it can. A request that may take long is an
//! [`exchange`]: work, and what comes up in its middle for the [`client`], who is asked ([`asking`]) and told ([`told`]). What
//! outlives a request is in [`shared`]: [`states`] of requests that come again, [`tasks`]. No byte of a client gets here that
//! has not passed the [`edge`].

mod asking;
mod capabilities;
mod changes;
mod client;
pub(crate) mod edge;
mod exchange;
mod handler;
mod in_flight;
mod principal;
mod raised;
mod relay;
mod server;
mod shared;
mod states;
mod subscriptions;
mod surface;
mod tasks;
mod told;
mod unread;

pub(crate) use in_flight::InFlight;
pub(crate) use principal::on_behalf;
pub(crate) use server::Server;
pub(crate) use shared::Shared;
pub(crate) use surface::Listed;
pub(crate) use unread::unread;
