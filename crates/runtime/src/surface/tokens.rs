//! How many tokens a text costs a model, estimated without a tokenizer.
//!
//! A tokenizer's vocabulary is megabytes, and every model has another one. What they share is how they cut a text
//! before they look anything up: into words, groups of three digits, runs of marks and of white space. [`Meter`] cuts
//! alike and charges each piece what the o200k vocabulary charges for such a piece, rather too much than too little:
//! a budget that is kept by estimate must be kept by count. The tests compare the two.

/// Costs are sums of thousandths of a token.
pub(crate) const TOKEN: u64 = 1_000;

/// The tokens of `text`, rounded up.
pub(crate) fn tokens(text: &str) -> u64 {
    cost(text).div_ceil(TOKEN)
}

/// The cost of `text`.
pub(crate) fn cost(text: &str) -> u64 {
    let mut meter = Meter::default();
    text.chars().for_each(|c| meter.push(c));
    meter.total()
}

/// The beginning of `text` that costs no more than `budget` where it stands in a JSON string.
pub(crate) fn prefix(text: &str, budget: u64) -> &str {
    let mut meter = Meter::default();
    for (at, c) in text.char_indices() {
        meter.push_escaped(c);
        if meter.total() > budget {
            return text.get(..at).unwrap_or_default();
        }
    }
    text
}

/// The cost of `text` where it stands in a JSON string, without the quotes.
pub(crate) fn cost_escaped(text: &str) -> u64 {
    let mut meter = Meter::default();
    text.chars().for_each(|c| meter.push_escaped(c));
    meter.total()
}

/// Adds up the cost of a text, character by character. It never decreases.
#[derive(Debug, Clone, Copy, Default)]
struct Meter {
    /// Of the pieces that have ended.
    done: u64,
    /// The piece that has not.
    class: Class,
    length: u64,
    extra: u64,
    last: char,
}

/// What pieces are made of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Class {
    Letters,
    Digits,
    Blanks,
    Breaks,
    Marks,
    /// Outside ASCII, where each character is charged by itself.
    #[default]
    Foreign,
}

/// What a letter adds that rarely follows the one before it: no word of the vocabulary is likely to go across.
const UNUSUAL_PAIR: u64 = 600;

/// What a capital adds inside a word: abbreviations are rarer in the vocabulary than words.
const INNER_CAPITAL: u64 = 300;

/// What a mark adds that is not usually written right after the one before it.
const UNUSUAL_MARK: u64 = 800;

/// Letters of a word that are one token almost always; what each further one adds; and from where on it is so long
/// that it is a compound, or no word at all.
const SHORT_WORD: u64 = 6;
const LONG_WORD: u64 = 12;
const PER_LETTER: u64 = 130;

impl Meter {
    fn total(&self) -> u64 {
        self.done + self.open()
    }

    /// The cost of the piece that has not ended.
    fn open(&self) -> u64 {
        let by_length = match self.class {
            Class::Letters => {
                let (over, far_over) =
                    (self.length.saturating_sub(SHORT_WORD), self.length.saturating_sub(LONG_WORD));
                TOKEN + (over + far_over) * PER_LETTER
            }
            Class::Digits => self.length.div_ceil(3) * TOKEN,
            // A single blank is part of what follows it. Runs of up to some eighty are one token.
            Class::Blanks if self.length <= 1 => 0,
            Class::Blanks => TOKEN + self.length / 16 * TOKEN,
            Class::Breaks | Class::Marks => TOKEN,
            Class::Foreign => 0,
        };
        by_length + self.extra
    }

    fn push(&mut self, c: char) {
        let class = Class::of(c);
        let hump = self.last.is_ascii_lowercase() && c.is_ascii_uppercase();
        if class != self.class || class == Class::Foreign || hump {
            self.done += self.open();
            // Digits do not take the blank before them.
            if class == Class::Digits && self.class == Class::Blanks && self.length == 1 {
                self.done += TOKEN;
            }
            (self.length, self.extra) = (0, 0);
        }
        if self.length > 0 {
            self.extra += match class {
                Class::Letters if !usual_pair(self.last, c) => UNUSUAL_PAIR,
                Class::Letters if c.is_ascii_uppercase() => INNER_CAPITAL,
                Class::Marks if !usual_marks(self.last, c) => UNUSUAL_MARK,
                _ => 0,
            };
        }
        if class == Class::Foreign {
            self.done += foreign(c);
        }
        (self.class, self.last) = (class, c);
        self.length += 1;
    }

