//! `codemode.resources` and `codemode.prompts`: calls of a connector that mean no tool. They pass the policy and are
//! recorded as calls of `connector.resources.read` and its like.

use codemode_catalog::Unknown;
use codemode_connect::Query;
use codemode_isolate::{Kind, Rejection};
use serde_json::{Map, Value, json};

/// A question to a connector, as a program asked it.
#[derive(Debug)]
pub(crate) struct Asked {
    /// The connector as written.
    pub(crate) connector: String,
    /// What policy and the record of calls know it by: `resources.list`, `prompts.get`, …
    pub(crate) function: &'static str,
    pub(crate) query: Query,
}

/// The functions, by their names without `codemode.`, and what they take.
const FUNCTIONS: [(&str, &str); 4] = [
    ("resources.list", "the connector's name"),
    ("resources.read", "the connector's name and the resource's uri"),
    ("prompts.list", "the connector's name"),
    ("prompts.get", "the connector's name, the prompt's name and an object with its arguments"),
];

/// What `function(…arguments)` asks; `None` where that is no question to a connector.
pub(crate) fn asked(function: &str, arguments: &str) -> Option<Result<Asked, Box<Rejection>>> {
    let (function, takes) = *FUNCTIONS.iter().find(|(name, _)| *name == function)?;
    let question = question(function, arguments);
    Some(question.ok_or_else(|| {
        let message = format!("codemode.{function} takes {takes}");
        Box::new(Rejection::new("TypeError", message, Kind::InvalidArguments))
    }))
}

fn question(function: &'static str, arguments: &str) -> Option<Asked> {
    let Ok(Value::Array(arguments)) = serde_json::from_str(arguments) else { return None };
    let mut arguments = arguments.into_iter();
    let mut text = || match arguments.next() {
        Some(Value::String(text)) => Some(text),
        _ => None,
    };
    let connector = text()?;
    let query = match function {
        "resources.list" => Query::Resources,
        "resources.read" => Query::Resource { uri: text()? },
        "prompts.list" => Query::Prompts,
        _ => {
            let name = text()?;
            let arguments = match arguments.next() {
                None | Some(Value::Null) => Map::new(),
                Some(Value::Object(arguments)) => arguments,
                Some(_) => return None,
            };
            Query::Prompt { name, arguments }
        }
    };
    Some(Asked { connector, function, query })
}

impl Asked {
    /// What the record of calls shows: `connector.resources.read`.
    pub(crate) fn path(&self) -> String {
        format!("{}.{}", self.connector, self.function)
    }

    /// What conditions of policy are about: `{}`, `{uri}`, or `{name, arguments}`.
    pub(crate) fn arguments(&self) -> Value {
        match &self.query {
            Query::Resource { uri } => json!({ "uri": uri }),
            Query::Prompt { name, arguments } => json!({ "name": name, "arguments": arguments }),
            _ => json!({}),
        }
    }
}

/// What a program is told where there is no such connector.
pub(crate) fn unknown(unknown: Unknown) -> Rejection {
    Rejection::new("UnknownConnectorError", unknown.message, Kind::GuestError)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_read() {
        let ask = |function, arguments| match asked(function, arguments) {
            None => "none".to_owned(),
            Some(Ok(asked)) => format!("{} {:?}", asked.path(), asked.query),
            Some(Err(rejection)) => rejection.message,
        };
        assert_eq!(ask("search", "[]"), "none");
        assert_eq!(ask("resources.list", r#"["a"]"#), "a.resources.list Resources");
        assert_eq!(ask("resources.read", r#"["a","x:y"]"#), r#"a.resources.read Resource { uri: "x:y" }"#);
        assert_eq!(
            ask("prompts.get", r#"["a","p",{"n":1}]"#),
            r#"a.prompts.get Prompt { name: "p", arguments: {"n": Number(1)} }"#
        );
        assert_eq!(
            ask("prompts.get", r#"["a","p"]"#),
            r#"a.prompts.get Prompt { name: "p", arguments: {} }"#
        );
        for wrong in ["[]", "[1]", r#"["a"]"#, r#"["a",1]"#, r#"["a","p",1]"#, "{}", ""] {
            assert!(ask("prompts.get", wrong).starts_with("codemode.prompts.get takes"), "{wrong}");
        }
    }
}
