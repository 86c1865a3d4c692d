//! The border to the guest: the five imports, and the one place where what the guest sends is decoded.
//!
//! The guest's heap belongs to the program, so every pointer, length, id and byte here is an attacker's. Each
//! import copies what it is given out of guest memory once, checks it, and keeps nothing that points back. What
//! cannot come from our own guest stops the run ([`Stop::Protocol`]).
//!
//! The guest's half is `c/host.h` of `codemode-guest`; the numbers below are that file's.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use rand_chacha::ChaCha20Rng;
use serde::Deserialize;
use wasmtime::{Caller, Linker, ResourceLimiter};

use crate::end::{End, Failure, Frame, Kind};
use crate::{CallId, HostCall, Json, Limits, Names, Print, Request, Stream, sync};

#[cfg(test)]
mod tests;

/// What an instance's store holds: the host's side of one run.
pub(crate) struct Host {
    pub(crate) limits: Limits,
    pub(crate) names: Arc<Names>,
    pub(crate) random: ChaCha20Rng,
    /// Bytes that `take` hands to the guest.
    pub(crate) answer: Vec<u8>,
    pub(crate) printed: Vec<Print>,
    pub(crate) printed_bytes: usize,
    pub(crate) calls: Vec<HostCall>,
    pub(crate) cancelled: Vec<CallId>,
    /// Calls without a completion.
    /// With the bytes of their arguments.
    pub(crate) outstanding: HashMap<CallId, usize>,
    pub(crate) argument_bytes: usize,
    pub(crate) timers: HashSet<CallId>,
    pub(crate) call_count: u32,
    pub(crate) end: Option<End>,
    /// Why the host wants the program stopped. The guest is asked first, so that it can tell where it was.
    pub(crate) stop: Option<Failure>,
    pub(crate) memory_limit_bytes: usize,
}

/// Why the host stopped an instance from within an import or an epoch callback.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Stop {
    #[error("the guest broke the border's rules: {0}")]
    Protocol(&'static str),
    #[error("{}", .0.message)]
    Failed(Failure),
}

/// stderr, for what the guest itself has to say: cut at the limit without a word.
const STREAM_WARNING: u32 = 3;
const DEFER_TOOL: u32 = 1;
const DEFER_NAMED: u32 = 2;
const DEFER_TIMER: u32 = 3;
const DEFER_CANCEL: u32 = 4;
const DEFER_BUILTIN: u32 = 5;
const REFUSED_CALLS: i32 = 1;
const REFUSED_ARGUMENTS: i32 = 2;
const REFUSED_TIMERS: i32 = 3;
const END_VALUE: u32 = 1;
const END_NOTHING: u32 = 2;
const END_ERROR: u32 = 3;
const END_MEMORY: u32 = 4;

/// Bytes of a tool's or connector's name that the host looks at. A longer one names nothing.
const MAX_NAME_BYTES: usize = 4_096;
/// Bytes of one request for something computed at once: a URL, mostly. A longer one has no answer.
const MAX_SYNC_BYTES: usize = 1 << 20;
/// How many times the argument limit the arguments of all calls under way may take together: the host holds them until
/// the calls are answered.
const MAX_ARGUMENTS_UNDER_WAY: usize = 16;
/// Bytes of an error's description, which the guest cuts at 256 KiB and an escaped string of 8,192 characters.
const MAX_ERROR_BYTES: usize = 1 << 20;
/// What is said of a program that waits for nothing.
pub(crate) const DEADLOCK: &str =
    "the program waits for a promise that nothing can settle: no tool call and no timer is pending";

/// Characters of a message that leave the isolate.
const MAX_MESSAGE_CHARS: usize = 4_096;

