//! Base64 as upstreams write it.

use base64::Engine;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::general_purpose::STANDARD as USUAL;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Brings base64 into its usual form; false where `text` is none. The URL-safe alphabet, missing padding and line breaks
/// are understood.
pub(crate) fn normalise(text: &mut String) -> bool {
    const TOLERANT: GeneralPurposeConfig = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    if USUAL.decode(text.as_bytes()).is_ok() {
        return true;
    }
    let compact: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let bytes = [&STANDARD, &URL_SAFE]
        .into_iter()
        .find_map(|alphabet| GeneralPurpose::new(alphabet, TOLERANT).decode(&compact).ok());
    match bytes {
        Some(bytes) => {
            *text = USUAL.encode(bytes);
            true
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_spellings_are_one() {
        for (given, usual) in [
            ("", Some("")),
            ("+/8=", Some("+/8=")),
            ("-_8", Some("+/8=")),
            ("+/8", Some("+/8=")),
            ("aGVs\r\nbG8=\n", Some("aGVsbG8=")),
            ("aGk", Some("aGk=")),
            ("not base64!", None),
            ("data:image/png;base64,aGk=", None),
            ("a", None),
        ] {
            let mut text = given.to_owned();
            let found = normalise(&mut text).then_some(text.as_str());
            assert_eq!(found, usual, "{given}");
        }
    }
}