    /// As JSON writes it inside a string.
    fn push_escaped(&mut self, c: char) {
        match c {
            '"' => {
                self.push('\\');
                self.push(c);
            }
            '\\' => {
                self.push(c);
                self.push(c);
                self.extra += TOKEN;
            }
            '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => {
                self.push('\\');
                self.push('n');
            }
            c if c.is_control() && c.is_ascii() => {
                "\\u0000".chars().for_each(|c| self.push(c));
                self.extra += TOKEN;
            }
            c => self.push(c),
        }
    }
}

impl Class {
    fn of(c: char) -> Self {
        match c {
            'a'..='z' | 'A'..='Z' => Self::Letters,
            '0'..='9' => Self::Digits,
            ' ' | '\t' => Self::Blanks,
            '\n' | '\r' => Self::Breaks,
            c if c.is_ascii() => Self::Marks,
            _ => Self::Foreign,
        }
    }
}

/// Whether one letter often follows the other: at least once in two thousand pairs of English prose, API descriptions,
/// and code. It tells words from what merely consists of letters, such as base64.
fn usual_pair(first: char, second: char) -> bool {
    let after: &[u8] = match first.to_ascii_lowercase() {
        'a' => b"bcdfgiklmnprstuxy",
        'b' => b"aeijlouy",
        'c' => b"acehikloprstu",
        'd' => b"adeiorsuy",
        'e' => b"abcdefgilmnpqrstvwxy",
        'f' => b"aefinortu",
        'g' => b"aeilorstu",
        'h' => b"aeiotu",
        'i' => b"acdefglmnoprstvz",
        'j' => b"es",
        'k' => b"ei",
        'l' => b"adefilostuy",
        'm' => b"abeimopsu",
        'n' => b"acdefgiklnostuy",
        'o' => b"abcdfgiklmnoprstuvw",
        'p' => b"aeiloprstu",
        'q' => b"u",
        'r' => b"acdegilmnoprstuvy",
        's' => b"acehikopstuy",
        't' => b"acdehiloprstuy",
        'u' => b"bcdegilmnprst",
        'v' => b"aei",
        'w' => b"aehinorw",
        'x' => b"ept",
        'y' => b"lopt",
        'z' => b"e",
        _ => b"",
    };
    u8::try_from(second.to_ascii_lowercase()).is_ok_and(|second| after.contains(&second))
}

/// Whether marks that follow each other are usually one token.
fn usual_marks(first: char, second: char) -> bool {
    first == second
        || matches!(
            (first, second),
            ('"', ',' | ':' | '}' | ']')
                | (',' | ':' | '{' | '[' | '(' | '}' | ']', '"')
                | ('}' | ']', ',' | '}' | ']')
                | (':', '{' | '[' | '/')
                | ('(' | '{' | '[', ')' | '}' | ']')
                | ('[', '{')
                | (')', ';' | ',' | '.')
                | ('=' | '-', '>')
                | ('<' | '*', '/')
                | ('/', '*')
                | ('!', '=')
                // A string within a string.
                | ('\\', '"')
                | (',' | ':' | '"', '\\')
        )
}

