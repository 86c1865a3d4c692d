//! Counts levels.
//!
//! Every level of a syntax tree takes at least one token of its own, so the tokens that have been read and whose
//! construct may still be open bound the depth. Inside one pair of brackets they are kept in three sums:
//!
//! - `run`: operators, closed brackets (`f()()()`, `a[0][0]`) and operator-like words since the last `;` or `,`. Both end
//!   every expression and every type around them. A `,` between type arguments does not, so none is honoured while a `<`
//!   is open. A word after `}` ends them too, unless it is one that continues (`} else`, `} as T`).
//! - `held`: `if`, `else`, `for`, `while`, `do`, `with` and labels. Statements nest through these across any number of
//!   `;`, so they count until the bracket closes.
//! - `angles`: open `<`. A `>` that is not part of `=>` closes one. Inside type arguments no other `>` can occur, and a
//!   less-than that never closes only makes the sum too high.

use super::lexer::{Lexer, Token};
use crate::limits::Limits;

/// The bound for a text within its limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Depth {
    /// The most levels that can be open at once.
    pub(crate) levels: usize,
    /// The offset of a Markdown fence: three backticks that start a line and, read as code, an empty template.
    pub(crate) fence: Option<usize>,
}

/// A text that goes beyond a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Excess {
    /// Where the limit was passed.
    pub(crate) offset: usize,
    pub(crate) observed: usize,
    pub(crate) limit: usize,
}

/// Bounds the depth of a text.
pub(crate) fn measure(text: &str, limits: &Limits) -> Result<Depth, Excess> {
    let mut scan =
        Scan { current: Level::default(), outer: Vec::new(), deepest: 0, last: Last::Start, modifiers: 0 };
    let mut lexer = Lexer::new(text);
    let mut fence = None;
    let mut resumed = None;
    while let Some(token) = resumed.take().or_else(|| lexer.next()) {
        if token == Token::Lost {
            return lost(text, lexer.offset(), scan.deepest.max(scan.levels()), fence, limits);
        }
        if fence.is_none() && token == Token::Template {
            fence = fence_at(text, lexer.offset());
        }
        match scan.take(token, lexer.after_newline()) {
            Closed::No => {}
            Closed::Head => lexer.closed_head(),
            Closed::Substitution => resumed = Some(lexer.resume_template()),
            Closed::Nothing => {
                return lost(text, lexer.offset(), scan.deepest.max(scan.levels()), fence, limits);
            }
        }
        scan.deepest = scan.deepest.max(scan.levels());
        let open = scan.outer.len() + scan.angles() + scan.modifiers;
        if open > limits.nesting {
            return Err(Excess { offset: lexer.offset(), observed: open, limit: limits.nesting });
        }
        if scan.deepest > limits.levels {
            return Err(Excess { offset: lexer.offset(), observed: scan.deepest, limit: limits.levels });
        }
    }
    Ok(Depth { levels: scan.deepest, fence })
}

/// Counts every remaining token as a level.
///
/// Brackets are counted as well, as if none stood in a string. That is no bound, but it keeps the parser from reading
/// ahead at thousands of them, which takes time in the square of their number.
fn lost(
    text: &str,
    at: usize,
    deepest: usize,
    fence: Option<usize>,
    limits: &Limits,
) -> Result<Depth, Excess> {
    let rest = text.get(at..).unwrap_or("");
    let mut levels = deepest;
    let mut open = 0usize;
    let mut previous = ' ';
    for (offset, c) in rest.char_indices() {
        let in_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
        // `1in` can be a number and a word.
        let continues = in_word(c) && in_word(previous) && (c.is_ascii_digit() || !previous.is_ascii_digit());
        levels += usize::from(!c.is_whitespace() && !continues);
        previous = c;
        if levels > limits.levels {
            return Err(Excess { offset: at + offset, observed: levels, limit: limits.levels });
        }
        match c {
            '(' | '[' | '{' | '<' => open += 1,
            ')' | ']' | '}' | '>' => open = open.saturating_sub(1),
            _ => {}
        }
        if open > limits.nesting {
            return Err(Excess { offset: at + offset, observed: open, limit: limits.nesting });
        }
    }
    Ok(Depth { levels, fence })
}

/// The start of an empty template that ends here, if it starts its line and a third backtick follows.
fn fence_at(text: &str, end: usize) -> Option<usize> {
    let start = end.checked_sub(2)?;
    // Only the blanks before it are looked at, so that many templates on one line cost no more than one.
    let before = text.get(..start)?.trim_end_matches([' ', '\t', '\u{feff}']);
    let fenced =
        (before.is_empty() || before.ends_with(['\n', '\r'])) && text.get(start..)?.starts_with("```");
    fenced.then_some(start)
}

/// The sums of one pair of brackets.
#[derive(Debug, Clone, Copy, Default)]
struct Level {
    opener: u8,
    /// Whether the bracket is the head of an `if`, `for`, `while` or `with`.
    head: bool,
    /// Levels of everything outside this bracket.
    below: usize,
    /// The part of them that are open `<`.
    angles_below: usize,
    run: usize,
    held: usize,
    angles: usize,
}

/// The token before the current one, as far as the rules ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Last {
    /// The start of the text, or anything after which a statement may start: `;`, `{`, `)`, a colon.
    Start,
    /// `}`, which is also a start.
    Brace,
    /// `else` or `do`.
    Branch,
    /// `if`, `for`, `while`, `with`, or the `await` of `for await`.
    Head,
    /// A word that stands where a statement starts; a colon after it makes it a label.
    Label,
    /// Anything else that can end a statement when a line ends after it.
    Value,
    Other,
}

