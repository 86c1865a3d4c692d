//! The entry: limits, fences, stack, and then the stages.

use std::{ops::Range, sync::OnceLock};

use crate::{
    build::{self, Built, Mapping},
    fence,
    limits::Limits,
    position::Lines,
    program::Program,
    rejection::{Rejection, RejectionKind},
    scan::{self, Excess},
    stack::{self, Failure},
};

/// Compiles one submitted text.
///
/// Pure, and safe with any text: what is too large or too deep is refused, the rest runs on a stack that holds it, and a
/// panic inside becomes [`RejectionKind::Internal`].
///
/// The text may be the program itself or Markdown around it. A text whose first line opens a fence is Markdown, and so is
/// one with a fence where code would stand; otherwise it is read as a program first and as Markdown only if that fails.
pub fn compile(source: &str, limits: &Limits) -> Result<Program, Rejection> {
    if source.len() > limits.source_bytes {
        let (observed, limit) = (source.len(), limits.source_bytes);
        let message =
            format!("The program is {observed} bytes long, more than the {limit} that are accepted");
        return Err(Rejection::new(RejectionKind::TooLarge, message)
            .hint("Pass data as `input`, or fetch it with a tool, instead of writing it into the program.")
            .exceeded(observed, limit));
    }
    if fence::opens(source) {
        return match fence::find(source) {
            Some(block) => compile_range(source, block.code, Reading::Code, limits),
            None => Err(other_language(source, 0)),
        };
    }
    let plain = compile_range(source, 0..source.len(), Reading::Unsure, limits);
    match (plain, fence::find(source)) {
        // Code with a mistake may quote Markdown in a comment; that is not the program.
        (Err(_), Some(block)) if fence::is_prose(source.get(..block.first_line).unwrap_or("")) => {
            compile_range(source, block.code, Reading::Code, limits)
        }
        (plain, _) => plain,
    }
}

/// What a part of the text is taken for.
#[derive(Clone, Copy)]
enum Reading {
    Code,
    /// Code, unless a fence stands where code would.
    Unsure,
}

fn compile_range(
    text: &str,
    code: Range<usize>,
    reading: Reading,
    limits: &Limits,
) -> Result<Program, Rejection> {
    // A byte-order mark is whitespace to the grammar, but it would keep `#!` from being the first line.
    let start = if text.get(code.clone()).is_some_and(|code| code.starts_with('\u{feff}')) { 3 } else { 0 };
    let code = code.start + start..code.end;
    let inside = text.get(code.clone()).unwrap_or("");
    let depth = scan::measure(inside, limits).map_err(|excess| too_deep(text, code.start, excess, limits))?;
    if let (Reading::Unsure, Some(fence)) = (reading, depth.fence) {
        let Some(block) = fence::find(inside) else { return Err(other_language(text, code.start + fence)) };
        if block.first_line <= fence {
            let code = code.start + block.code.start..code.start + block.code.end;
            return compile_range(text, code, Reading::Code, limits);
        }
    }
    let built = match stack::with_levels(depth.levels, || build::build(inside, Mapping::Skipped)) {
        Ok(Ok(built)) => built,
        Ok(Err(refusal)) => return Err(refusal.into_rejection(text, code.start)),
        Err(failure) => return Err(internal(failure)),
    };
    Ok(program(text, code, depth.levels, built))
}

fn program(text: &str, code: Range<usize>, levels: usize, built: Built) -> Program {
    let Built { javascript, shape, calls, map: _ } = built;
    let dynamic = calls.dynamic;
    let lines = Lines::new(text);
    let calls = calls.found.into_iter().map(|call| call.at(&lines, code.start)).collect();
    Program { text: text.to_string(), code, levels, javascript, shape, calls, dynamic, map: OnceLock::new() }
}

fn other_language(text: &str, fence: usize) -> Rejection {
    Rejection::new(RejectionKind::Syntax, "The fenced block is not TypeScript or JavaScript")
        .at(text, fence)
        .hint("Submit TypeScript, in a ```ts fence or without one.")
}

fn too_deep(text: &str, start: usize, excess: Excess, limits: &Limits) -> Rejection {
    let Excess { offset, observed, limit } = excess;
    let what = if limit == limits.nesting { "brackets" } else { "levels" };
    Rejection::new(RejectionKind::TooDeep, format!("The program nests more than {limit} {what} deep"))
        .at(text, start + offset.saturating_sub(1))
        .hint("Build deep or long structures in a loop instead of writing them out.")
        .exceeded(observed, limit)
}

fn internal(failure: Failure) -> Rejection {
    let message = match failure {
        Failure::Panicked => "The compiler failed on this program; this is a bug of ours",
        Failure::NoThread => "The system gave the compiler no thread for this program",
    };
    Rejection::new(RejectionKind::Internal, message).hint("Write the program more simply.")
}
