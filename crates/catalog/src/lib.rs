//! What a program can call: connectors, their tools, and the names a program reaches them by.
//!
//! A [`Catalog`] holds connectors in registration order, each with its [`Tool`]s. A tool keeps its own name where
//! that is a JavaScript identifier and gets a sanitised one otherwise ([`identifier`]); [`Catalog::resolve`] finds
//! a tool by whatever a program wrote, and answers an unknown name with the nearest ones. [`Validator`] checks
//! arguments against a tool's schema and explains a violation to a model. [`Declarations`] say in TypeScript what a
//! connector's tools take and give; [`learn`] finds that out from results where an upstream does not say.
//!
//! The crate does no I/O of any kind: it opens no file, and a schema that refers to the network is not followed.
//!
//! ```
//! use codemode_catalog::{Catalog, Path, Tool};
//!
//! let mut catalog = Catalog::default();
//! catalog.insert("weather", vec![Tool::new("get-weather", "The temperature in a city")])?;
//! assert_eq!(catalog.resolve(&Path::member("weather", "get_weather"))?.tool.name, "get-weather");
//! assert_eq!(catalog.resolve(&Path::name("getWeather"))?.path(), "weather.get_weather");
//! let unknown = catalog.resolve(&Path::member("weather", "get_wether")).unwrap_err();
//! assert_eq!(unknown.nearest, ["weather.get_weather"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod assign;
mod catalog;
mod declare;
mod hidden;
mod identifier;
mod lazy;
mod listing;
mod look_alike;
mod nearest;
mod pattern;
mod pointer;
mod reserved;
mod resolve;
mod schema;
mod search;
mod tool;
mod unknown;
mod validate;
mod violation;

pub use assign::Warning;
pub use catalog::{Catalog, Entry, Error, MAX_CONNECTORS, MAX_TOOLS};
pub use declare::{Declarations, Declared, Detail, Flaw, MAX_TYPE_CHARS, Unclear, learn};
pub use hidden::{Hidden, disclose, visible};
pub use identifier::{MAX_IDENTIFIER_CHARS, identifier};
pub use listing::{Definitions, Listing};
pub use nearest::nearest_name;
pub use pattern::matches;
pub use resolve::{Path, Resolved};
pub use schema::Schema;
pub use search::{Found, Hit, Index, Kind, Query, Ranking};
pub use tool::{Annotations, Http, Tool, single_required};
pub use unknown::{Unknown, UnknownKind};
pub use validate::{MAX_VIOLATIONS, Validator};
pub use violation::Violation;
