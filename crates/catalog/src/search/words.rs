//! Text and names into words.

/// Longer words are cut: no word of any language is, and base64 in a description is no word.
const MAX_WORD_CHARS: usize = 32;

/// One word as written, in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    /// The word.
    pub(crate) text: String,
    /// Whether it is written as a name is: `Simone`, but neither `PR` nor `simone`.
    pub(crate) capital: bool,
    /// Whether the text before it ended a sentence, or there was none.
    pub(crate) first: bool,
    /// Whether nothing but a change of case separates it from the word before: `Hub` in `GitHub`.
    pub(crate) joined: bool,
    /// Whether punctuation that can separate two demands stands before it.
    pub(crate) clause: bool,
}

/// The words of `text`: maximal runs of letters or of digits, split again where `camelCase` and `HTTPServer` do.
///
/// Scripts that do not separate words yield every pair of neighbouring characters instead: 天气预报 is 天气, 气预,
/// 预报. A possessive `'s` is no word.
pub(crate) fn words(text: &str) -> impl Iterator<Item = Word> {
    Words { rest: text, first: true, clause: false, adjacent: Adjacent::Nothing, unspaced: None }
}

struct Words<'a> {
    rest: &'a str,
    first: bool,
    clause: bool,
    adjacent: Adjacent,
    /// The character before, where it belongs to a script without spaces, and whether it stands in a pair already.
    unspaced: Option<(char, bool)>,
}

#[derive(PartialEq, Eq)]
enum Adjacent {
    Nothing,
    Word,
}

impl Iterator for Words<'_> {
    type Item = Word;

    fn next(&mut self) -> Option<Word> {
        loop {
            let Some(c) = self.rest.chars().next() else {
                return self.end_unspaced();
            };
            if is_unspaced(c) {
                self.rest = self.rest.get(c.len_utf8()..).unwrap_or_default();
                self.adjacent = Adjacent::Nothing;
                match self.unspaced.replace((c, false)) {
                    None => continue,
                    Some((before, _)) => {
                        self.unspaced = Some((c, true));
                        return Some(self.word(String::from_iter([before, c]), false, false));
                    }
                }
            }
            if let Some(word) = self.end_unspaced() {
                return Some(word);
            }
            if !c.is_alphanumeric() {
                self.separator(c);
                continue;
            }
            let length =
                if c.is_alphabetic() { letters(self.rest) } else { run(self.rest, char::is_numeric) };
            let (word, rest) = self.rest.split_at_checked(length)?;
            self.rest = rest;
            let joined = std::mem::replace(&mut self.adjacent, Adjacent::Word) == Adjacent::Word;
            let mut letters = word.chars();
            let capital = letters.next().is_some_and(char::is_uppercase)
                && letters.next().is_some_and(char::is_lowercase);
            let text = word.chars().take(MAX_WORD_CHARS).flat_map(char::to_lowercase).collect();
            return Some(self.word(text, capital, joined));
        }
    }
}

impl Words<'_> {
    fn word(&mut self, text: String, capital: bool, joined: bool) -> Word {
        let first = std::mem::take(&mut self.first);
        let clause = std::mem::take(&mut self.clause);
        Word { text, capital, first, joined, clause }
    }

    fn end_unspaced(&mut self) -> Option<Word> {
        let (c, in_pair) = self.unspaced.take()?;
        (!in_pair).then(|| self.word(c.to_string(), false, false))
    }

    fn separator(&mut self, c: char) {
        let after = self.rest.get(c.len_utf8()..).unwrap_or_default();
        let possessive = matches!(c, '\'' | '’') && self.adjacent == Adjacent::Word;
        self.rest = match after.strip_prefix(['s', 'S']) {
            Some(rest) if possessive && !rest.starts_with(char::is_alphanumeric) => rest,
            _ => after,
        };
        self.adjacent = Adjacent::Nothing;
        let ends_word = !after.starts_with(char::is_alphanumeric);
        self.first |= matches!(c, '.' | '!' | '?' | '\n') && ends_word;
        self.clause |= matches!(c, '.' | '!' | '?' | '\n' | ';' | ',') && ends_word;
    }
}

/// The length of the word at the start of `text`, which starts with a letter.
fn letters(text: &str) -> usize {
    let mut chars = text.char_indices().peekable();
    let (mut upper_run, mut last) = (0, 0);
    while let Some((at, c)) = chars.next() {
        if !c.is_alphabetic() && !is_mark(c) || is_unspaced(c) {
            return at;
        }
        if c.is_uppercase() {
            let begins_word = chars.peek().is_some_and(|&(_, next)| next.is_lowercase());
            if at > 0 && (upper_run == 0 || begins_word) {
                return at;
            }
            upper_run += 1;
        } else {
            upper_run = 0;
        }
        last = at + c.len_utf8();
    }
    last
}

fn run(text: &str, member: impl Fn(char) -> bool) -> usize {
    text.find(|c| !member(c)).unwrap_or(text.len())
}

/// Combining marks, which are no letters but part of a word: `é` written as two characters.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

/// Han, kana, hangul and Thai: scripts in which a space does not tell words apart, or not well.
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{e7f}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
        && c.is_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits() {
        for (text, expected) in [
            ("", ""),
            ("createIssue", "create issue"),
            ("HTTPServer2Go", "http server 2 go"),
            ("list-pull_requests.v3", "list pull requests v 3"),
            ("Taylor Swift's album’s", "taylor swift album"),
            ("天气预报 in 北京", "天气 气预 预报 in 北京"),
            ("中 x", "中 x"),
            ("x中", "x 中"),
            ("naïve Ünïcode", "naïve ünïcode"),
            ("🎉--🎉", ""),
            ("s3 IDs", "s 3 i ds"),
        ] {
            let found: Vec<String> = words(text).map(|word| word.text).collect();
            assert_eq!(found.join(" "), expected, "{text:?}");
        }
    }
}