enum Closed {
    No,
    /// The head of an `if`, `for`, `while` or `with`.
    Head,
    /// The `${` of a template.
    Substitution,
    /// A bracket that closes none: the text is not a program.
    Nothing,
}

struct Scan {
    current: Level,
    outer: Vec<Level>,
    deepest: usize,
    last: Last,
    /// How many modifiers stand in a row, such as `static`. The parser reads ahead over them from each of them.
    modifiers: usize,
}

impl Scan {
    fn levels(&self) -> usize {
        let Level { below, run, held, angles, .. } = self.current;
        below + run + held + angles
    }

    /// How many `<` are open, here and outside.
    fn angles(&self) -> usize {
        self.current.angles_below + self.current.angles
    }

    fn take(&mut self, token: Token<'_>, newline: bool) -> Closed {
        let modifier = matches!(token, Token::Word(word) if is_modifier(word));
        self.modifiers = if modifier { self.modifiers + 1 } else { 0 };
        match token {
            Token::Word(word) => self.word(word, newline),
            Token::Literal => self.last = Last::Value,
            Token::Template => {
                self.current.run += 1;
                self.last = Last::Value;
            }
            Token::Operator(byte) => self.operator(byte),
            Token::Open(opener) => self.open(opener),
            Token::Close(closer) => return self.close(closer),
            Token::Lost => {}
        }
        Closed::No
    }

    fn word(&mut self, word: &str, newline: bool) {
        if self.last == Last::Brace && !continues_after_brace(word) {
            self.current.run = 0;
            self.current.angles = 0;
        }
        let starts = match self.last {
            Last::Start | Last::Brace | Last::Branch => true,
            Last::Value | Last::Label => newline,
            Last::Head | Last::Other => false,
        };
        self.last = match word {
            "else" | "do" => Last::Branch,
            "if" | "for" | "while" | "with" => Last::Head,
            "await" if self.last == Last::Head => Last::Head,
            _ if starts => Last::Label,
            _ => Last::Value,
        };
        match word {
            "else" | "do" | "if" | "for" | "while" | "with" => self.current.held += 1,
            _ if nests(word) => self.current.run += 1,
            _ => {}
        }
    }

    /// Counts every character: `!!`, `@@` and `??` can each be several operators, and it costs little where they are one.
    fn operator(&mut self, byte: u8) {
        let last = std::mem::replace(&mut self.last, Last::Other);
        match byte {
            b';' => {
                self.current.run = 0;
                self.current.angles = 0;
                self.last = Last::Start;
                return;
            }
            b',' if self.current.angles == 0 => {
                self.current.run = 0;
                return;
            }
            // After a label, but also after `case x`, a statement starts.
            b':' => {
                self.current.held += usize::from(last == Last::Label);
                self.last = Last::Start;
            }
            b'<' => self.current.angles += 1,
            b'>' => {
                self.current.angles = self.current.angles.saturating_sub(1);
                self.last = Last::Value;
            }
            b'!' | b'+' | b'-' | b'?' => self.last = Last::Value,
            _ => {}
        }
        self.current.run += 1;
    }

    fn open(&mut self, opener: u8) {
        let head = opener == b'(' && self.last == Last::Head;
        self.current.run += 1;
        let (below, angles_below) = (self.levels(), self.angles());
        self.outer.push(std::mem::replace(
            &mut self.current,
            Level { opener, head, below, angles_below, run: 0, held: 0, angles: 0 },
        ));
        self.last = if opener == b'{' { Last::Start } else { Last::Other };
    }

    fn close(&mut self, closer: u8) -> Closed {
        let fits = matches!(
            (self.current.opener, closer),
            (b'(', b')') | (b'[', b']') | (b'{', b'}') | (b'$', b'}')
        );
        let (true, Some(outer)) = (fits, self.outer.pop()) else { return Closed::Nothing };
        let closed = std::mem::replace(&mut self.current, outer);
        self.last = match closer {
            b'}' if closed.opener == b'{' => Last::Brace,
            b')' => Last::Start,
            _ => Last::Value,
        };
        match closed {
            Level { opener: b'$', .. } => Closed::Substitution,
            Level { head: true, .. } => Closed::Head,
            _ => Closed::No,
        }
    }
}

/// Words that open a level of their own.
fn nests(word: &str) -> bool {
    matches!(
        word,
        "abstract"
            | "as"
            | "asserts"
            | "async"
            | "await"
            | "class"
            | "delete"
            | "extends"
            | "function"
            | "import"
            | "in"
            | "infer"
            | "instanceof"
            | "is"
            | "keyof"
            | "new"
            | "of"
            | "readonly"
            | "satisfies"
            | "throw"
            | "typeof"
            | "unique"
            | "void"
            | "yield"
    )
}

/// Words that may stand before a declaration or a member.
fn is_modifier(word: &str) -> bool {
    matches!(
        word,
        "abstract"
            | "accessor"
            | "async"
            | "const"
            | "declare"
            | "export"
            | "get"
            | "global"
            | "in"
            | "module"
            | "namespace"
            | "out"
            | "override"
            | "private"
            | "protected"
            | "public"
            | "readonly"
            | "set"
            | "static"
            | "type"
            | "using"
    )
}

/// Words that continue the construct before a `}` instead of starting a new one.
fn continues_after_brace(word: &str) -> bool {
    matches!(
        word,
        "as" | "assert"
            | "catch"
            | "else"
            | "extends"
            | "finally"
            | "from"
            | "implements"
            | "in"
            | "instanceof"
            | "is"
            | "of"
            | "satisfies"
            | "while"
            | "with"
    )
}
