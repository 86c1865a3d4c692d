//! Names of which there must be only one.

use std::collections::HashMap;

use super::limits::MAX_NAME_CHARS;

/// Names given so far. A name that is taken is given with a number, from 2 on.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// The number that the name was last given with.
    given: HashMap<String, u32>,
}

impl Names {
    pub(super) fn is_free(&self, name: &str) -> bool {
        !self.given.contains_key(name)
    }

    /// `name`, or where that is taken or `reserved`, the first numbered one that is neither.
    pub(super) fn give(&mut self, name: &str, reserved: impl Fn(&str) -> bool) -> String {
        if self.is_free(name) && !reserved(name) {
            self.given.insert(name.to_owned(), 1);
            return name.to_owned();
        }
        let mut number = self.given.get(name).copied().unwrap_or(1);
        loop {
            number = number.saturating_add(1);
            let numbered = format!("{name}_{number}");
            if number == u32::MAX || (self.is_free(&numbered) && !reserved(&numbered)) {
                self.given.insert(name.to_owned(), number);
                self.given.insert(numbered.clone(), 1);
                return numbered;
            }
        }
    }
}

/// An `operationId` that can name a tool.
pub(super) fn own(id: &str) -> Option<&str> {
    let id = id.trim();
    let fits = !id.is_empty() && id.len() <= MAX_NAME_CHARS && !id.contains(char::is_control);
    fits.then_some(id)
}

/// The name of an operation without one: `get_repos_owner_repo` of `GET /repos/{owner}/{repo}`.
pub(super) fn of(method: &str, path: &str) -> String {
    let words = path.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let name = std::iter::once(method.to_lowercase().as_str()).chain(words).collect::<Vec<_>>().join("_");
    name.chars().take(MAX_NAME_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taken_names_are_numbered() {
        let mut names = Names::default();
        let mut give = |name: &str| names.give(name, |name| name == "b");
        assert_eq!(
            [give("a"), give("a_2"), give("a"), give("a"), give("b")],
            ["a", "a_2", "a_3", "a_4", "b_2"]
        );
    }

    #[test]
    fn a_hundred_thousand_of_one_name_take_no_time() {
        let mut names = Names::default();
        let last = (0..100_000).map(|_| names.give("a", |_| false)).last();
        assert_eq!(last.as_deref(), Some("a_100000"));
    }

    #[test]
    fn operations_without_a_name_are_called_by_their_path() {
        assert_eq!(of("GET", "/repos/{owner}/{repo}"), "get_repos_owner_repo");
        assert_eq!(of("GET", "/"), "get");
        assert_eq!(own("  a b "), Some("a b"));
        assert_eq!([own(""), own("a\nb"), own(&"a".repeat(201))], [None; 3]);
    }
}