pub(crate) fn define(linker: &mut Linker<Host>) -> wasmtime::Result<()> {
    let module = "codemode";
    linker.func_wrap(
        module,
        "defer",
        |mut caller: Caller<'_, Host>, id: u32, kind: u32, name: u32, name_len: u32, at: u32, len: u32| {
            let name = if name_len as usize > MAX_NAME_BYTES {
                let kept = copy_in(&mut caller, name, MAX_NAME_BYTES as u32, MAX_NAME_BYTES)?;
                cut_name(kind, &kept)
            } else {
                copy_in(&mut caller, name, name_len, MAX_NAME_BYTES)?
            };
            let limit = caller.data().limits.argument_bytes.max(16);
            if len as usize > limit && kind != DEFER_CANCEL {
                return Ok(REFUSED_ARGUMENTS);
            }
            let payload = copy_in(&mut caller, at, len, limit)?;
            caller.data_mut().defer(CallId(id), kind, &name, payload).map_err(wasmtime::Error::from)
        },
    )?;
    linker.func_wrap(module, "sync", |mut caller: Caller<'_, Host>, op: u32, at: u32, len: u32| {
        if len as usize > MAX_SYNC_BYTES {
            return Ok(-1);
        }
        let payload = copy_in(&mut caller, at, len, MAX_SYNC_BYTES)?;
        let host = caller.data_mut();
        match sync::answer(op, &payload, &host.names, &mut host.random)? {
            Some(answer) => {
                host.answer = answer;
                Ok(i32::try_from(host.answer.len())?)
            }
            None => Ok(-1),
        }
    })?;
    linker.func_wrap(module, "take", |mut caller: Caller<'_, Host>, at: u32, len: u32| {
        let answer = std::mem::take(&mut caller.data_mut().answer);
        if answer.len() != len as usize {
            return Err(Stop::Protocol("took another length than was offered").into());
        }
        let memory = memory(&mut caller)?;
        memory
            .write(&mut caller, at as usize, &answer)
            .map_err(|_| Stop::Protocol("address outside memory").into())
    })?;
    linker.func_wrap(module, "print", |mut caller: Caller<'_, Host>, stream: u32, at: u32, len: u32| {
        let room = caller.data().limits.log_bytes - caller.data().printed_bytes;
        let kept = copy_in(&mut caller, at, len.min(u32::try_from(room).unwrap_or(u32::MAX)), usize::MAX)?;
        caller.data_mut().print(stream, &kept, len as usize).map_err(wasmtime::Error::from)
    })?;
    linker.func_wrap(module, "finish", |mut caller: Caller<'_, Host>, kind: u32, at: u32, len: u32| {
        let limit = if kind == END_VALUE { caller.data().limits.result_bytes } else { MAX_ERROR_BYTES };
        let payload = copy_in(&mut caller, at, len, limit)?;
        caller.data_mut().finish(kind, payload).map_err(wasmtime::Error::from)
    })?;
    Ok(())
}

/// A name of which only the beginning was looked at, so written that it names nothing.
fn cut_name(kind: u32, kept: &[u8]) -> Vec<u8> {
    let mut name = kept.to_vec();
    if kind == DEFER_TOOL && !kept.contains(&0) {
        name.push(0);
    }
    name.extend_from_slice("…".as_bytes());
    name
}

fn arguments(payload: String) -> Result<Json, Stop> {
    Json::from_guest(payload).ok_or(Stop::Protocol("paths of bytes that cannot be read"))
}

fn memory(caller: &mut Caller<'_, Host>) -> Result<wasmtime::Memory, Stop> {
    caller.get_export("memory").and_then(|export| export.into_memory()).ok_or(Stop::Protocol("no memory"))
}

/// The one way bytes come out of the guest.
fn copy_in(caller: &mut Caller<'_, Host>, at: u32, len: u32, max: usize) -> Result<Vec<u8>, Stop> {
    let memory = memory(caller)?;
    copy(memory.data(&caller), at, len, max)
}

fn copy(memory: &[u8], at: u32, len: u32, max: usize) -> Result<Vec<u8>, Stop> {
    if len as usize > max {
        return Err(Stop::Protocol("more bytes than the border allows"));
    }
    let end = (at as usize).checked_add(len as usize).ok_or(Stop::Protocol("address outside memory"))?;
    let bytes = memory.get(at as usize..end).ok_or(Stop::Protocol("address outside memory"))?;
    Ok(bytes.to_vec())
}

