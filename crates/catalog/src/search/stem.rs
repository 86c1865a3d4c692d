//! Light stemming of English: enough that `issues`, `creating` and `translation` meet `issue`, `create` and `translate`.

/// Suffixes that derive one word from another, with the fewest letters that must be left before each; the first that
/// fits is dropped.
const SUFFIXES: &[(&str, usize)] = &[
    ("ization", 3),
    ("ational", 5),
    ("ation", 4),
    ("ator", 4),
    ("ition", 3),
    ("ment", 4),
    ("ively", 4),
    ("ion", 4),
    ("ness", 4),
    ("able", 4),
    ("ally", 4),
    ("ly", 4),
    ("al", 5),
    ("ive", 4),
    ("ize", 4),
    ("ise", 4),
    ("ate", 4),
    ("er", 4),
    ("or", 4),
];

/// What `word`, in lower case, has in common with its inflections and derivations; no word that is read by people.
///
/// Only words of ASCII letters are changed. Over-stemming is cheap here: two unrelated tools that come to share a stem
/// still differ in their other words, whereas a missed inflection loses the tool.
pub(crate) fn stem(word: &str) -> String {
    if word.len() < 4 || !word.bytes().all(|b| b.is_ascii_lowercase()) {
        return word.to_owned();
    }
    let mut stem = singular(word);
    for suffix in ["ing", "ed"] {
        if let Some(rest) = stem.strip_suffix(suffix)
            && rest.len() >= 3
            && rest.contains(['a', 'e', 'i', 'o', 'u', 'y'])
        {
            // `translated` is a form of `translate`, `repeated` of `repeat`.
            let verb = rest.strip_suffix("at").filter(|verb| verb.len() >= 4 && !verb.ends_with('e'));
            stem = verb.unwrap_or(undouble(rest)).to_owned();
            break;
        }
    }
    let derived = SUFFIXES.iter().find_map(|(suffix, least)| {
        stem.strip_suffix(suffix).filter(|rest| rest.len() >= *least).map(str::to_owned)
    });
    let mut stem = derived.unwrap_or(stem);
    if stem.len() > 3 && stem.ends_with('e') {
        stem.pop();
    }
    if stem.len() > 3 && stem.ends_with('y') {
        stem.pop();
        stem.push('i');
    }
    stem
}

fn singular(word: &str) -> String {
    if word.ends_with("sses") {
        return word.strip_suffix("es").unwrap_or(word).to_owned();
    }
    if let Some(rest) = word.strip_suffix("ies") {
        return format!("{rest}{}", if word.len() > 4 { "y" } else { "ie" });
    }
    if ["us", "ss", "is"].iter().any(|end| word.ends_with(end)) {
        return word.to_owned();
    }
    word.strip_suffix('s').unwrap_or(word).to_owned()
}

/// `runn` of `running` as `run`; `call` and `process` keep their double letter.
fn undouble(word: &str) -> &str {
    let mut last = word.bytes().rev();
    match (last.next(), last.next()) {
        (Some(a), Some(b)) if a == b && word.len() > 3 && !matches!(a, b'l' | b's' | b'z') => {
            word.get(..word.len() - 1).unwrap_or(word)
        }
        _ => word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inflections_meet() {
        for family in [
            &["issue", "issues"][..],
            &["create", "creates", "created", "creating", "creation", "creator"],
            &["translate", "translation", "translations", "translating", "translator"],
            &["repeat", "repeated", "repeats"],
            &["format", "formats", "formatting", "formatted"],
            &["update", "updates", "updating", "updated"],
            &["query", "queries", "querying"],
            &["run", "running"],
            &["process", "processes", "processing"],
            &["deployment", "deploy", "deployments"],
            &["convert", "converter", "converting"],
        ] {
            let stems: Vec<String> = family.iter().map(|word| stem(word)).collect();
            assert!(stems.iter().all(|other| Some(other) == stems.first()), "{family:?}: {stems:?}");
        }
        assert_eq!(stem("s3"), "s3");
        assert_eq!(stem("Ünïcode"), "Ünïcode");
    }
}
