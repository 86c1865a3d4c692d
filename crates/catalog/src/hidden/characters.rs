//! Characters that do not show.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::{Hidden, shorten};

/// `text` with every character that does not show written as `\u{…}`, for a person who is to see what is there.
///
/// ```
/// assert_eq!(codemode_catalog::visible("a\u{200b}b ü 😀"), "a\\u{200b}b ü 😀");
/// ```
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() || is_invisible(c) || matches!(c, '\u{2028}' | '\u{2029}') {
            // Writing to a string does not fail.
            let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
        } else {
            out.push(c);
        }
    }
    out
}

/// Unicode's default ignorable characters, and others without a shape.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
    )
}

fn is_direction(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn is_tag(c: char) -> bool {
    matches!(c, '\u{e0000}'..='\u{e007f}')
}

/// Selects the shape of the character before it.
fn is_selector(c: char) -> bool {
    matches!(c, '\u{fe00}'..='\u{fe0f}')
}

/// Symbols that emoji are made of.
fn is_symbol(c: char) -> bool {
    matches!(c, '#' | '*' | '0'..='9' | '©' | '®' | '\u{203c}'..='\u{3299}' | '\u{1f000}'..='\u{1faff}')
}

/// Letters of scripts in which a joiner between letters is spelling: Arabic, Persian, those of India, Mongolian.
fn is_joining(c: char) -> bool {
    matches!(c, '\u{600}'..='\u{8ff}' | '\u{900}'..='\u{dff}' | '\u{fb50}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}')
}

/// Letters of scripts that are written from right to left.
fn is_leftward(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

/// Scripts that do not separate words, in which a space of no width says where a line may break.
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}')
}

/// `text` without what does not show, but for what its script or its emoji need.
pub(super) fn strip<'a>(text: &'a str, found: &mut Vec<Hidden>) -> Cow<'a, str> {
    if text.is_ascii() || !text.chars().any(is_invisible) {
        return Cow::Borrowed(text);
    }
    let has_leftward = text.chars().any(is_leftward);
    let mut out = String::with_capacity(text.len());
    let mut spelled = String::new();
    let (mut invisible, mut direction) = (false, false);
    let mut before = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if is_tag(c) {
            // The flags of England, Scotland and Wales are a black flag, six tags at the most, and a tag that ends them.
            if before == Some('\u{1f3f4}')
                && let Some(flag) = flag(c, chars.clone())
            {
                out.push(c);
                out.extend(chars.by_ref().take(flag));
                before = None;
                continue;
            }
            spelled.extend(char::from_u32(u32::from(c) - 0xe0000).filter(|c| !c.is_control()));
            continue;
        }
        let is_needed = match c {
            '\u{200d}' | '\u{200c}' => {
                let next = chars.peek().copied();
                let all = |is: fn(char) -> bool| before.is_some_and(is) && next.is_some_and(is);
                all(is_joining) || (c == '\u{200d}' && all(|c| is_symbol(c) || is_selector(c)))
            }
            c if is_selector(c) => before.is_some_and(|c| is_symbol(c) || is_unspaced(c)),
            '\u{200e}' | '\u{200f}' | '\u{61c}' => has_leftward,
            '\u{200b}' => before.is_some_and(is_unspaced),
            c => !is_invisible(c),
        };
        if is_needed {
            out.push(c);
            before = Some(c);
        } else if is_direction(c) {
            direction = true;
        // A hyphen that shows only at a line's end, and the mark at the start of a file, come with text that was copied.
        } else if !matches!(c, '\u{ad}' | '\u{feff}') {
            invisible = true;
        }
    }
    if invisible {
        found.push(Hidden::Invisible);
    }
    if direction {
        found.push(Hidden::Direction);
    }
    if !spelled.is_empty() {
        found.push(Hidden::Tags(shorten(&spelled)));
    }
    Cow::Owned(out)
}

/// How many characters after the first end a flag; `None` where it is none.
fn flag(first: char, rest: impl Iterator<Item = char>) -> Option<usize> {
    const LONGEST: usize = 7;
    let is_letter = |c: char| matches!(c, '\u{e0030}'..='\u{e0039}' | '\u{e0061}'..='\u{e007a}');
    if !is_letter(first) {
        return None;
    }
    let mut length = 0;
    for c in rest.take(LONGEST) {
        length += 1;
        match c {
            '\u{e007f}' => return Some(length),
            c if is_letter(c) => {}
            _ => return None,
        }
    }
    None
}
