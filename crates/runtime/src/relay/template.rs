//! Which URIs a template may stand for.

/// Whether `uri` may be what `template` (RFC 6570) gives for some values: its literal parts are there in their order, with
/// something for each expression between them.
pub(super) fn matches(template: &str, uri: &str) -> bool {
    let Some((first, mut rest)) = template.split_once('{') else { return template == uri };
    let Some(mut uri) = uri.strip_prefix(first) else { return false };
    loop {
        let Some((_expression, after)) = rest.split_once('}') else { return false };
        let Some((literal, next)) = after.split_once('{') else {
            return uri.len() > after.len() && uri.ends_with(after);
        };
        if literal.is_empty() {
            rest = next;
            continue;
        }
        // Something for the expression, and the shortest that does.
        let mut places = uri.match_indices(literal).map(|(at, _)| at);
        let Some(at) = places.find(|at| *at > 0) else { return false };
        uri = uri.get(at + literal.len()..).unwrap_or_default();
        rest = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_match_what_they_may_stand_for() {
        for (template, uri, fits) in [
            ("a://b", "a://b", true),
            ("a://b", "a://c", false),
            ("a://{x}", "a://1", true),
            ("a://{x}", "a://", false),
            ("a://{x}", "b://1", false),
            ("a://{x}/data", "a://1/data", true),
            ("a://{x}/data", "a:///data", false),
            ("a://{x}/y/{z}", "a://1/y/2", true),
            ("a://{x}/y/{z}", "a://1/y/", false),
            ("a://{x}{y}", "a://12", true),
            ("a://{x", "a://1", false),
            ("{+path}", "file:///x/y", true),
        ] {
            assert_eq!(matches(template, uri), fits, "{template} {uri}");
        }
    }
}
