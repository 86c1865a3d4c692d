//! Arguments put together by chance (the same each time) out of what has broken other clients. Whatever they are, no
//! request leaves its origin, the depth of its template, or its place in the request.

use std::collections::BTreeSet;

use serde_json::{Map, json};

use super::*;

/// How many values a run tries; a release is tried with a million and more.
const COUNT: &str = "CODEMODE_REQUEST_VALUES";
const USUAL_COUNT: u64 = 50_000;

/// One raw request is read by sixteen servers: as much work as five of the other kind.
const VALUES_A_RAW_REQUEST: u64 = 5;

const SCRAPS: [&str; 58] = [
    "..",
    ".",
    "/",
    "\\",
    "%2e",
    "%2E",
    "%252e",
    "%2f",
    "%5c",
    "%252f",
    "%",
    "%%",
    "%2",
    "25",
    ";",
    "?",
    "#",
    "@",
    ":",
    "//",
    "//evil.example",
    "https://evil.example/",
    "&admin=1",
    "=",
    "+",
    " ",
    "\t",
    "\r\n",
    "\0",
    "%00",
    "%0d%0a",
    "[]",
    "{x}",
    "}",
    "{",
    "\u{ff0e}",
    "\u{2025}",
    "\u{ff0f}",
    "\u{85}",
    "\u{2028}",
    "é",
    "\u{1f600}",
    "%c0%ae",
    "%ff",
    "'",
    "\"",
    "<",
    "|",
    "^",
    "`",
    "~",
    ",",
    "*",
    "a",
    "Z",
    "0",
    "users",
    "ME",
];

const TEMPLATES: [&str; 10] = [
    "/{x}",
    "/a/{x}",
    "/a/{x}/b",
    "/a/{x}/{y}",
    "/{x}{y}",
    "/{x}.{y}",
    "/.{x}",
    "/a/{x}/",
    "/{x}...{y}/c",
    "/a;{x}/%2E{y}",
];

/// Numbers that are the same on every machine.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % limit as u64).unwrap()
    }

    fn one<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    fn text(&mut self) -> String {
        (0..self.below(5)).map(|_| self.one(&SCRAPS)).collect()
    }

    fn value(&mut self, depth: usize) -> Value {
        match self.below(if depth == 0 { 10 } else { 14 }) {
            0 => self.one(&[json!(null), json!(true), json!(-1.5), json!(1e300)].each_ref()).clone(),
            1..=9 => json!(self.text()),
            10 | 11 => (0..self.below(4)).map(|_| self.value(depth - 1)).collect(),
            _ => Value::Object(self.object(depth)),
        }
    }

    fn object(&mut self, depth: usize) -> Map<String, Value> {
        (0..self.below(4)).map(|_| (self.text(), self.value(depth - 1))).collect()
    }

    fn parameter(&mut self, name: &str, place: Place) -> WrittenParameter {
        use Style::{Deep, Form, Label, Matrix, Pipe, Simple, Space, Tabs};
        let mut written = parameter(name, place);
        written.style = Some(self.one(&[Simple, Label, Matrix, Form, Space, Pipe, Deep, Tabs]));
        written.explode = Some(self.below(2) == 0);
        written.allow_reserved = self.below(2) == 0;
        written.json = self.below(4) == 0;
        written
    }
}

fn count() -> u64 {
    std::env::var(COUNT).ok().map_or(USUAL_COUNT, |count| count.parse().unwrap())
}

#[test]
fn no_argument_moves_a_request() {
    let mut chance = Chance(1);
    let base = base();
    let (mut tried, mut sent) = (0, 0);
    while tried < count() {
        let template = chance.one(&TEMPLATES);
        let mut parameters = vec![chance.parameter("x", Place::Path), chance.parameter("y", Place::Path)];
        parameters.push(chance.parameter("q", Place::Query));
        parameters.push(chance.parameter("X-H", Place::Header));
        parameters.push(chance.parameter("c", Place::Cookie));
        let operation = operation("GET", template, parameters);
        for _ in 0..20 {
            // One odd value at a time: a request that is refused for one says nothing about the others.
            let mut arguments = json!({"x": "a", "y": "b"});
            arguments[chance.one(&["x", "x", "y", "q", "X-H", "c"])] = chance.value(3);
            tried += 1;
            if let Ok(outgoing) = refusal(request(&base, &operation, &arguments)) {
                sent += 1;
                let depth = template.matches('/').count() + 1;
                harmless(&outgoing, depth, template.ends_with('/'), &arguments);
            }
        }
    }
    assert!(sent > tried / 3 && sent < tried, "{sent} of {tried} were sent, so little was tried");
}

