//! From the text a model submits to JavaScript an isolate can run.
//!
//! A submitted program is TypeScript in one of several shapes: a body with top-level `await` and `return`, a bare
//! function, a module with `export default`, any of them inside a Markdown fence. [`compile`] turns it into one
//! strict-mode expression, an async function of one parameter, and lists the tool calls it can see on the way. What it
//! cannot accept comes back as a [`Rejection`] that points at the submitted text.
//!
//! ```
//! use codemode_program::{Limits, Shape, compile};
//!
//! let program = compile("const n: number = 2;\nawait orders.list({ page: n })", &Limits::default())?;
//! assert_eq!(program.shape(), Shape::Body);
//! assert_eq!(program.calls()[0].path, "orders.list");
//! # Ok::<(), codemode_program::Rejection>(())
//! ```
//!
//! The text is untrusted. The parser and every pass after it recurse on the native stack, so [`compile`] first bounds
//! how deep they can get with a linear scan ([`Limits::nesting`], [`Limits::levels`]) and then gives them a stack of that
//! size. Nothing in a text can abort the process.
//!
//! This crate runs no program, reads no file and no clock, and knows no catalog.

mod build;
mod calls;
mod compile;
mod diagnostics;
mod exports;
mod fence;
mod frame;
mod globals;
mod landmarks;
mod limits;
mod map;
#[cfg(test)]
mod measure;
mod position;
mod program;
mod refuse;
mod rejection;
mod scan;
mod stack;
mod wrap;

pub use calls::{StaticCall, Via};
pub use compile::compile;
pub use frame::frame;
pub use limits::Limits;
pub use position::Position;
pub use program::{Program, Shape};
pub use rejection::{Rejection, RejectionKind};
