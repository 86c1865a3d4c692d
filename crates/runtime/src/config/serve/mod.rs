//! `[serve]`: how what is configured is served to others over HTTP.
//!
//! [`ServeTable`] is what a file says, [`Serve`] what follows from it. Who serves is the user, so a folder's file has no say
//! in it: its `[serve]` is not used, and there is a note of that.

mod bind;
mod checked;
mod limits;
mod principal;
mod table;

pub use bind::{Bind, BindError};
pub use checked::{Jwt, Serve, ServeError};
pub use limits::ServeLimits;
pub use principal::Grant;
pub use table::{AuthMode, AuthTable, PrincipalLimitsTable, PrincipalTable, ServeLimitsTable, ServeTable};