impl Host {
    fn defer(&mut self, id: CallId, kind: u32, name: &[u8], payload: Vec<u8>) -> Result<i32, Stop> {
        if kind == DEFER_CANCEL {
            if !self.timers.remove(&id) {
                return Err(Stop::Protocol("withdrew a call that is no running timer"));
            }
            self.settled(id);
            // A timer set and cleared within one step never leaves the isolate.
            if let Some(index) = self.calls.iter().position(|call| call.id == id) {
                self.calls.remove(index);
            } else {
                self.cancelled.push(id);
            }
            return Ok(0);
        }
        let len = payload.len();
        let text = String::from_utf8(payload).map_err(|_| Stop::Protocol("arguments that are not UTF-8"))?;
        // Names may hold lone surrogates, which have no UTF-8; such a name matches no tool.
        let name = String::from_utf8_lossy(name);
        let request = match kind {
            DEFER_TOOL => {
                let (connector, tool) =
                    name.split_once('\0').ok_or(Stop::Protocol("a tool without connector"))?;
                Request::Tool { connector: connector.into(), tool: tool.into(), arguments: arguments(text)? }
            }
            DEFER_NAMED => Request::Named { name: name.into_owned(), arguments: arguments(text)? },
            DEFER_BUILTIN => Request::Builtin { name: name.into_owned(), arguments: text },
            DEFER_TIMER if self.timers.len() >= self.limits.timers as usize => return Ok(REFUSED_TIMERS),
            DEFER_TIMER => {
                Request::Timer { ms: text.parse().map_err(|_| Stop::Protocol("a timer without duration"))? }
            }
            _ => return Err(Stop::Protocol("an unknown kind of host call")),
        };
        if self.outstanding.contains_key(&id) {
            return Err(Stop::Protocol("a call id that is in use"));
        }
        if self.argument_bytes + len > self.limits.argument_bytes.saturating_mul(MAX_ARGUMENTS_UNDER_WAY) {
            return Ok(REFUSED_ARGUMENTS);
        }
        if matches!(request, Request::Timer { .. }) {
            self.timers.insert(id);
        } else if !self.count_call() {
            return Ok(REFUSED_CALLS);
        }
        self.outstanding.insert(id, len);
        self.argument_bytes += len;
        self.calls.push(HostCall { id, request });
        Ok(0)
    }

    /// Takes a call off those without a completion; whether it was one.
    pub(crate) fn settled(&mut self, id: CallId) -> bool {
        let bytes = self.outstanding.remove(&id);
        self.timers.remove(&id);
        self.argument_bytes -= bytes.unwrap_or_default();
        bytes.is_some()
    }

    /// Counts a tool call; at the limit the program is stopped instead.
    fn count_call(&mut self) -> bool {
        let limit = self.limits.calls;
        if self.call_count < limit {
            self.call_count += 1;
            return true;
        }
        self.stop = Some(Failure::over(
            Kind::CallLimit,
            format!("more than {limit} tool calls in one run"),
            u64::from(limit) + 1,
            u64::from(limit),
        ));
        false
    }

    /// `kept` is as much of the text as fits the limit; `len` how long it was. Returns what the import returns.
    fn print(&mut self, stream: u32, kept: &[u8], len: usize) -> Result<i32, Stop> {
        let warning = stream == STREAM_WARNING;
        let stream = match stream {
            1 => Stream::Stdout,
            2 => Stream::Stderr,
            STREAM_WARNING => Stream::Stderr,
            _ => return Err(Stop::Protocol("an unknown stream")),
        };
        if len == 0 {
            return Ok(0);
        }
        self.printed.push(Print { stream, text: String::from_utf8_lossy(kept).into_owned() });
        self.printed_bytes += kept.len();
        if kept.len() == len || warning {
            return Ok(0);
        }
        let limit = self.limits.log_bytes as u64;
        let observed = limit + (len - kept.len()) as u64;
        let message = format!("more than {limit} bytes of console output");
        self.stop = Some(Failure::over(Kind::OutputLimit, message, observed, limit));
        Ok(1)
    }

    fn finish(&mut self, kind: u32, payload: Vec<u8>) -> Result<(), Stop> {
        if self.end.is_some() {
            return Err(Stop::Protocol("ended twice"));
        }
        self.end = Some(match kind {
            END_VALUE => End::Value(
                String::from_utf8(payload).map_err(|_| Stop::Protocol("a result that is not UTF-8"))?,
            ),
            END_NOTHING => End::Nothing,
            END_ERROR => End::Failed(self.thrown(&payload)?),
            END_MEMORY => End::Failed(self.out_of_memory(&payload)?),
            _ => return Err(Stop::Protocol("an unknown kind of end")),
        });
        Ok(())
    }

    fn out_of_memory(&self, payload: &[u8]) -> Result<Failure, Stop> {
        let (observed, site) =
            payload.split_first_chunk().ok_or(Stop::Protocol("a memory end without its figure"))?;
        let limit = self.limits.heap_bytes as u64;
        // The allocator may fail below the limit when the heap is fragmented; the limit is what was hit all the same.
        let observed = u64::from_le_bytes(*observed).max(limit + 1);
        let message =
            format!("the heap would have needed {observed} bytes, more than the {limit} it may have");
        let mut failure = Failure::over(Kind::MemoryLimit, message, observed, limit);
        if let (Some((line, column)), true) = (site.split_first_chunk(), site.len() == 8) {
            let column = column.try_into().map(u32::from_le_bytes).unwrap_or_default();
            failure.stack.extend(Frame::at(u32::from_le_bytes(*line), column));
        }
        Ok(failure)
    }

