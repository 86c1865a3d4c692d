//! A compiled program.

use std::sync::OnceLock;

use crate::{
    build,
    calls::StaticCall,
    frame::frame,
    map::Map,
    position::{Lines, Position},
    stack,
};

/// What a submitted text turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// Statements with top-level `await` and `return`. Without a `return`, a last expression statement is the value.
    Body,
    /// One function and nothing else; it is called with `input`.
    Function,
    /// `export default`: a function is called with `input`, anything else is the value.
    DefaultExport,
}

/// A program that [`compile`](crate::compile) accepted.
#[derive(Debug)]
pub struct Program {
    /// The text as submitted.
    pub(crate) text: String,
    /// Where the code starts and ends in the text: all of it, or the inside of a fence.
    pub(crate) code: std::ops::Range<usize>,
    pub(crate) levels: usize,
    pub(crate) javascript: String,
    pub(crate) shape: Shape,
    pub(crate) calls: Vec<StaticCall>,
    pub(crate) dynamic: bool,
    pub(crate) map: OnceLock<Map>,
}

impl Program {
    /// The JavaScript: one expression statement whose value is an async function of one parameter, in strict mode.
    ///
    /// The caller evaluates it and calls the function with `input`; the promise's value is the program's result.
    pub fn javascript(&self) -> &str {
        &self.javascript
    }

    /// The tool calls that can be named without running the program, in the order of the text.
    ///
    /// Complete only when [`Program::has_dynamic_calls`] is false.
    pub fn calls(&self) -> &[StaticCall] {
        &self.calls
    }

    /// Whether the program uses a namespace in a way that [`Program::calls`] cannot name: `tools[name]`,
    /// `callBinding(variable)`, a namespace passed to a function.
    pub fn has_dynamic_calls(&self) -> bool {
        self.dynamic
    }

    /// What the text turned out to be.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// The text as it was submitted.
    pub fn source(&self) -> &str {
        &self.text
    }

    /// The place in the submitted text of a place in [`Program::javascript`], as the engine reports it: line and column
    /// from 1, the column in UTF-8 bytes.
    ///
    /// QuickJS-NG 0.16 counts bytes since the last `\n`; only on line 1 is its column one too low, and line 1 holds
    /// nothing of the program. `None` for lines that hold nothing of the program. The first call compiles the program
    /// once more with a source map; a run without an error never pays for it.
    pub fn locate(&self, line: u32, column: u32) -> Option<Position> {
        self.position(self.map().source_offset(&self.javascript, line, column)?)
    }

    /// The program's loop, when there is exactly one: where a program that used up its time is, if the engine names no
    /// place. It has none for a loop without calls.
    pub fn only_loop(&self) -> Option<Position> {
        self.position(self.map().landmarks.only_loop?)
    }

    /// The program's `await`, when there is exactly one: where a program that waits for nothing is, if the engine names no
    /// place. It has none once nothing refers to the promise.
    pub fn only_await(&self) -> Option<Position> {
        self.position(self.map().landmarks.only_await?)
    }

    fn position(&self, offset: usize) -> Option<Position> {
        Some(Lines::new(&self.text).position(self.code.start + offset))
    }

    fn map(&self) -> &Map {
        self.map.get_or_init(|| self.build_map())
    }

    /// The submitted lines around a place, numbered, with a caret. See [`frame`](crate::frame()).
    pub fn frame(&self, at: Position) -> String {
        frame(&self.text, at)
    }

    fn build_map(&self) -> Map {
        let code = self.text.get(self.code.clone()).unwrap_or("");
        let built = stack::with_levels(self.levels, || build::build(code, build::Mapping::Wanted));
        built.ok().and_then(Result::ok).and_then(|built| built.map).unwrap_or_default()
    }
}
