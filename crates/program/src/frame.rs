//! A few source lines with a caret, for an error that points at the text.

use std::fmt::Write as _;

use crate::position::{Lines, Position};

/// Lines shown before the one with the caret. The one after it is shown as well.
const LINES_BEFORE: usize = 2;
/// Characters of one line. Longer lines are cut to a window around the caret, so that a frame stays under 1 KiB of text.
const LINE_CHARS: usize = 120;

/// Draws the lines around a place in a text, numbered, with a caret below the place.
///
/// ```
/// use codemode_program::{Position, frame};
///
/// let drawn = frame("const a = 1;\na.b.c();", Position { line: 2, column: 3 });
/// assert_eq!(drawn, "  1 | const a = 1;\n> 2 | a.b.c();\n    |   ^");
/// ```
///
/// Lines longer than 120 characters are cut around the caret's column. A place outside the text gives the nearest lines.
pub fn frame(text: &str, at: Position) -> String {
    let lines = Lines::new(text);
    let target = (at.line.max(1) as usize - 1).min(lines.count() - 1);
    let column = at.column.max(1) as usize - 1;
    let first = target.saturating_sub(LINES_BEFORE);
    let last = (target + 1).min(lines.count() - 1);
    let gutter = (last + 1).to_string().len();
    let window = column.saturating_sub(LINE_CHARS * 2 / 3);
    let mut out = String::new();
    for index in first..=last {
        let line = lines.line(index);
        let line = if index == 0 { line.trim_start_matches('\u{feff}') } else { line };
        if index > target && line.trim().is_empty() {
            continue;
        }
        let mark = if index == target { '>' } else { ' ' };
        let shown = cut(line, window);
        let row = format!("{mark} {:>gutter$} | {shown}", index + 1);
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(row.trim_end());
        if index == target {
            let caret = column.min(line.chars().count()) - window.min(column) + usize::from(window > 0);
            let _ = write!(out, "\n  {:>gutter$} | {:>caret$}^", "", "");
        }
    }
    out
}

/// The part of a line that starts at a column, with marks where something was left out and without control characters.
fn cut(line: &str, window: usize) -> String {
    let mut chars = line.chars().skip(window);
    let mut shown = String::new();
    if window > 0 {
        shown.push('…');
    }
    for _ in 0..LINE_CHARS {
        let Some(c) = chars.next() else { return shown };
        shown.push(if c == '\t' || c.is_control() { ' ' } else { c });
    }
    if chars.next().is_some() {
        shown.push('…');
    }
    shown
}
