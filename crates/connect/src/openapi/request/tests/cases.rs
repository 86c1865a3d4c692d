//! The cases that are data.

use serde_json::json;

use super::*;

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Sent {
    method: Option<String>,
    url: String,
    #[serde(default)]
    headers: Vec<(String, String)>,
    cookie: Option<String>,
    content_type: Option<String>,
    body: Option<String>,
}

impl Sent {
    fn of(outgoing: Outgoing, method: Option<&str>) -> Self {
        Self {
            method: method.map(|_| outgoing.method),
            url: shown(&outgoing.url),
            headers: outgoing.headers,
            cookie: outgoing.cookie,
            content_type: outgoing.content_type,
            body: outgoing.body.map(|body| String::from_utf8(body).unwrap()),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StyleCase {
    place: Place,
    style: Style,
    explode: bool,
    value: Value,
    #[serde(default)]
    allow_reserved: bool,
    #[serde(default)]
    json: bool,
    #[serde(default)]
    required: bool,
    sends: Option<String>,
    refused: Option<String>,
}

#[test]
fn styles() {
    let cases: Vec<StyleCase> = read("styles.json");
    for case in &cases {
        let color = WrittenParameter {
            property: None,
            name: "color".to_owned(),
            place: case.place,
            required: case.required,
            style: Some(case.style),
            explode: Some(case.explode),
            allow_reserved: case.allow_reserved,
            json: case.json,
        };
        let path = if case.place == Place::Path { "/{color}" } else { "/" };
        let operation = operation("GET", path, vec![color]);
        let result = refusal(request(&base(), &operation, &json!({"color": case.value})));
        let sent = result.map(|outgoing| match case.place {
            Place::Path => Some(outgoing.url.path().trim_start_matches("/v1/").to_owned()),
            Place::Query => outgoing.url.query().map(str::to_owned),
            Place::Header => outgoing.headers.into_iter().next().map(|(_, value)| value),
            Place::Cookie => outgoing.cookie,
        });
        let expected = case.refused.clone().map_or(Ok(case.sends.clone()), Err);
        assert_eq!(sent, expected, "{case:?}");
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    about: String,
    operation: Option<Written>,
    arguments: Value,
    sends: Option<Sent>,
    refused: Option<String>,
}

#[test]
fn requests() {
    for case in read::<Vec<Case>>("requests.json") {
        let operation = case.operation.unwrap().into();
        check(&case.about, request(&base(), &operation, &case.arguments), case.sends, case.refused);
    }
}

#[test]
fn raw_requests() {
    let operations: Vec<Operation> = read::<Matching>("matching.json").operations();
    for case in read::<Vec<Case>>("raw.json") {
        check(&case.about, raw(&base(), &operations, &case.arguments), case.sends, case.refused);
    }
}

fn check(about: &str, result: Result<Outgoing, CallError>, sends: Option<Sent>, refused: Option<String>) {
    let method = sends.as_ref().and_then(|sent| sent.method.clone());
    let result = refusal(result).map(|outgoing| Sent::of(outgoing, method.as_deref()));
    assert_eq!(result, refused.map_or_else(|| Ok(sends.unwrap()), Err), "{about}");
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Matching {
    operations: Vec<String>,
    requests: Vec<Request>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    method: String,
    path: String,
    operation: Option<String>,
}

impl Matching {
    fn operations(&self) -> Vec<Operation> {
        self.operations
            .iter()
            .map(|line| line.split_once(' ').unwrap())
            .map(|(method, path)| operation(method, path, Vec::new()))
            .collect()
    }
}

#[test]
fn operations_that_requests_amount_to() {
    let cases: Matching = read("matching.json");
    let operations = cases.operations();
    for Request { method, path, operation } in &cases.requests {
        let found = matching(&base(), &operations, method, path).map(|index| &cases.operations[index]);
        assert_eq!(found, operation.as_ref(), "{method} {path}");
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct BaseCase {
    about: String,
    server: Option<Server>,
    document: Option<String>,
    #[serde(default)]
    variables: BTreeMap<String, String>,
    base_url: Option<String>,
    base: Option<String>,
    refused: Option<String>,
}

#[test]
fn bases() {
    for case in read::<Vec<BaseCase>>("base.json") {
        let choices = Choices { base_url: case.base_url, variables: case.variables };
        let document = case.document.map(|url| Url::parse(&url).unwrap());
        let base = Base::new(case.server.as_ref(), document.as_ref(), &choices);
        let result = base.map(|base| base.url().to_string()).map_err(|error| error.to_string());
        assert_eq!(result, case.refused.map_or_else(|| Ok(case.base.unwrap()), Err), "{}", case.about);
    }
}
