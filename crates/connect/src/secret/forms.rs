//! The spellings under which a secret comes back.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// The secret as it is and in every encoding that servers, logs and error pages commonly put it into. Some are equal.
pub(super) fn of(secret: &str) -> Vec<String> {
    let mut forms = vec![secret.to_owned()];
    forms.extend(base64(secret.as_bytes()));
    forms.extend(escaped_for_urls(secret));
    forms.extend(escaped_for_json(secret));
    forms.extend(escaped_for_html(secret));
    forms.extend(hex(secret.as_bytes()));
    forms.push(secret.chars().rev().collect());
    forms.sort_unstable();
    forms.dedup();
    forms
}

/// What base64 of any text that holds the secret must contain. That depends on how many bytes come before it, modulo
/// three; characters that are made of bits of the neighbours too are left out.
fn base64(secret: &[u8]) -> impl Iterator<Item = String> {
    [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD].into_iter().flat_map(move |engine| {
        [(0, 0), (1, 2), (2, 3)].into_iter().map(move |(before, mixed)| {
            let mut bytes = vec![0; before];
            bytes.extend_from_slice(secret);
            let whole = bytes.len().saturating_mul(8) / 6;
            let text = engine.encode(bytes);
            text.get(mixed..whole).unwrap_or_default().to_owned()
        })
    })
}

/// RFC 3986's unreserved characters stay.
const STRICT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// What JavaScript's `encodeURIComponent` leaves as it is.
const COMPONENT: &AsciiSet = &STRICT.remove(b'!').remove(b'\'').remove(b'(').remove(b')').remove(b'*');
/// What browsers escape in a query.
const QUERY: &AsciiSet = &percent_encoding::CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>');
/// What HTML forms escape; a space becomes a plus.
const FORM: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'*').remove(b' ');

fn escaped_for_urls(secret: &str) -> Vec<String> {
    let mut forms: Vec<String> = [NON_ALPHANUMERIC, STRICT, COMPONENT, QUERY]
        .map(|set| utf8_percent_encode(secret, set).to_string())
        .into();
    forms.push(utf8_percent_encode(secret, FORM).to_string().replace(' ', "+"));
    let lower: Vec<String> = forms.iter().map(|form| lower_escapes(form)).collect();
    forms.extend(lower);
    // A URL within a URL.
    let twice: Vec<String> = forms.iter().map(|form| form.replace('%', "%25")).collect();
    forms.extend(twice);
    forms
}

/// `%2F` as `%2f`. A secret's own `%` is escaped itself, so what follows one is always an escape here.
fn lower_escapes(text: &str) -> String {
    let mut left = 0;
    let lower = |c: char| {
        left = if c == '%' { 2 } else { i32::max(left - 1, -1) };
        if c != '%' && left >= 0 { c.to_ascii_lowercase() } else { c }
    };
    text.chars().map(lower).collect()
}

fn escaped_for_json(secret: &str) -> Vec<String> {
    let escape = |c: char| match c {
        '"' => "\\\"".to_owned(),
        '\\' => "\\\\".to_owned(),
        c => c.to_string(),
    };
    let plain: String = secret.chars().map(escape).collect();
    let mut forms = vec![plain.replace('/', "\\/")];
    for digits in [lower_unit, upper_unit] {
        let units =
            |c: char| c.encode_utf16(&mut [0; 2]).iter().map(|unit| digits(*unit)).collect::<String>();
        let ascii = |text: &str| -> String {
            text.chars().map(|c| if c.is_ascii() { c.to_string() } else { units(c) }).collect()
        };
        let html_safe = |text: &str| -> String {
            text.chars().map(|c| if "<>&'+".contains(c) { units(c) } else { c.to_string() }).collect()
        };
        let amp_safe = |text: &str| -> String {
            text.chars().map(|c| if "<>&".contains(c) { units(c) } else { c.to_string() }).collect()
        };
        forms.extend([
            ascii(&plain),
            ascii(&plain.replace('/', "\\/")),
            html_safe(&ascii(&plain)),
            amp_safe(&plain),
        ]);
    }
    // JSON within a string of JSON, and that again.
    let again = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
    forms.extend([again(&plain), again(&again(&plain))]);
    forms.push(plain);
    forms
}

fn lower_unit(unit: u16) -> String {
    format!("\\u{unit:04x}")
}

fn upper_unit(unit: u16) -> String {
    format!("\\u{unit:04X}")
}

fn escaped_for_html(secret: &str) -> [String; 2] {
    ["&#39;", "&#x27;"].map(|apostrophe| {
        let text = secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        text.replace('"', "&quot;").replace('\'', apostrophe)
    })
}

fn hex(secret: &[u8]) -> [String; 2] {
    let mut lower = String::with_capacity(secret.len().saturating_mul(2));
    for byte in secret {
        // Writing to a string does not fail.
        let _ = write!(lower, "{byte:02x}");
    }
    let upper = lower.to_ascii_uppercase();
    [lower, upper]
}
