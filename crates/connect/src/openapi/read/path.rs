//! Path templates.

/// A path of the document, as a request can be made of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Template {
    /// Begins with a slash, holds no query and no fragment.
    pub(super) path: String,
    /// The names in braces, each once.
    pub(super) variables: Vec<String>,
    /// The query that some documents write behind the path.
    pub(super) query: Vec<(String, String)>,
}

impl Template {
    pub(super) fn new(text: &str) -> Self {
        let text = text.split('#').next().unwrap_or_default();
        let (path, query) = text.split_once('?').unwrap_or((text, ""));
        let slash = if path.starts_with('/') { "" } else { "/" };
        let query = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (name.to_owned(), value.to_owned())
        });
        Self { path: format!("{slash}{path}"), variables: variables(path), query: query.collect() }
    }
}

fn variables(path: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for part in path.split('{').skip(1) {
        let Some((name, _)) = part.split_once('}') else { continue };
        if !name.is_empty() && !found.iter().any(|known| known == name) {
            found.push(name.to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_taken_apart() {
        let template = Template::new("a/{b}/{c}.{b}?x=1&y#z={d}");
        assert_eq!(template.path, "/a/{b}/{c}.{b}");
        assert_eq!(template.variables, ["b", "c"]);
        assert_eq!(template.query, [("x", "1"), ("y", "")].map(|(a, b)| (a.to_owned(), b.to_owned())));
        assert_eq!(Template::new("/{/{}/}{a").variables, Vec::<String>::new());
    }
}
