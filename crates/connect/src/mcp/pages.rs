//! Lists that come in pages.

use std::collections::HashSet;
use std::io;

use rmcp::model::{
    ClientRequest, ListPromptsRequest, ListResourceTemplatesRequest, ListResourcesRequest, ListToolsRequest,
    PaginatedRequestParams,
};
use serde_json::Value;

use super::failure::Failure;
use super::limits::{MAX_LIST_BYTES, MAX_PAGES};
use crate::Error;

/// The most resources, templates or prompts that are listed: as many as a connector may have tools.
pub(super) const MAX_ENTRIES: usize = codemode_catalog::MAX_TOOLS;

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

/// The entries of all pages, as they are; `most` at most, and [`MAX_LIST_BYTES`].
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
    let mut bytes = 0;
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
        bytes += size(&found);
        if bytes > MAX_LIST_BYTES {
            let (connector, observed, limit) = (connector.to_owned(), bytes as u64, MAX_LIST_BYTES as u64);
            return Err(Failure::maybe_sent(Error::TooLarge { connector, observed, limit }));
        }
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

/// The bytes of entries as JSON, which are counted and not kept.
fn size(entries: &[Value]) -> usize {
    struct Count(usize);

    impl io::Write for Count {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    let mut count = Count(0);
    // Neither a value nor the count can fail.
    let _ = serde_json::to_writer(&mut count, entries);
    count.0
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use serde_json::json;

    use super::*;

    #[tokio::test]
    async fn a_list_is_bounded_over_all_its_pages() {
        let pages = Cell::new(0);
        let send = |_| {
            pages.set(pages.get() + 1);
            let page =
                json!({"tools": ["x".repeat(MAX_LIST_BYTES / 4)], "nextCursor": pages.get().to_string()});
            std::future::ready(Ok(page))
        };
        let failure = all("up", Listed::Tools, 1000, send).await.unwrap_err();
        assert!(matches!(failure.error, Error::TooLarge { .. }), "{}", failure.error);
        assert_eq!(pages.get(), 4);
    }
}
