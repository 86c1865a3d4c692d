//! Words that people and tools use for the same thing.
//!
//! The groups in `synonyms.txt` are general vocabulary of APIs and of what people ask of them; no group is there for
//! a particular tool. A word may stand in several groups. `a_b` is the phrase "a b".

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::search::stem::stem;

static SYNONYMS: LazyLock<HashMap<String, Vec<String>>> = LazyLock::new(|| {
    let mut map: HashMap<String, Vec<String>> = HashMap::new();
    let lines = include_str!("synonyms.txt").lines();
    for line in lines.filter(|line| !line.starts_with('#')) {
        let members: Vec<Vec<String>> =
            line.split_whitespace().map(|member| member.split('_').map(stem).collect()).collect();
        for member in &members {
            let targets = map.entry(member.join("_")).or_default();
            for target in members.iter().filter(|other| *other != member).flatten() {
                if !member.contains(target) && !targets.contains(target) {
                    targets.push(target.clone());
                }
            }
        }
    }
    map
});

/// The stems that may stand for `stem`, which is one stem, or two joined by `_` for a phrase.
pub(crate) fn synonyms(stem: &str) -> &'static [String] {
    SYNONYMS.get(stem).map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_words_and_phrases() {
        assert!(synonyms("movi").contains(&"film".to_owned()));
        assert!(synonyms("pr").contains(&"pull".to_owned()));
        assert!(synonyms("pull_request").contains(&"pr".to_owned()));
        assert!(synonyms("zzz").is_empty());
    }
}
