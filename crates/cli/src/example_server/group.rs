//! The groups of tools, each a server of its own when it is the only one named.

use std::fmt;
use std::str::FromStr;

use rmcp::model::{JsonObject, Tool, ToolAnnotations};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::reply::Reply;
use super::{customers, orders, trouble, weather};

/// A group of tools, by the name it has on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Group {
    /// `get-weather` and `calculate`.
    Weather,
    /// `list`: ten thousand orders.
    Orders,
    /// `batchGet`: their customers.
    Customers,
    /// `slow`, `fail`, `big` and `crash`: what goes wrong with servers.
    Trouble,
}

impl Group {
    /// All of them, in the order their tools are listed.
    pub(crate) const ALL: [Self; 4] = [Self::Weather, Self::Orders, Self::Customers, Self::Trouble];

    /// The name on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Weather => "weather",
            Self::Orders => "orders",
            Self::Customers => "customers",
            Self::Trouble => "trouble",
        }
    }

    pub(super) fn tools(self) -> Vec<Tool> {
        match self {
            Self::Weather => weather::tools(),
            Self::Orders => orders::tools(),
            Self::Customers => customers::tools(),
            Self::Trouble => trouble::tools(),
        }
    }

    /// Calls a tool of this group; `None` where it has none of this name.
    pub(super) async fn call(
        self,
        tool: &str,
        arguments: &JsonObject,
        cancelled: &CancellationToken,
    ) -> Option<Reply> {
        match self {
            Self::Weather => weather::call(tool, arguments),
            Self::Orders => orders::call(tool, arguments),
            Self::Customers => customers::call(tool, arguments),
            Self::Trouble => trouble::call(tool, arguments, cancelled).await,
        }
    }
}

impl FromStr for Group {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|group| group.name() == name).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            format!("there is no group {name:?} of example tools; there are: {names}")
        })
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A tool that reads and changes nothing, with the schemas of its argument and result.
pub(super) fn reader(name: &'static str, description: &'static str, input: Value, output: Value) -> Tool {
    let annotations =
        ToolAnnotations::new().read_only(true).destructive(false).idempotent(true).open_world(false);
    let mut tool = Tool::new(name, description, object(input)).with_annotations(annotations);
    tool.output_schema = Some(std::sync::Arc::new(object(output)));
    tool
}

pub(super) fn object(value: Value) -> JsonObject {
    match value {
        Value::Object(object) => object,
        _ => JsonObject::new(),
    }
}
