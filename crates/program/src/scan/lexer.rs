//! Splits a text into the few kinds of tokens that matter for depth.
//!
//! The one thing a scanner cannot know is whether `/` divides or starts a regular expression. It is decided from the
//! token before it wherever that is certain. After `}`, `++`, `>` and most keywords it depends on the grammar, and then
//! the lexer says [`Token::Lost`] instead of guessing: a wrong guess could hide thousands of brackets. The same holds for
//! whatever the parser reports as a malformed token and may then continue after in its own way, for names with escapes,
//! and for the HTML comments of old.

use oxc_syntax::identifier::{is_identifier_part, is_identifier_start, is_irregular_whitespace};

/// One token, as far as depth is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'t> {
    /// An identifier, keyword or number.
    Word(&'t str),
    /// A string or regular expression.
    Literal,
    /// A whole template, or its head up to the first `${`.
    Template,
    /// One character of an operator. The second one of `=>` comes as another `=`, because it closes no type arguments.
    Operator(u8),
    /// `(`, `[`, `{`, and `$` for the `${` of a template.
    Open(u8),
    /// `)`, `]`, `}`.
    Close(u8),
    /// From here on tokens cannot be told apart.
    Lost,
}

/// What came before a `/`, which decides what the `/` is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    /// A complete operand: `/` divides.
    Operand,
    /// An operator or opening bracket: `/` starts a regular expression.
    Operator,
    /// Either is possible.
    Unclear,
}

pub(super) struct Lexer<'t> {
    text: &'t str,
    at: usize,
    before: Before,
    /// Whether the last token was a lone `.` or `?.`, after which a keyword is a property name.
    after_dot: bool,
    /// Whether a statement can start here, so that `return` is surely the keyword.
    statement_start: bool,
    /// Whether a line ended between the last two tokens.
    after_newline: bool,
}

impl<'t> Lexer<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            text,
            at: if text.starts_with("#!") { line_end(text, 0) } else { 0 },
            before: Before::Operator,
            after_dot: false,
            statement_start: true,
            after_newline: false,
        }
    }

    /// Whether a line ended just before the last token.
    pub(super) fn after_newline(&self) -> bool {
        self.after_newline
    }

    /// The offset just after the last token.
    pub(super) fn offset(&self) -> usize {
        self.at
    }

    /// Tells the lexer whether the `)` it just returned closed the head of an `if`, `for`, `while` or `with`, after which
    /// a statement starts.
    pub(super) fn closed_head(&mut self) {
        self.before = Before::Operator;
        self.statement_start = true;
    }

    /// Continues a template after the `}` that closed its `${`.
    pub(super) fn resume_template(&mut self) -> Token<'t> {
        self.template()
    }

    pub(super) fn next(&mut self) -> Option<Token<'t>> {
        self.after_newline = false;
        loop {
            let c = self.peek()?;
            match c {
                '\n' | '\r' | '\u{2028}' | '\u{2029}' => {
                    self.after_newline = true;
                    self.at += c.len_utf8();
                }
                ' ' | '\t' => self.at += 1,
                '/' if self.byte(1) == Some(b'/') => self.at = line_end(self.text, self.at),
                '/' if self.byte(1) == Some(b'*') => match self.rest(2).find("*/") {
                    Some(length) => {
                        // A comment may span lines, and then it separates statements as a line end does.
                        self.after_newline = true;
                        self.at += 2 + length + 2;
                    }
                    None => return Some(Token::Lost),
                },
                _ if is_irregular_whitespace(c) => self.at += c.len_utf8(),
                _ => return Some(self.token(c)),
            }
        }
    }

    fn token(&mut self, c: char) -> Token<'t> {
        let starts_name = is_identifier_start(if c == '#' { self.peek_second() } else { c });
        if starts_name || c.is_ascii_digit() {
            return self.word();
        }
        if matches!(self.rest(0).as_bytes(), [b'<', b'!', b'-', b'-', ..] | [b'-', b'-', b'>', ..]) {
            return Token::Lost;
        }
        let previous = self.at.checked_sub(1).and_then(|at| self.text.as_bytes().get(at)).copied();
        let token = match c {
            '\'' | '"' => return self.string(c),
            '`' => {
                self.at += 1;
                return self.template();
            }
            '/' if self.before == Before::Unclear => return Token::Lost,
            '/' if self.before == Before::Operator => return self.regex(),
            '(' | '[' | '{' => Token::Open(c as u8),
            ')' | ']' | '}' => Token::Close(c as u8),
            '>' if previous == Some(b'=') => Token::Operator(b'='),
            '=' | '+' | '-' | '*' | '/' | '%' | '&' | '|' | '^' | '~' | '!' | '?' | ':' | ';' | ',' | '.'
            | '<' | '>' | '@' => Token::Operator(c as u8),
            _ => return Token::Lost,
        };
        self.before = match (c, previous) {
            (')' | ']', _) => Before::Operand,
            ('}', _) => Before::Unclear,
            // `a++ / b` or `++/r/.lastIndex`; `a! / b`; the end of type arguments; a member name has to follow a dot.
            ('+', Some(b'+')) | ('-', Some(b'-')) => Before::Unclear,
            ('!', _) if self.before == Before::Operand => Before::Unclear,
            ('>', Some(b'=')) => Before::Operator,
            ('>' | '@', _) => Before::Unclear,
            ('.', Some(b'.')) => Before::Operator,
            ('.', _) => Before::Unclear,
            _ => Before::Operator,
        };
        self.after_dot = c == '.' && previous != Some(b'.');
        self.statement_start = matches!(c, ';' | '{' | '}');
        self.at += 1;
        token
    }

    fn word(&mut self) -> Token<'t> {
        let rest = self.rest(0);
        let name = rest.strip_prefix('#').unwrap_or(rest);
        let end = name.find(|c| !is_identifier_part(c)).unwrap_or(name.len());
        let length = rest.len() - name.len() + end;
        let word = rest.get(..length).unwrap_or("");
        // An escape can spell a keyword, and what follows a malformed number or escape is read as a token of its own.
        let continues = rest.get(length..).is_some_and(|rest| rest.starts_with('\\'));
        if continues || (word.starts_with(|c: char| c.is_ascii_digit()) && !is_number(word)) {
            return Token::Lost;
        }
        self.before = match word {
            _ if self.after_dot => Before::Operand,
            "return" if self.statement_start => Before::Operator,
            _ if is_keyword_before_operand(word) => Before::Unclear,
            _ => Before::Operand,
        };
        self.after_dot = false;
        self.statement_start = false;
        self.at += length;
        Token::Word(word)
    }

    fn string(&mut self, quote: char) -> Token<'t> {
        let mut chars = self.rest(1).char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '\\' if !is_escape(chars.as_str()) => return Token::Lost,
                '\\' => {
                    if let Some((_, '\r')) = chars.next()
                        && chars.as_str().starts_with('\n')
                    {
                        chars.next();
                    }
                }
                '\n' | '\r' => break,
                c if c == quote => {
                    self.at += 1 + at + 1;
                    self.operand();
                    return Token::Literal;
                }
                _ => {}
            }
        }
        Token::Lost
    }

    /// Reads template characters up to the closing backtick or the next `${`.
    fn template(&mut self) -> Token<'t> {
        let mut chars = self.rest(0).char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '\\' if !is_escape(chars.as_str()) => return Token::Lost,
                '\\' => {
                    chars.next();
                }
                '`' => {
                    self.at += at + 1;
                    self.operand();
                    return Token::Template;
                }
                '$' if chars.as_str().starts_with('{') => {
                    self.at += at + 2;
                    self.before = Before::Operator;
                    self.after_dot = false;
                    self.statement_start = false;
                    return Token::Open(b'$');
                }
                _ => {}
            }
        }
        Token::Lost
    }

    fn regex(&mut self) -> Token<'t> {
        let mut class = false;
        let mut chars = self.rest(1).char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '\n' | '\r' | '\u{2028}' | '\u{2029}' => break,
                '\\' => {
                    if matches!(chars.next(), None | Some((_, '\n' | '\r' | '\u{2028}' | '\u{2029}'))) {
                        break;
                    }
                }
                '[' => class = true,
                ']' => class = false,
                '/' if !class => {
                    self.at += 1 + at + 1;
                    self.operand();
                    return Token::Literal;
                }
                _ => {}
            }
        }
        Token::Lost
    }

    fn operand(&mut self) {
        self.before = Before::Operand;
        self.after_dot = false;
        self.statement_start = false;
    }

    fn peek(&self) -> Option<char> {
        self.rest(0).chars().next()
    }

    fn peek_second(&self) -> char {
        self.rest(0).chars().nth(1).unwrap_or(' ')
    }

    fn byte(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    fn rest(&self, ahead: usize) -> &'t str {
        self.text.get(self.at + ahead..).unwrap_or("")
    }
}

