//! An upstream's words as a comment: short, and unable to end it.

use crate::hidden::stripped;

/// `text` on few lines: white space folded, what does not show dropped, at most `max_chars`, cut after a sentence
/// where there is one. Nothing in it ends a comment or speaks to the compiler.
pub(super) fn clean(text: &str, max_chars: usize) -> String {
    let text = stripped(text);
    let mut out = String::with_capacity(text.len().min(max_chars + 4));
    // Escaping and folding only shorten or lengthen by a little: what is far behind the cut is not looked at.
    let mut left = max_chars.saturating_mul(4);
    for line in text.split(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']) {
        let mut words = line.split_whitespace().peekable();
        if words.peek().is_some() && !out.is_empty() {
            out.push('\n');
        }
        for (index, word) in words.enumerate() {
            if index > 0 {
                out.push(' ');
            }
            out.extend(word.chars().take(left).filter(|c| !c.is_control()));
            left = left.saturating_sub(word.chars().count() + 1);
            if left == 0 {
                break;
            }
        }
        if left == 0 {
            break;
        }
    }
    let cut = cut(&out, max_chars);
    escape(cut)
}

/// The first sentence of `text` on one line, at most `max_chars`.
pub(super) fn first_sentence(text: &str, max_chars: usize) -> String {
    let line = clean(text, max_chars.saturating_mul(4));
    let line = line.split('\n').find(|line| line.chars().any(char::is_alphanumeric)).unwrap_or_default();
    let line = line.trim_start_matches(['#', '*', '-', '>', ' ']);
    let end = sentence_ends(line).next().unwrap_or(line.len());
    let sentence = line.get(..end).unwrap_or(line);
    cut(sentence, max_chars).trim_end_matches(['.', ' ']).to_owned()
}

/// `text`, or its beginning with `…` behind, at most `max_chars` long; whole sentences if half of it remains.
pub(super) fn cut(text: &str, max_chars: usize) -> String {
    let Some((limit, _)) = text.char_indices().nth(max_chars) else { return text.to_owned() };
    let kept = text.get(..limit).unwrap_or_default();
    if let Some(end) = sentence_ends(kept).filter(|&end| end * 2 > limit).last() {
        return kept.get(..end).unwrap_or_default().to_owned();
    }
    let word = kept.rfind(char::is_whitespace).filter(|&end| end * 2 > limit).unwrap_or(limit);
    format!("{}…", kept.get(..word).unwrap_or_default().trim_end_matches([',', ';', ':', ' ']))
}

/// Where sentences end in `text`, behind their full stop: before white space that a capital or a digit does not
/// rule out, so that `e.g. this` is no end.
fn sentence_ends(text: &str) -> impl Iterator<Item = usize> {
    text.match_indices(['.', '!', '?']).filter_map(move |(at, stop)| {
        let end = at + stop.len();
        let mut rest = text.get(end..)?.chars();
        match rest.next() {
            None => Some(end),
            Some(space) if space.is_whitespace() => {
                let next = rest.find(|c| !c.is_whitespace());
                next.is_none_or(|c| !c.is_lowercase()).then_some(end)
            }
            Some(_) => None,
        }
    })
}

/// `*/` ends a comment; `@ts-ignore` and its like are orders to the compiler even inside one.
fn escape(text: String) -> String {
    if !text.contains("*/") && !text.contains("@ts-") && !text.starts_with('/') {
        return text;
    }
    let text = text.replace("*/", "*\\/").replace("@ts-", "ts-");
    // Behind `/**` a slash would end the comment at once.
    if text.starts_with('/') { format!(" {text}") } else { text }
}