    fn thrown(&self, payload: &[u8]) -> Result<Failure, Stop> {
        let thrown: Thrown =
            serde_json::from_slice(payload).map_err(|_| Stop::Protocol("an error that cannot be read"))?;
        if thrown.class == "stopped" {
            // What the host wanted is what the program ended with; the guest only tells where it was.
            let mut failure = self.stop.clone().ok_or(Stop::Protocol("stopped without being asked to"))?;
            failure.stack = frames(thrown.stack.as_deref().unwrap_or_default());
            return Ok(failure);
        }
        let mut failure = Failure::new(
            match thrown.class.as_str() {
                "deadlock" => Kind::Deadlock,
                "syntax" => Kind::SourceRejected,
                "stack" => Kind::StackLimit,
                "result" => Kind::ResultInvalid,
                "output" => Kind::OutputLimit,
                _ => thrown.failure.as_ref().map_or(Kind::GuestError, |failure| failure.kind),
            },
            thrown.text(),
        );
        failure.stack = frames(thrown.stack.as_deref().unwrap_or_default());
        failure.tool = thrown.failure.and_then(|failure| failure.tool);
        match failure.kind {
            Kind::StackLimit => {
                // The engine refuses the frame that would pass the limit; by how much is not known.
                failure.limit = Some(self.limits.stack_bytes as u64);
                failure.observed = failure.limit;
            }
            Kind::OutputLimit => {
                failure.limit = Some(self.limits.result_bytes as u64);
                failure.observed = failure.limit.map(|limit| limit + 1);
            }
            _ => {}
        }
        Ok(failure)
    }
}

/// What `describe_thrown` of the guest tells about a thrown value.
#[derive(Deserialize)]
struct Thrown {
    class: String,
    name: Option<String>,
    message: Option<String>,
    stack: Option<String>,
    /// `Some` of `null` for a thrown `null` and for what JSON cannot hold.
    #[serde(default, deserialize_with = "present")]
    thrown: Option<serde_json::Value>,
    cause: Option<serde_json::Value>,
    failure: Option<ThrownFailure>,
}

#[derive(Deserialize)]
struct ThrownFailure {
    kind: Kind,
    tool: Option<String>,
}

fn present<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<serde_json::Value>, D::Error> {
    serde_json::Value::deserialize(from).map(Some)
}

impl Thrown {
    fn text(&self) -> String {
        if self.class == "deadlock" {
            return DEADLOCK.to_owned();
        }
        let mut text = match (&self.thrown, &self.name, &self.message) {
            (Some(serde_json::Value::String(thrown)), ..) => format!("the program threw {thrown:?}"),
            (Some(thrown), ..) => format!("the program threw {thrown}"),
            // A tool's error, to which a program may have added, and what is said of a result speak for themselves; the
            // program's own errors carry their class.
            (None, _, Some(message))
                if self.failure.is_some() || matches!(&*self.class, "result" | "output") =>
            {
                message.clone()
            }
            (None, Some(name), Some(message)) if message.is_empty() => name.clone(),
            (None, Some(name), Some(message)) => format!("{name}: {message}"),
            (None, Some(name), None) => name.clone(),
            (None, None, Some(message)) if !message.is_empty() => message.clone(),
            (None, None, _) => "Error".to_owned(),
        };
        match &self.cause {
            Some(serde_json::Value::String(cause)) => text.push_str(&format!(" (cause: {cause})")),
            Some(cause) => text.push_str(&format!(" (cause: {cause})")),
            None => {}
        }
        match text.char_indices().nth(MAX_MESSAGE_CHARS) {
            Some((cut, _)) => {
                text.truncate(cut);
                text.push('…');
                text
            }
            None => text,
        }
    }
}

/// Frames of the program from a stack as QuickJS prints it: `    at name (program:3:14)`.
fn frames(stack: &str) -> Vec<Frame> {
    const MAX_FRAMES: usize = 32;
    stack.lines().filter_map(frame).take(MAX_FRAMES).collect()
}

fn frame(line: &str) -> Option<Frame> {
    let line = line.trim_start().strip_prefix("at ")?;
    let (function, place) = match line.rsplit_once(" (") {
        Some((function, place)) => (function, place.strip_suffix(')')?),
        None => ("", line),
    };
    let (line, column) = place.strip_prefix("program:")?.split_once(':')?;
    let function = if function.starts_with('<') { "" } else { function };
    Some(Frame { function: function.into(), line: line.parse().ok()?, column: column.parse().ok()? })
}

impl ResourceLimiter for Host {
    fn memory_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(desired <= self.memory_limit_bytes)
    }

    /// The guest's one table is made at its full size and never grows.
    fn table_growing(&mut self, current: usize, _: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(current == 0)
    }
}
