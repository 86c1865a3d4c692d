//! Run TypeScript programs that call tools, each in a fresh WebAssembly isolate.
//!
//! A [`Runtime`] holds tools: functions of your own, MCP servers. [`Runtime::run`] takes a program as a model writes
//! it and gives back what came of it: the one result, what was printed, which tools were called and how that went.
//!
//! ```
//! use codemode::{RunOptions, Runtime};
//! use serde_json::{Value, json};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! let city = json!({ "type": "object", "properties": { "city": { "type": "string" } }, "required": ["city"] });
//! let expression =
//!     json!({ "type": "object", "properties": { "expression": { "type": "string" } }, "required": ["expression"] });
//!
//! let runtime = Runtime::builder()
//!     .tool("get-weather", "Look up the current temperature for a city", city, |input: Value| async move {
//!         Ok::<_, String>(match input["city"].as_str() {
//!             Some("San Francisco") => json!({ "temp_f": 61 }),
//!             Some("Tokyo") => json!({ "temp_f": 75 }),
//!             _ => json!({ "temp_f": null }),
//!         })
//!     })
//!     .tool("calculate", "Evaluate a simple arithmetic expression", expression, |input: Value| async move {
//!         match input["expression"].as_str() {
//!             Some("14 * 5 / 9") => Ok(json!({ "result": 14.0 * 5.0 / 9.0 })),
//!             other => Err(format!("cannot evaluate {other:?}")),
//!         }
//!     })
//!     .build()
//!     .await?;
//!
//! let program = r#"
//!     const [sf, tokyo] = await Promise.all([
//!       callHostTool("get-weather", { city: "San Francisco" }),
//!       callHostTool("get-weather", { city: "Tokyo" }),
//!     ]);
//!
//!     const diffF = Math.abs(sf.temp_f - tokyo.temp_f);
//!     const diffC = await callHostTool("calculate", { expression: `${diffF} * 5 / 9` });
//!
//!     console.log("chained 3 tool calls in one sandbox execution");
//!
//!     globalThis.__return({
//!       san_francisco: sf,
//!       tokyo: tokyo,
//!       difference: { fahrenheit: diffF, celsius: diffC.result },
//!       warmer: sf.temp_f > tokyo.temp_f ? "San Francisco" : "Tokyo",
//!     });
//! "#;
//!
//! let run = runtime.run(program, RunOptions::default()).await;
//! assert_eq!(run.exit_code(), 0);
//! assert_eq!(run.stdout, "chained 3 tool calls in one sandbox execution\n");
//! assert_eq!(
//!     run.value(),
//!     Some(&json!({
//!         "san_francisco": { "temp_f": 61 },
//!         "tokyo": { "temp_f": 75 },
//!         "difference": { "fahrenheit": 14, "celsius": 7.777777777777778 },
//!         "warmer": "Tokyo",
//!     })),
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What an embedder should know
//!
//! * A run belongs to the tokio runtime that polls it; its timers must be enabled. Short computations run where they
//!   are; a long one yields every few milliseconds. Dropping the future of a run stops it.
//! * The first runtime starts one thread, which does nothing but let limits take effect and sleeps while nothing
//!   computes.
//! * The engine handles memory faults of WebAssembly code with signal handlers that it installs process-wide and that
//!   pass on what is not theirs. Install a crash handler of your own before the first runtime is built.
//! * Address space for a few thousand isolates is reserved at once (see [`PoolSize`]); memory is not.

mod ask;
mod builder;
mod builtins;
mod call;
mod calls;
mod compile;
#[cfg(feature = "config")]
pub mod config;
mod connectors;
mod discover;
mod docs;
mod drive;
mod learned;
mod limits;
mod machine;
mod meter;
mod options;
mod outcome;
mod pins;
mod policy;
mod position;
mod refresh;
mod registry;
mod relay;
mod replace;
mod runs;
mod runtime;
mod state_file;
mod surface;
mod ticker;
mod timers;
mod view;
mod waiting;

/// Files of the state folder, for what else is kept there.
pub mod state {
    pub use crate::state_file::{read, write, write_durably};
}

pub use builder::{Builder, Error};
pub use codemode_catalog::{Annotations, Catalog, Http, Listing, Schema, Tool, Unknown, Warning, visible};
pub use codemode_connect as connect;
pub use codemode_connect::Connector;
pub use codemode_isolate::{Kind, PoolSize, Stream};
pub use codemode_program::{Program, Rejection, StaticCall, Via};
pub use connectors::{ConnectorInfo, ConnectorStatus};
pub use discover::{Description, MAX_RESULTS, Search, SearchDetail, SearchOptions, SearchResult};
pub use docs::{Docs, Passage};
pub use limits::{InvalidLimit, Limits};
pub use machine::Isolates;
pub use options::{Event, RunOptions};
pub use outcome::{Call, CallOutcome, Failure, LeftOut, NoValue, Output, Run, Usage};
pub use pins::{Change, NewTools, PinStore, Quarantined, Why};
pub use policy::{
    Condition, Considered, Explanation, Hints, Policy, Rule, Tested, ToolPolicy, Truth, Verdict,
};
pub use relay::{Changed, Subscription};
pub use runtime::Runtime;
pub use surface::{Answer, Cut, CutKind, Misuse, ModelTool, Shape, SurfaceOptions, Truncation};
pub use tokio_util::sync::CancellationToken;
pub use view::View;

/// The README's Rust code, compiled and run as a test.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
