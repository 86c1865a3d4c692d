//! What tools do besides answering what `offers.json` says.

use std::time::Duration;

use rmcp::ErrorData;
use rmcp::model::{LoggingLevel, LoggingMessageNotificationParam, ProgressNotificationParam};
use rmcp::service::{RequestContext, RoleServer};

use crate::server::{Change, Server, is_newer_era};

/// Between two notifications: clients have to take them as they come.
const PAUSE: Duration = Duration::from_millis(50);

impl Server {
    /// Does what the tool does besides answering.
    pub(crate) async fn act(
        &self,
        tool: &str,
        context: &RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        match tool {
            "test_tool_with_logging" | "test_logging_tool" => self.log(context).await,
            "test_tool_with_progress" => progress(context).await,
            "test_trigger_tool_change" => self.change(Change::Tools, context).await,
            "test_trigger_prompt_change" => self.change(Change::Prompts, context).await,
            _ => {}
        }
        Ok(())
    }

    /// Logs, if the request asks for it or, in the older era, the connection.
    async fn log(&self, context: &RequestContext<RoleServer>) {
        let wanted = if is_newer_era(context) { context.meta.log_level() } else { self.level() };
        if !matches!(wanted, Some(LoggingLevel::Debug | LoggingLevel::Info)) {
            return;
        }
        for text in ["Tool execution started", "Tool processing data", "Tool execution completed"] {
            let message = LoggingMessageNotificationParam::new(LoggingLevel::Info, text.into());
            // A client that went away needs no log.
            let _ = context.peer.notify_logging_message(message).await;
            tokio::time::sleep(PAUSE).await;
        }
    }
}

async fn progress(context: &RequestContext<RoleServer>) {
    for done in [0.0, 50.0, 100.0] {
        if let Some(token) = context.meta.get_progress_token() {
            let progress = ProgressNotificationParam::new(token, done).with_total(100.0);
            // A client that went away needs no progress.
            let _ = context.peer.notify_progress(progress).await;
        }
        tokio::time::sleep(PAUSE).await;
    }
}
