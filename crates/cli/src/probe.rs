//! Connectors of a configuration, tried by themselves.

use std::time::Duration;

use codemode::config::{Entry, Folders};
use codemode::{CancellationToken, Runtime};

use crate::folders;

/// A runtime with these connectors and nothing else, which have had so long to answer; `None` when that was cancelled.
pub(crate) async fn runtime<'e>(
    entries: impl IntoIterator<Item = &'e Entry>,
    patience: Duration,
    cancel: &CancellationToken,
) -> anyhow::Result<Option<Runtime>> {
    let folders = Folders { cache: folders::cache(), state: folders::state() };
    let connectors: Vec<_> = entries.into_iter().map(|entry| entry.connector(&folders)).collect();
    let mut builder = Runtime::builder().connectors(connectors).patience(patience);
    if let Some(folder) = folders::state() {
        builder = builder.state(folder);
    }
    Ok(cancel.run_until_cancelled(builder.build()).await.transpose()?)
}
