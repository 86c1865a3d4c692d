//! What a change of a text is, for a person who is asked about it.

use codemode::visible;

use crate::shown;

/// The most characters of a line that are shown: some programs keep their whole state on one line.
const MAX_CHARS: usize = 200;

/// The lines that went and those that came, with the number of those around them that stayed.
pub(crate) fn changes(before: &str, now: &str) -> Vec<String> {
    let (before, now): (Vec<&str>, Vec<&str>) = (before.lines().collect(), now.lines().collect());
    let start = before.iter().zip(&now).take_while(|(a, b)| a == b).count();
    let rest = before.len().min(now.len()) - start;
    let end = before.iter().rev().zip(now.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    let middle = |lines: &[&str], sign: &str| -> Vec<String> {
        let kept = lines.iter().take(lines.len() - end).skip(start);
        kept.map(|line| format!("{sign} {line}")).collect()
    };
    let mut out = Vec::new();
    if start > 0 {
        out.push(format!("  … {} as before", shown::count(start, "line")));
    }
    out.extend(middle(&before, "-"));
    out.extend(middle(&now, "+"));
    if end > 0 {
        out.push(format!("  … {} as before", shown::count(end, "line")));
    }
    out
}

/// A line with whatever does not show in it spelled out; tabs stay.
pub(crate) fn spelled(line: &str) -> String {
    line.split('\t').map(visible).collect::<Vec<_>>().join("\t")
}

/// The line without most of its middle, if it is very long.
pub(crate) fn shortened(line: &str) -> String {
    let chars: Vec<char> = line.chars().collect();
    match (chars.get(..MAX_CHARS / 2), chars.get(chars.len().saturating_sub(MAX_CHARS / 2)..)) {
        (Some(start), Some(end)) if chars.len() > MAX_CHARS => {
            let (start, end): (String, String) = (start.iter().collect(), end.iter().collect());
            format!("{start} … {end}")
        }
        _ => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_shown_whole() {
        assert_eq!(
            changes("a\nb\nc\n", "a\nx\ny\nc\n"),
            ["  … 1 line as before", "- b", "+ x", "+ y", "  … 1 line as before"]
        );
        assert_eq!(changes("a", "a\na"), ["  … 1 line as before", "+ a"]);
        assert_eq!(changes("", "a"), ["+ a"]);
    }

    #[test]
    fn a_line_without_end_is_shortened() {
        let line = format!("+ {}{}", "a".repeat(500), "é".repeat(500));
        assert_eq!(shortened(&line), format!("+ {} … {}", "a".repeat(98), "é".repeat(100)));
        assert_eq!(shortened("+ a"), "+ a");
    }
}
