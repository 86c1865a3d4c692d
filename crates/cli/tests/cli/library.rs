//! The example HTTP API: requests in `cases/library/exchanges.json` and what comes of each, one after another on one
//! server. Whatever is answered must be as the API's own document says, and everything it says must be answered.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Stdio};

use codemode_catalog::Validator;
use serde_json::{Value, json};

use super::codemode;

struct Server {
    child: Child,
    address: String,
}

struct Answer {
    status: u64,
    media_type: String,
    body: Value,
}

#[test]
fn answers_are_as_the_document_says() {
    let mut server = Server::start();
    let document = server.ask("GET", "/openapi.json", None, None).body;
    let exchanges: Vec<Value> =
        serde_json::from_str(include_str!("../../../../cases/library/exchanges.json")).unwrap();
    let mut unanswered = documented(&document);
    for exchange in &exchanges {
        let (method, target) = exchange["request"].as_str().unwrap().split_once(' ').unwrap();
        let body = match &exchange["body"] {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            json => Some(json.to_string()),
        };
        let answer = server.ask(method, target, exchange["key"].as_str(), body.as_deref());
        let got = format!("{exchange} was answered by {} {}", answer.status, answer.body);
        assert_eq!(json!(answer.status), exchange["status"], "{got}");
        assert!(holds(&answer.body, &exchange["answer"]), "{got}");
        let Some(path) = matching(&document, target) else {
            assert_eq!(answer.media_type, "application/problem+json", "{got}");
            continue;
        };
        check(&document, path, method, &answer, &got);
        unanswered.remove(&(method.to_lowercase(), path.to_owned(), answer.status.to_string()));
    }
    for (method, path, status) in documented(&document) {
        if status == "401" {
            let target = format!("/v1{}", path.replace(['{', '}'], ""));
            let answer = server.ask(&method.to_uppercase(), &target, Some("wrong"), Some("{}"));
            check(&document, &path, &method, &answer, &format!("{method} {path} with a wrong key"));
            assert_eq!(answer.status, 401);
            unanswered.remove(&(method, path, status));
        }
    }
    assert_eq!(unanswered, BTreeSet::new(), "documented, and no case has it");
    server.stop();
}

#[test]
fn an_address_that_is_taken_is_an_error() {
    let mut server = Server::start();
    let output = codemode(&["example-server", "--http", &server.address]).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(1), &b""[..]));
    assert!(stderr.contains(&format!("cannot listen at {}", server.address)), "{stderr}");
    server.stop();
}

impl Server {
    fn start() -> Self {
        let mut child = codemode(&["example-server", "--http"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim_end().strip_prefix("http://").unwrap().strip_suffix("/openapi.json").unwrap();
        Self { address: address.to_owned(), child }
    }

    fn ask(&mut self, method: &str, target: &str, key: Option<&str>, body: Option<&str>) -> Answer {
        let mut request =
            format!("{method} {target} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n", self.address);
        if let Some(key) = key {
            request += &format!("x-api-key: {key}\r\n");
        }
        if let Some(body) = body {
            request += &format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len());
        }
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.write_all(format!("{request}\r\n{}", body.unwrap_or_default()).as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let media_type =
            head.lines().find_map(|line| line.strip_prefix("content-type: ")).unwrap_or_default();
        Answer {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            media_type: media_type.to_owned(),
            body: if body.is_empty() { Value::Null } else { serde_json::from_str(body).unwrap() },
        }
    }

    /// Ends its input, which ends it.
    fn stop(&mut self) {
        drop(self.child.stdin.take());
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
    }
}

/// Every operation with every status that it may answer.
fn documented(document: &Value) -> BTreeSet<(String, String, String)> {
    let paths = document["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().iter().filter(|(method, _)| *method != "parameters");
        methods.map(move |(method, operation)| (path, method, operation["responses"].as_object().unwrap()))
    });
    operations
        .flat_map(|(path, method, statuses)| {
            statuses.keys().map(|status| (method.clone(), path.clone(), status.clone()))
        })
        .collect()
}

/// The documented path that a request is for.
fn matching<'d>(document: &'d Value, target: &str) -> Option<&'d str> {
    let path = target.split('?').next()?.strip_prefix("/v1")?;
    let parts: Vec<&str> = path.split('/').collect();
    document["paths"].as_object()?.keys().map(String::as_str).find(|template| {
        let wanted: Vec<&str> = template.split('/').collect();
        wanted.len() == parts.len()
            && wanted.iter().zip(&parts).all(|(wanted, part)| wanted.starts_with('{') || wanted == part)
    })
}

/// The answer has a status and a body that the document knows.
fn check(document: &Value, path: &str, method: &str, answer: &Answer, got: &str) {
    let responses = &document["paths"][path][method.to_lowercase()]["responses"];
    let mut response = &responses[answer.status.to_string()];
    if let Some(reference) = response["$ref"].as_str() {
        response = document.pointer(reference.trim_start_matches('#')).unwrap();
    }
    assert!(response.is_object(), "{got}: not in the document");
    let Some(content) = response["content"].as_object() else {
        assert_eq!(answer.body, Value::Null, "{got}");
        return;
    };
    let mut schema = content[&answer.media_type]["schema"].clone();
    schema["components"] = document["components"].clone();
    let validator = Validator::new(&schema, None);
    assert_eq!(validator.warning(), None, "{got}");
    assert_eq!(validator.validate(&answer.body), Ok(()), "{got}");
}

/// Whether `value` has all that `part` has.
fn holds(value: &Value, part: &Value) -> bool {
    match (value, part) {
        (_, Value::Null) => true,
        (Value::Object(value), Value::Object(part)) => {
            part.iter().all(|(key, part)| value.get(key).is_some_and(|value| holds(value, part)))
        }
        (Value::Array(value), Value::Array(part)) => {
            value.len() == part.len() && value.iter().zip(part).all(|(value, part)| holds(value, part))
        }
        _ => value == part,
    }
}
