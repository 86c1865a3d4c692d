//! `codemode run`: a program against tools.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use codemode::{Event, Failure, Kind, Run, RunOptions};
use serde_json::Value;

use crate::args::{Limit, RunArgs};
use crate::print::Printer;
use crate::source::{self, Source};
use crate::wanted::Wanted;
use crate::{connect, exit, hazards, interrupt, refused};

/// Runs the program; says what the process exits with.
pub(crate) async fn run(arguments: RunArgs, printer: &Arc<Printer>) -> anyhow::Result<u8> {
    let RunArgs { file, connect, input, timeout, limit: mut limits, json, quiet } = arguments;
    let verbose = connect.config.verbose;
    let source = Source::read(&file)?;
    let input = input.map(|input| source::input(&input, &file)).transpose()?;
    limits.extend(timeout.map(|value| Limit { name: "wall".to_owned(), value }));
    let cancel = interrupt::token();
    let wanted = Wanted::OfProgram(source.text.clone());
    let Some(runtime) = connect::runtime(connect, &wanted, &limits, &cancel, printer).await? else {
        printer.error(&anyhow::anyhow!("cancelled before the program was started"));
        return Ok(exit::CANCELLED);
    };
    let unconnected = connect::is_nothing(&runtime);
    if verbose {
        hazards::renames(&runtime, printer);
    }

    let mut options = RunOptions::default().cancel(cancel);
    options.input = input;
    let listed = Arc::new(Listed::default());
    if !json {
        let (printer, listed) = (Arc::clone(printer), Arc::clone(&listed));
        options = options.observer(move |event| show(event, &printer, &listed, quiet));
    }
    let run = runtime.run(&source.text, options).await;
    runtime.close().await;

    if json {
        printer.json(&run.output)?;
        return Ok(run.exit_code());
    }
    printer.calls_over();
    if !quiet {
        run.calls()
            .iter()
            .filter(|call| !listed.numbers().contains(&call.seq))
            .for_each(|call| printer.call_ended(call));
    }
    if verbose || (!quiet && printer.is_watched()) {
        printer.note(&used(&run));
    }
    match run.error() {
        Some(failure) => {
            printer.failure(&source.name, failure);
            if unconnected && wanted_a_tool(&run, failure) {
                printer.hint(connect::NOTHING);
            }
            if let Some(hint) = refused::hint(&run) {
                printer.hint(&hint);
            }
        }
        None => result(&run, printer, quiet)?,
    }
    Ok(run.exit_code())
}

/// The numbers of the calls that were listed when they ended.
#[derive(Default)]
struct Listed(Mutex<HashSet<u32>>);

impl Listed {
    fn numbers(&self) -> MutexGuard<'_, HashSet<u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn show(event: Event<'_>, printer: &Printer, listed: &Listed, quiet: bool) {
    match event {
        Event::Printed { text, .. } => printer.printed(text),
        Event::CallStarted { seq, tool } if !quiet => printer.call_started(seq, tool),
        Event::CallEnded(call) if !quiet => {
            listed.numbers().insert(call.seq);
            printer.call_ended(call);
        }
        _ => {}
    }
}

fn wanted_a_tool(run: &Run, failure: &Failure) -> bool {
    failure.kind == Kind::GuestError
        && (!run.calls().is_empty() || failure.message.ends_with("is not defined"))
}

fn result(run: &Run, printer: &Printer, quiet: bool) -> anyhow::Result<()> {
    match run.value() {
        None | Some(Value::Null) if quiet => Ok(()),
        None | Some(Value::Null) => {
            printer.note("note: there is no result: the program returned nothing, or null");
            Ok(())
        }
        // The result of a program that only prints is what it printed. Whoever sees both streams has seen it.
        Some(Value::String(text))
            if printer.is_one_terminal() && *text == run.stdout.trim_end_matches('\n') =>
        {
            Ok(())
        }
        Some(value) => printer.result(value),
    }
}

/// What the run used, in one line.
fn used(run: &Run) -> String {
    let usage = &run.usage;
    let calls = run.calls().len();
    let plural = if calls == 1 { "" } else { "s" };
    format!(
        "{calls} call{plural}, {} CPU, {:.1} MiB heap, {} in all",
        time(usage.cpu_us),
        usage.heap_peak_bytes as f64 / f64::from(1 << 20),
        time(usage.wall_us),
    )
}

fn time(micros: u64) -> String {
    match micros {
        0..10_000 => format!("{:.1} ms", micros as f64 / 1e3),
        10_000..1_000_000 => format!("{} ms", micros / 1000),
        _ => format!("{:.1} s", micros as f64 / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::time;

    #[test]
    fn times_are_short() {
        assert_eq!([340, 12_345, 2_345_678].map(time), ["0.3 ms", "12 ms", "2.3 s"]);
    }
}