fn harmless(outgoing: &Outgoing, depth: usize, is_open: bool, arguments: &Value) {
    let url = &outgoing.url;
    let whole = url.as_str();
    assert!(whole.starts_with("https://api.example.com/v1/"), "{arguments}: {whole}");
    assert!(whole.len() <= 8000 && whole.is_ascii() && url.fragment().is_none(), "{arguments}: {whole}");
    assert!(!whole.contains(|c: char| c.is_control() || c == ' ' || c == '\\'), "{arguments}: {whole}");
    assert_eq!(Url::parse(whole).as_ref(), Ok(url), "{arguments}");
    let segments: Vec<&str> = url.path().split('/').skip(1).collect();
    assert_eq!(segments.len(), depth, "{arguments}: {whole}");
    let segments = if is_open { &segments[..depth - 1] } else { &segments };
    for segment in segments {
        assert!(!segment.is_empty(), "{arguments}: {whole}");
        let mut text = (*segment).to_owned();
        for _ in 0..20 {
            assert!(
                !text.split(['/', '\\']).any(|piece| piece == "." || piece == ".."),
                "{arguments}: {whole}"
            );
            assert!(!text.contains(['\0', '\r', '\n']), "{arguments}: {whole}");
            text = percent_encoding::percent_decode_str(&text).decode_utf8_lossy().into_owned();
        }
    }
    for (name, value) in &outgoing.headers {
        assert_eq!(name, "x-h");
        assert!(value.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{arguments}: {value:?}");
    }
    let cookie = outgoing.cookie.as_deref().unwrap_or_default();
    for pair in cookie.split("; ") {
        assert!(
            !pair.contains(|c: char| c == ';' || c == ' ' || c.is_control() || !c.is_ascii()),
            "{cookie}"
        );
    }
    // Only an object that is written property by property names what is in the query.
    if !arguments["q"].is_object() && !arguments["q"].is_array() {
        assert!(url.query_pairs().all(|(name, _)| name == "q"), "{arguments}: {whole}");
        assert!(url.query_pairs().count() <= 1, "{arguments}: {whole}");
    }
}

const ROUTES: [&str; 7] =
    ["/users", "/users/me", "/users/{id}", "/users/{id}/keys", "/a/{x}/b", "/z/users", "/{any}"];

/// Servers read paths in one of these ways.
#[derive(Clone, Copy)]
struct Server {
    decodes_first: bool,
    decodes_twice: bool,
    ignores_case: bool,
    cuts_parameters: bool,
}

impl Server {
    fn all() -> impl Iterator<Item = Self> {
        (0..16).map(|bits| Self {
            decodes_first: bits & 1 > 0,
            decodes_twice: bits & 2 > 0,
            ignores_case: bits & 4 > 0,
            cuts_parameters: bits & 8 > 0,
        })
    }

    /// The route that a path takes, literals before parameters.
    fn route(self, path: &str) -> Option<usize> {
        let decode = |text: &str| {
            let once = percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
            if !self.decodes_twice {
                return once;
            }
            percent_encoding::percent_decode_str(&once).decode_utf8_lossy().into_owned()
        };
        let path = if self.decodes_first { decode(path) } else { path.to_owned() };
        let path = path.strip_prefix("/v1/")?.trim_end_matches('/').to_owned();
        let segments: Vec<String> =
            path.split('/')
                .filter(|segment| !segment.is_empty())
                .map(|segment| if self.decodes_first { segment.to_owned() } else { decode(segment) })
                .map(|segment| {
                    if self.cuts_parameters { segment.split(';').next().unwrap().to_owned() } else { segment }
                })
                .collect();
        let same = |route: &str, segment: &str| {
            route.starts_with('{')
                || route == segment
                || self.ignores_case && route.to_lowercase() == segment.to_lowercase()
        };
        let fits = |route: &str| {
            let route: Vec<&str> = route.split('/').skip(1).collect();
            route.len() == segments.len()
                && route.iter().zip(&segments).all(|(route, segment)| same(route, segment))
        };
        ROUTES.iter().position(|route| fits(route))
    }
}

#[test]
fn no_raw_request_reaches_an_operation_unseen() {
    let mut chance = Chance(2);
    let base = base();
    let operations: Vec<_> = ROUTES.iter().map(|route| operation("GET", route, Vec::new())).collect();
    let words =
        ["users", "USERS", "%75sers", "me", "mE", "%256De", "keys", "{x}", "7", "a", "b", "v1", "z", "", "."];
    let (mut sent, mut met) = (0, BTreeSet::new());
    let tries = count() / VALUES_A_RAW_REQUEST;
    for _ in 0..tries {
        let mut path = String::new();
        for _ in 0..chance.below(5) {
            path += "/";
            path += chance.one(&words);
            if chance.below(3) == 0 {
                path += chance.one(&SCRAPS);
            }
        }
        let value = if chance.below(2) == 0 {
            chance.one(&["me", "users/me", "7/keys", "users%2f7", "a;b"]).to_owned()
        } else {
            chance.text()
        };
        let mut arguments = json!({"method": "GET", "path": path});
        if path.contains("{x}") {
            arguments["pathParams"] = json!({ "x": value });
        }
        let Ok(outgoing) = refusal(raw(&base, &operations, &arguments)) else { continue };
        sent += 1;
        let path = outgoing.url.path();
        harmless(&outgoing, path.matches('/').count(), path.ends_with('/'), &arguments);
        let seen = amounts_to(&base, &operations, &arguments);
        assert_eq!(seen, reached(&base, &operations, &outgoing), "{arguments}");
        for reached in Server::all().filter_map(|server| server.route(path)) {
            met.insert(reached);
            assert_eq!(seen.all().into_iter().collect::<Vec<_>>(), [reached], "{arguments}: {path}");
        }
    }
    assert!(sent > tries / 50, "only {sent} were sent");
    assert_eq!(met.len(), ROUTES.len(), "only {met:?} were reached");
}
