//! From JSON Schema to TypeScript: what a model reads before it calls a tool.
//!
//! [`Declarations`] reads the schemas of one connector's tools once and writes any of them at three levels of
//! [`Detail`]. [`learn`] makes a schema of results that were seen, for tools that declare none. Both are pure.
//!
//! The way of a schema: [`read`] turns it into types of an [`arena`], where each distinct type is there once;
//! [`cycles`] cuts aliases that lead straight back to themselves; [`same`] finds the named types that are one, and
//! [`name`] names them; [`print`] writes.

mod arena;
mod combine;
mod comment;
mod connector;
mod cycles;
mod detail;
mod learn;
mod limits;
mod name;
mod plain;
mod print;
mod quote;
mod read;
mod same;
mod scope;
mod shared;
mod warning;

pub use connector::{Declarations, Declared};
pub use detail::Detail;
pub use learn::learn;
pub use limits::MAX_TYPE_CHARS;
pub use warning::{Flaw, Unclear};
