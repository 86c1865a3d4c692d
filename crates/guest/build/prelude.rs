//! Turns the prelude's JavaScript files into a C header.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// Later files use what earlier ones set up.
const ORDER: [&str; 6] = ["base.js", "console.js", "timers.js", "text.js", "url.js", "abort.js"];

pub(crate) fn write_header(folder: &Path, header: &Path) -> super::Result<()> {
    let mut text =
        String::from("static const struct { const char *text; size_t len; } prelude_sources[] = {\n");
    for name in ORDER {
        let source = super::read(&folder.join(name))?;
        let _ = write!(text, "  {{ \"");
        for byte in &source {
            // Octal escapes end after three digits, whatever follows.
            let _ = match byte {
                b'\n' => write!(text, "\\n\"\n    \""),
                b'"' | b'\\' => write!(text, "\\{}", char::from(*byte)),
                0x20..=0x7e => write!(text, "{}", char::from(*byte)),
                other => write!(text, "\\{other:03o}"),
            };
        }
        let _ = writeln!(text, "\", {} }},", source.len());
    }
    text.push_str("};\n");
    fs::write(header, text).map_err(|error| format!("cannot write {}: {error}", header.display()))
}
