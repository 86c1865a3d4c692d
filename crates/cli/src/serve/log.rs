//! What a server says while it runs: lines on standard error, for people or for programs.

use std::io;

use clap::{Args, ValueEnum};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer as _, fmt};

/// How it is said.
#[derive(Debug, Clone, Args)]
pub(crate) struct LogArgs {
    /// Write the log as lines of text, or each line as a JSON object; always to standard error
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    log: Format,

    /// How much is logged: with info a line a run and a tool call, never arguments or results
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    log_level: Level,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Text,
    Json,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Level {
    Off,
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

/// What is told besides the log, until it is ended.
#[derive(Debug, Default)]
pub(crate) struct Told {
    #[cfg(feature = "otel")]
    traces: Option<codemode_gateway::Traces>,
}

impl Told {
    /// Sends what was not sent yet.
    pub(crate) async fn end(self) {
        #[cfg(feature = "otel")]
        if let Some(traces) = self.traces {
            traces.end().await;
        }
    }
}

/// From now on everything is logged, what others of this process log included; with OpenTelemetry, traces are sent where the
/// environment names a collector.
///
/// # Errors
///
/// Where something logs already; what of the environment cannot be what it is.
pub(crate) fn begin(arguments: &LogArgs) -> anyhow::Result<Told> {
    let level = match arguments.log_level {
        Level::Off => LevelFilter::OFF,
        Level::Error => LevelFilter::ERROR,
        Level::Warn => LevelFilter::WARN,
        Level::Info => LevelFilter::INFO,
        Level::Debug => LevelFilter::DEBUG,
        Level::Trace => LevelFilter::TRACE,
    };
    // Ours as wished. Libraries log what clients send and headers at their finer levels, which no operator asked for, and
    // warn of what peers do, which we say in our own words.
    let others = level.min(LevelFilter::ERROR);
    let filter = Targets::new().with_default(others).with_target("codemode", level);
    let lines = fmt::layer().with_writer(io::stderr).with_ansi(false);
    let lines = match arguments.log {
        Format::Text => lines.with_target(false).boxed(),
        Format::Json => {
            lines.json().flatten_event(true).with_current_span(false).with_span_list(true).boxed()
        }
    };
    let subscriber = tracing_subscriber::registry().with(lines.with_filter(filter));
    #[cfg(feature = "otel")]
    {
        let traces = codemode_gateway::Traces::from_env()?;
        let spans = Targets::new().with_target("codemode", LevelFilter::INFO);
        let layer = traces.as_ref().map(|traces| traces.layer().with_filter(spans));
        subscriber.with(layer).try_init()?;
        Ok(Told { traces })
    }
    #[cfg(not(feature = "otel"))]
    {
        subscriber.try_init()?;
        Ok(Told::default())
    }
}