/// What a character outside ASCII costs, by its script: what texts in that script cost on average and a bit more.
fn foreign(c: char) -> u64 {
    match u32::from(c) {
        // Latin with accents.
        0x80..=0x24F => 600,
        // Greek, Cyrillic.
        0x250..=0x52F => 350,
        // Hebrew, Arabic, scripts of India and of South East Asia.
        0x530..=0x1FFF => 500,
        // Punctuation, arrows, symbols.
        0x2000..=0x2FFF => 1_000,
        // Japanese.
        0x3000..=0x30FF => 800,
        // Han.
        0x3400..=0x9FFF => 1_000,
        // Hangul.
        0xAC00..=0xD7AF => 800,
        0xFF00..=0xFFEF => 1_000,
        // Emoji.
        0x1F000..=0x1FAFF => 2_300,
        0..=0xFFFF => 1_500,
        _ => 3_500,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What an estimate may be of the count, at least and at most: under the one a budget would not hold, over the other
    /// half of it would be wasted.
    const BOUNDS: (f64, f64) = (0.98, 1.7);

    fn compare(name: &str, text: &str) {
        let count = tiktoken_rs::o200k_base_singleton().encode_ordinary(text).len();
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        let ratio = tokens(text) as f64 / count as f64;
        assert!((BOUNDS.0..BOUNDS.1).contains(&ratio), "{name}: {ratio:.3} of {count}");
    }

    /// The same on every machine.
    fn bytes(count: usize) -> Vec<u8> {
        let mut state = 1_u64;
        let next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            state.to_be_bytes()[0]
        };
        std::iter::repeat_with(next).take(count).collect()
    }

    #[test]
    fn texts_are_not_underestimated() {
        let prose = "The runtime keeps what a program printed apart from what it returned, because a model reads one and \
                     people read the other. Whether that is worth the trouble depends on who asks; on Tuesdays, nobody does. ";
        let german =
            "Geschwindigkeitsbegrenzungen gelten für alle Fahrzeuge, die länger als zwölf Meter sind. ";
        let french = "Le résultat n’est pas coupé tant qu’il tient dans le budget prévu pour cette réponse. ";
        let russian = "Программа выполняется в песочнице, и возвращается только её результат. ";
        let chinese =
            "北京今天的天气很好，我们决定去公园散步。经济增长放缓的原因有很多，包括出口下降和消费疲软。";
        let traditional = "這個程式會在沙箱中執行，只會傳回最後的結果，資料庫裡的舊紀錄則不受影響。";
        let japanese = "今日は天気がいいので、公園を散歩しましょう。東京の人口は約千四百万人です。";
        let korean = "오늘은 날씨가 좋아서 공원에 산책하러 갑니다. 프로그램은 결과만 반환합니다. ";
        let arabic = "يعمل البرنامج في بيئة معزولة ولا تعود إلا النتيجة إلى النموذج. ";
        let emoji = "😀😂🥰😎🤖🚀🔥✨🎉👍🏽👩‍💻🇩🇪🇯🇵❤️🧪🦀🐍📦🗂️🪐🫠";
        for text in [prose, german, french, russian, chinese, traditional, japanese, korean, arabic, emoji] {
            compare(text, &text.repeat(10));
        }
    }

    #[test]
    fn code_is_not_underestimated() {
        for text in [include_str!("tokens.rs"), include_str!("truncate.rs"), include_str!("../../Cargo.toml")]
        {
            compare(&text[..40], text);
        }
    }

    #[test]
    fn what_is_no_language_is_not_underestimated() {
        const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let bytes = bytes(20_000);
        let of = |alphabet: &[u8]| -> String {
            bytes.iter().map(|byte| char::from(alphabet[usize::from(*byte) % alphabet.len()])).collect()
        };
        compare("base64", &of(BASE64));
        compare("hex", &of(b"0123456789abcdef"));
        compare("letters", &of(b"abcdefghijklmnopqrstuvwxyz"));
        compare("marks", &of(b"{}[]()<>=+-*/&|!?;:,.#@$%^~`\"'\\"));
        compare("digits", &of(b"0123456789"));
        let printable: Vec<u8> = (33..127).collect();
        compare("printable", &of(&printable));
    }

    #[test]
    fn json_is_not_underestimated() {
        let bytes = bytes(4_000);
        let rows: Vec<_> = bytes
            .chunks(4)
            .map(|row| {
                serde_json::json!({
                    "id": u32::from_be_bytes([row[0], row[1], row[2], row[3]]), "ok": row[0] > 9, "score": f64::from(row[1]) / 7.0,
                    "created_at": format!("2026-{:02}-{:02}T12:30:{:02}Z", row[1] % 12 + 1, row[2] % 28 + 1, row[3] % 60),
                    "title": "Cannot parse the answer", "labels": ["bug", "p1"], "parent": null,
                })
            })
            .collect();
        compare("rows", &serde_json::to_string(&rows).unwrap());
        compare("rows, indented", &serde_json::to_string_pretty(&rows).unwrap());
        compare(
            "rows in a string",
            &serde_json::Value::String(serde_json::to_string(&rows).unwrap()).to_string(),
        );
        let shared = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/");
        for file in
            ["mcp_servers_tools_list.json", "openapi/google-calendar.json", "openapi/petstore-3.0.json"]
        {
            match std::fs::read_to_string(format!("{shared}{file}")) {
                Ok(text) => {
                    compare(file, &serde_json::from_str::<serde_json::Value>(&text).unwrap().to_string())
                }
                Err(_) => eprintln!("SKIPPED: {shared}{file} is absent"),
            }
        }
    }

    #[test]
    fn a_prefix_costs_no_more_than_it_may() {
        for text in ["plain words and 12345", "é👩‍💻散步\n\"quoted\"", ""] {
            for budget in 0..30 {
                let kept = prefix(text, budget * TOKEN / 2);
                assert!(text.starts_with(kept) && cost_escaped(kept) <= budget * TOKEN / 2);
            }
            assert_eq!(prefix(text, cost_escaped(text)), text);
        }
    }
}
