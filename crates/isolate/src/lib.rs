//! One program in one fresh WebAssembly instance.
//!
//! An [`Isolate`] is driven from outside: [`Isolate::start`] and [`Isolate::resume`] run the program until it
//! waits or ends and return a [`Step`], which lists the host calls to make. Whoever drives it makes them, and
//! hands their [`Completion`]s to the next `resume`, in any order and as many at a time as there are. The isolate
//! itself performs no input or output, reads no clock, and knows neither tools nor protocols.
//!
//! # What holds
//!
//! * Everything the guest sends is untrusted until `border` has decoded it; a request that cannot have come from
//!   our own guest ends the run with [`Kind::Protocol`] and nothing of it is used.
//! * Completions settle one at a time in the order given, and all of the program's jobs run after each: how they
//!   were batched is not observable.
//! * The same program, input, seed, clock values and completions give the same steps, to the byte.
//! * An instance serves one run and is dropped after it; the memory it leaves is not readable by the next one.

mod border;
mod end;
mod engine;
mod isolate;
mod json;
mod limits;
mod meter;
mod names;
mod step;
mod sync;

pub use end::{End, Ended, Failure, Frame, Kind, Usage};
pub use engine::{Engine, Error, PoolSize};
pub use isolate::{Isolate, Start};
pub use json::Json;
pub use limits::{InvalidLimit, Limits};
pub use meter::{Interrupt, Meter, Unmetered};
pub use names::Names;
pub use step::{CallId, Completion, HostCall, Print, Rejection, Request, Step, Stream};
