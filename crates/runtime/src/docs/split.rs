//! From Markdown to passages.

use super::Passage;

/// The most bytes of a passage: some 500 tokens, so that an answer holds a few of them.
const MAX_BYTES: usize = 2_000;

/// The passages of a text: what stands under one heading, in several pieces where it is long.
pub(super) fn passages(source: &str, text: &str) -> Vec<Passage> {
    let mut splitter = Splitter { source, headings: Vec::new(), text: String::new(), passages: Vec::new() };
    let mut fence: Option<&str> = None;
    for line in text.lines() {
        let trimmed = line.trim_start();
        let mark = ["```", "~~~"].into_iter().find(|mark| trimmed.starts_with(mark));
        match (fence, mark) {
            (None, Some(mark)) => fence = Some(mark),
            (Some(open), Some(mark)) if open == mark => fence = None,
            _ => {}
        }
        match heading(line).filter(|_| fence.is_none()) {
            Some((level, heading)) => splitter.begin(level, heading),
            None => splitter.add(line),
        }
    }
    splitter.end();
    splitter.passages
}

struct Splitter<'t> {
    source: &'t str,
    /// Each with its level.
    headings: Vec<(usize, &'t str)>,
    text: String,
    passages: Vec<Passage>,
}

impl<'t> Splitter<'t> {
    fn begin(&mut self, level: usize, heading: &'t str) {
        self.end();
        self.headings.retain(|(above, _)| *above < level);
        self.headings.push((level, heading));
    }

    fn add(&mut self, line: &str) {
        // Preferably between paragraphs, and within a line only if it is as long as a passage.
        let is_between = line.trim().is_empty() && self.text.len() > MAX_BYTES / 2;
        if is_between || self.text.len() + line.len() > MAX_BYTES {
            self.end();
        }
        let mut rest = line;
        while rest.len() > MAX_BYTES {
            let (piece, after) = rest.split_at(rest.floor_char_boundary(MAX_BYTES));
            self.text.push_str(piece);
            self.end();
            rest = after;
        }
        self.text.push_str(rest);
        self.text.push('\n');
    }

    /// Ends the passage; one that says nothing is none.
    fn end(&mut self) {
        let text = std::mem::take(&mut self.text);
        let text = text.trim_matches('\n').trim_end();
        if text.chars().any(char::is_alphanumeric) {
            let headings: Vec<&str> = self.headings.iter().map(|(_, heading)| *heading).collect();
            let (source, heading) = (self.source.to_owned(), headings.join(" › "));
            self.passages.push(Passage { source, heading, text: text.to_owned() });
        }
    }
}

/// The level of a heading and its text.
fn heading(line: &str) -> Option<(usize, &str)> {
    let level = line.bytes().take_while(|byte| *byte == b'#').count();
    let text = line.get(level..)?;
    ((1..=6).contains(&level) && (text.is_empty() || text.starts_with([' ', '\t'])))
        .then(|| (level, text.trim().trim_end_matches('#').trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passages_are_what_stands_under_headings() {
        let text = "Intro.\n# Install\n## Linux\nUse apt.\n```sh\n# no heading\n```\n## macOS\n\nUse brew.\n\n# Empty\n# Last #\nEnd.";
        let found = passages("a.md", text);
        let short: Vec<_> = found.iter().map(|p| (p.heading.as_str(), p.text.as_str())).collect();
        let expected = [
            ("", "Intro."),
            ("Install › Linux", "Use apt.\n```sh\n# no heading\n```"),
            ("Install › macOS", "Use brew."),
            ("Last", "End."),
        ];
        assert_eq!(short, expected);
        assert!(found.iter().all(|passage| passage.source == "a.md"));
    }

    #[test]
    fn long_text_is_split_and_nothing_is_lost() {
        let paragraphs: Vec<String> = (0..40).map(|n| format!("paragraph {n} {}", "ä".repeat(150))).collect();
        let text = format!("# A\n{}\n{}", paragraphs.join("\n\n"), "ü".repeat(5_000));
        let found = passages("a.md", &text);
        assert!(found.len() > 5 && found.iter().all(|passage| passage.text.len() <= MAX_BYTES + 1));
        let joined: String = found.iter().map(|passage| passage.text.as_str()).collect();
        assert!(paragraphs.iter().all(|paragraph| joined.contains(paragraph)));
        assert_eq!(joined.matches('ü').count(), 5_000);
    }
}
