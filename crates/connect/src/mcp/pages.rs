//! Lists that come in pages.

use std::collections::HashSet;

use rmcp::model::{
    ClientRequest, ListPromptsRequest, ListResourceTemplatesRequest, ListResourcesRequest, ListToolsRequest,
    PaginatedRequestParams,
};
use serde_json::Value;

use super::failure::Failure;
use super::limits::MAX_PAGES;
use crate::Error;

/// What is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Listed {
    Tools,
    Resources,
    Templates,
    Prompts,
}

impl Listed {
    fn request(self, cursor: Option<String>) -> ClientRequest {
        let params = PaginatedRequestParams::default().with_cursor(cursor);
        match self {
            Self::Tools => ClientRequest::ListToolsRequest(ListToolsRequest::with_param(params)),
            Self::Resources => ClientRequest::ListResourcesRequest(ListResourcesRequest::with_param(params)),
            Self::Templates => {
                ClientRequest::ListResourceTemplatesRequest(ListResourceTemplatesRequest::with_param(params))
            }
            Self::Prompts => ClientRequest::ListPromptsRequest(ListPromptsRequest::with_param(params)),
        }
    }

    /// The property of a page that holds the entries.
    fn property(self) -> &'static str {
        match self {
            Self::Tools => "tools",
            Self::Resources => "resources",
            Self::Templates => "resourceTemplates",
            Self::Prompts => "prompts",
        }
    }
}

/// The entries of all pages, as they are; `most` at most.
pub(super) async fn all<F>(
    connector: &str,
    listed: Listed,
    most: usize,
    send: impl Fn(ClientRequest) -> F,
) -> Result<Vec<Value>, Failure>
where
    F: Future<Output = Result<Value, Failure>>,
{
    let protocol = |what| Failure::maybe_sent(Error::Protocol { connector: connector.to_owned(), what });
    let mut entries = Vec::new();
    let mut cursor: Option<String> = None;
    let mut seen = HashSet::new();
    for _ in 0..MAX_PAGES {
        let page = send(listed.request(cursor)).await?;
        let Value::Object(mut page) = page else {
            return Err(protocol("a page of the list is not an object"));
        };
        let Some(Value::Array(found)) = page.remove(listed.property()) else {
            return Err(protocol("a page of the list has no entries"));
        };
        entries.extend(found);
        if entries.len() > most {
            let connector = connector.to_owned();
            return Err(Failure::maybe_sent(match listed {
                Listed::Tools => Error::TooManyTools { connector, limit: most },
                _ => Error::Answer { connector, what: "it lists more than is read" },
            }));
        }
        cursor = page.get("nextCursor").and_then(Value::as_str).map(str::to_owned);
        match &cursor {
            None => return Ok(entries),
            Some(next) if !seen.insert(next.clone()) => {
                return Err(protocol("the pages of the list repeat"));
            }
            Some(_) => {}
        }
    }
    Err(protocol("the list has too many pages"))
}
