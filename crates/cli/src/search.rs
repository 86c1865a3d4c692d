//! `codemode search`: tools by what they do.

use std::sync::Arc;

use codemode::{Search, SearchOptions, SearchResult};

use crate::args::SearchArgs;
use crate::print::Printer;
use crate::wanted::Wanted;
use crate::{connect, exit, interrupt};

/// Finds tools; says what the process exits with.
pub(crate) async fn search(arguments: SearchArgs, printer: &Arc<Printer>) -> anyhow::Result<u8> {
    let SearchArgs { query, limit, connector, detail, json, connect: to } = arguments;
    let wanted = Wanted::named(connector.as_slice());
    let Some(runtime) = connect::runtime(to, &wanted, &[], &interrupt::token(), printer).await? else {
        return Ok(exit::CANCELLED);
    };
    let unconnected = connect::is_nothing(&runtime);
    let mut options = SearchOptions::default().limit(limit.into()).detail(detail.into());
    options.connector = connector;
    let query = query.join(" ");
    let found = runtime.search(&query, options).await;
    runtime.close().await;
    let found = match found {
        Ok(found) => found,
        Err(unknown) => {
            printer.error(&anyhow::anyhow!("{}", unknown.message));
            return Ok(exit::FAILURE);
        }
    };
    if json {
        printer.json(&found)?;
    } else {
        show(&found, &query, printer)?;
        if unconnected {
            printer.hint(connect::NOTHING);
        }
    }
    Ok(if found.results.is_empty() { exit::FAILURE } else { exit::SUCCESS })
}

fn show(found: &Search, query: &str, printer: &Printer) -> anyhow::Result<()> {
    for result in &found.results {
        printer.line(&text(result))?;
    }
    if found.results.is_empty() {
        printer.error(&anyhow::anyhow!("no tool was found for {query:?}"));
        if !found.nearest.is_empty() {
            printer.hint(&format!("nearest: {}", found.nearest.join(", ")));
        }
    } else if found.truncated {
        printer.note(&format!("{} of {} tools; --limit shows more", found.results.len(), found.total));
    }
    Ok(())
}

/// The tool in one to three lines, or as its declaration.
fn text(result: &SearchResult) -> String {
    if let Some(types) = &result.types {
        return types.clone();
    }
    let mut text = result.path.clone();
    if result.requires_approval {
        text.push_str(" (needs approval)");
    }
    if !result.description.is_empty() {
        text.push_str(": ");
        text.push_str(&result.description);
    }
    if let Some(signature) = &result.signature {
        text.push_str("\n  ");
        text.push_str(signature);
    }
    text
}