/// Whether a word that starts with a digit is a whole number, or the part of one before or after its dot.
fn is_number(word: &str) -> bool {
    let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit() || c == '_');
    let number = word.strip_suffix('n').unwrap_or(word);
    match number.split_once(['x', 'X', 'o', 'O', 'b', 'B', 'e', 'E']) {
        Some(("0", radix)) if !number.starts_with("0e") && !number.starts_with("0E") => {
            let octal = number.starts_with("0o") || number.starts_with("0O");
            let binary = number.starts_with("0b") || number.starts_with("0B");
            let radix_digit = |c: char| match c {
                '_' => true,
                _ if binary => matches!(c, '0' | '1'),
                _ if octal => c.is_digit(8),
                _ => c.is_ascii_hexdigit(),
            };
            radix.chars().all(radix_digit)
        }
        Some((mantissa, exponent)) => digits(mantissa) && digits(exponent),
        None => digits(number),
    }
}

/// Whether what follows a backslash in a string is an escape that every reader ends at the same character.
fn is_escape(rest: &str) -> bool {
    let hex = |text: Option<&str>| text.is_some_and(|text| text.chars().all(|c| c.is_ascii_hexdigit()));
    match rest.as_bytes() {
        [b'x', ..] => hex(rest.get(1..3)),
        [b'u', b'{', ..] => {
            let inside = rest.get(2..).unwrap_or("").split_once('}').map(|(inside, _)| inside);
            inside.is_some_and(|inside| !inside.is_empty()) && hex(inside)
        }
        [b'u', ..] => hex(rest.get(1..5)),
        _ => true,
    }
}

/// The words after which an operand may follow, so that `/` may start a regular expression.
fn is_keyword_before_operand(word: &str) -> bool {
    matches!(
        word,
        "as" | "asserts"
            | "await"
            | "case"
            | "default"
            | "delete"
            | "do"
            | "else"
            | "extends"
            | "in"
            | "infer"
            | "instanceof"
            | "is"
            | "keyof"
            | "new"
            | "of"
            | "readonly"
            | "return"
            | "satisfies"
            | "throw"
            | "typeof"
            | "unique"
            | "void"
            | "yield"
    )
}

/// The offset of the line terminator at or after an offset, or the end of the text.
fn line_end(text: &str, from: usize) -> usize {
    let rest = text.get(from..).unwrap_or("");
    rest.find(['\n', '\r', '\u{2028}', '\u{2029}']).map_or(text.len(), |length| from + length)
}
