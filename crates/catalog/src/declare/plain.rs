//! Descriptions without their markup: HTML tags and the targets of links are tokens that say nothing about a call.

/// Tags that descriptions are laid out with; anything else in angle brackets is likely a placeholder, like `<id>`.
const TAGS: [&str; 24] = [
    "a",
    "b",
    "blockquote",
    "br",
    "code",
    "div",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "i",
    "img",
    "li",
    "ol",
    "p",
    "pre",
    "span",
    "strong",
    "sub",
    "sup",
    "table",
    "tt",
    "ul",
];

/// The longest tag or link target that is looked for; so a text full of openings costs no more than its length.
const MAX_MARKUP_BYTES: usize = 400;

/// `text` without HTML tags, and with `[words](target)` as `words`.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['<', ']']) {
        let (before, found) = rest.split_at(at);
        out.push_str(before);
        let length = if found.starts_with('<') { tag(found) } else { target(found, &mut out) };
        if length == 0 {
            let first = found.chars().next().map_or(0, char::len_utf8);
            out.push_str(found.get(..first).unwrap_or_default());
            rest = found.get(first..).unwrap_or_default();
        } else {
            rest = found.get(length..).unwrap_or_default();
        }
    }
    out.push_str(rest);
    out
}

/// How long the tag at the start of `text` is; 0 where there is none.
fn tag(text: &str) -> usize {
    let inner = text.trim_start_matches('<').trim_start_matches('/');
    let name_end = inner.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(inner.len());
    let name = inner.get(..name_end).unwrap_or_default();
    if name.len() > 10 || !TAGS.contains(&name.to_ascii_lowercase().as_str()) {
        return 0;
    }
    match text.bytes().take(MAX_MARKUP_BYTES).position(|byte| byte == b'>') {
        Some(end) => end + 1,
        None => 0,
    }
}

/// How long the end of a link at the start of `text` is, whose words stand at the end of `out`: then these lose their
/// bracket. 0 where it is no link.
fn target(text: &str, out: &mut String) -> usize {
    let is_address = ["](http", "](/", "](#", "](mailto:"].iter().any(|start| text.starts_with(start));
    let Some(end) = text.bytes().take(MAX_MARKUP_BYTES).position(|byte| byte == b')').filter(|_| is_address)
    else {
        return 0;
    };
    let tail = out.len().saturating_sub(MAX_MARKUP_BYTES);
    let tail = (tail..out.len()).find(|&at| out.is_char_boundary(at)).unwrap_or(out.len());
    let words =
        |tail: &str| tail.rfind(['[', ']']).filter(|&at| tail.get(at..).is_some_and(|t| t.starts_with('[')));
    match out.get(tail..).and_then(words) {
        Some(opening) => {
            out.remove(tail + opening);
            end + 1
        }
        None => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn markup_goes_and_words_stay() {
        for (text, expected) in [
            ("<p>Retrieves a <b>Customer</b>.</p>", "Retrieves a Customer."),
            ("See [the docs](https://example.com/a?b=c) and [x][1].", "See the docs and [x][1]."),
            ("a < b, <id>, </name>, a[0](x), ](http://x)", "a < b, <id>, </name>, a[0](x), ](http://x)"),
            ("<a href=\"x\">y</a><", "y<"),
            ("]<p", "]<p"),
            ("[é](/x)<br/>ü", "éü"),
        ] {
            assert_eq!(plain(text), expected);
        }
    }
}
