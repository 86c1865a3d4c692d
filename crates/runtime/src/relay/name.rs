//! Names under which tools and prompts are passed on.

use std::collections::HashSet;

use ring::digest::{SHA256, digest};

/// The longest name of a tool that MCP has.
const MAX_CHARS: usize = 128;

/// What is between a connector's name and the name of what it has.
const BETWEEN: &str = "__";

/// The name of what is `own` of a connector, among those that are taken, which it joins.
///
/// The only connector's are their own names. Among several, or where a name is taken, it is `connector__own` of the
/// characters that every client takes; where that is too long or taken, its end is a part of the SHA-256 of what it stands for.
pub(super) fn name(connector: &str, own: &str, is_only: bool, taken: &mut HashSet<String>) -> String {
    if is_only && !own.is_empty() && taken.insert(own.to_owned()) {
        return own.to_owned();
    }
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '_' | '-') { c } else { '_' };
    let full: String = format!("{connector}{BETWEEN}{own}").chars().map(plain).collect();
    if full.len() <= MAX_CHARS && taken.insert(full.clone()) {
        return full;
    }
    let hash = digest(&SHA256, format!("{connector}.{own}").as_bytes());
    let hash: String = hash.as_ref().iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    let start: String = full.chars().take(MAX_CHARS - hash.len() - 1).collect();
    let name = format!("{start}_{hash}");
    taken.insert(name.clone());
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_apart() {
        let mut taken = HashSet::from(["execute".to_owned()]);
        assert_eq!(name("a", "odd name", true, &mut taken), "odd name");
        assert_eq!(name("a", "execute", true, &mut taken), "a__execute");
        assert_eq!(name("a", "b.c", false, &mut taken), "a__b_c");
        let other = name("a", "b/c", false, &mut taken);
        assert!(other.starts_with("a__b_c_") && other.len() == "a__b_c_".len() + 8, "{other}");
        let long = name("a", &"x".repeat(200), false, &mut taken);
        assert_eq!(long.len(), MAX_CHARS);
        assert_ne!(long, name("a", &"x".repeat(201), false, &mut taken));
    }
}
