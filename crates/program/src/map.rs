//! From a place in the generated JavaScript back to an offset in the code it came from.

use oxc_codegen::CodegenReturn;

use crate::{landmarks::Landmarks, position::Lines};

/// One point where generated and source text correspond. All numbers count from 0, columns in UTF-16 code units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Point {
    line: u32,
    column: u32,
    source: usize,
}

/// Points in the order of the generated text.
#[derive(Debug, Default)]
pub(crate) struct Map {
    points: Vec<Point>,
    pub(crate) landmarks: Landmarks,
}

impl Map {
    /// Takes the points out of what the printer recorded.
    pub(crate) fn new(printed: &CodegenReturn<'_>, source: &str, landmarks: Landmarks) -> Option<Self> {
        let lines = Lines::new(source);
        let points = printed.map.as_ref()?.get_tokens().filter_map(|token| {
            let start = lines.start(token.get_src_line() as usize)?;
            let line = source.get(start..)?;
            let within = utf16_to_bytes(line, token.get_src_col());
            Some(Point { line: token.get_dst_line(), column: token.get_dst_col(), source: start + within })
        });
        Some(Self { points: points.collect(), landmarks })
    }

    /// The source offset for a line and a column in bytes, both from 1.
    pub(crate) fn source_offset(&self, generated: &str, line: u32, column: u32) -> Option<usize> {
        let line = line.checked_sub(1)?;
        let lines = Lines::new(generated);
        let text = lines.start(line as usize).map(|_| lines.line(line as usize))?;
        let column = bytes_to_utf16(text, column.saturating_sub(1) as usize);
        let next = self.points.partition_point(|point| (point.line, point.column) <= (line, column));
        let before =
            next.checked_sub(1).and_then(|at| self.points.get(at)).filter(|point| point.line == line);
        // A column before the first point of its line belongs to that point: indentation, an opening parenthesis.
        let after = self.points.get(next).filter(|point| point.line == line);
        before.or(after).map(|point| point.source)
    }
}

fn utf16_to_bytes(line: &str, units: u32) -> usize {
    let mut seen = 0;
    for (at, c) in line.char_indices() {
        if seen >= units as usize {
            return at;
        }
        seen += c.len_utf16();
    }
    line.len()
}

fn bytes_to_utf16(line: &str, bytes: usize) -> u32 {
    let units =
        line.char_indices().take_while(|(at, _)| *at < bytes).map(|(_, c)| c.len_utf16()).sum::<usize>();
    u32::try_from(units).unwrap_or(u32::MAX)
}
