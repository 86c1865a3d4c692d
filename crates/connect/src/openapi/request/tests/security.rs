//! What hostile arguments must not bring about, by the numbers of the threat catalogue: G60 paths, G61 other places, G62
//! headers, G63 servers.

use serde_json::json;

use super::*;

/// Sent as one segment, which decodes to the very value.
const ENCODED: [&str; 22] = [
    "a/b",
    "a%2Fb",
    ";x=1",
    "?q",
    "#f",
    "//evil",
    "@evil",
    "a.b",
    "..a",
    "a..",
    "100%",
    "%41",
    "a\u{ff0e}b",
    "é",
    " ",
    "{x}",
    "a:b",
    "https://evil.example",
    "C:\\x",
    "'\"<>`|^",
    "~-_.~",
    "\u{1f600}",
];

/// Never sent: some server would read another path.
const REFUSED: [&str; 27] = [
    "",
    ".",
    "..",
    "...",
    "../admin",
    "%2e%2e",
    "%252e",
    "%2E%2e",
    "%252e%252e",
    "..%2f",
    "..%5cx",
    "\\..\\",
    "a/../b",
    "a%2f..",
    "..;/x",
    "..;",
    " ..",
    "\0",
    "a%00b",
    "\t",
    "\r\n",
    "%0d%0a",
    "\u{7f}",
    "\u{85}",
    "\u{ff0e}\u{ff0e}",
    "\u{2025}/x",
    "%c0%ae%c0%ae",
];

#[test]
fn g60_a_value_in_a_path_is_one_segment_or_refused() {
    let templates = ["/a/{x}", "/a/{x}/b/{x}", "/{x}"];
    for template in templates {
        let operation = operation("GET", template, vec![parameter("x", Place::Path)]);
        let at = template.split('/').position(|segment| segment == "{x}").unwrap();
        for value in ENCODED {
            let sent = request(&base(), &operation, &json!({"x": value})).unwrap();
            let path = sent.url.path().strip_prefix("/v1").unwrap();
            assert_eq!(path.split('/').count(), template.split('/').count(), "{value:?}: {path}");
            let segment = path.split('/').nth(at).unwrap();
            assert_eq!(percent_encoding::percent_decode_str(segment).decode_utf8().unwrap(), value);
            assert_eq!(sent.url.origin(), base().url().origin());
            assert!(sent.url.query().is_none() && sent.url.fragment().is_none(), "{value:?}: {}", sent.url);
        }
        for value in REFUSED {
            let message = refusal(request(&base(), &operation, &json!({"x": value}))).unwrap_err();
            assert!(message.contains("path parameter \"x\" "), "{value:?}: {message}");
            let raw_arguments = json!({"method": "GET", "path": template, "pathParams": {"x": value}});
            refusal(raw(&base(), &[], &raw_arguments)).unwrap_err();
        }
    }
}

#[test]
fn g60_parts_of_a_segment_do_not_add_up_to_dots() {
    let parameters = || vec![parameter("x", Place::Path), parameter("y", Place::Path)];
    for (template, x, y) in [("/a/.{x}", "%2e", "b"), ("/a/{x}{y}", "%", "2e"), ("/a/{x}{y}", "a/", "%2e")] {
        let operation = operation("GET", template, parameters());
        refusal(request(&base(), &operation, &json!({"x": x, "y": y}))).unwrap_err();
    }
}

#[test]
fn g60_long_values_are_refused() {
    let many = json!({"method": "GET", "path": "/{x}".repeat(2_000), "pathParams": {"x": "a".repeat(8_000)}});
    assert!(refusal(raw(&base(), &[], &many)).unwrap_err().contains("longer than 8000 bytes"));
    for (place, path) in
        [(Place::Path, "/{x}"), (Place::Query, "/"), (Place::Header, "/"), (Place::Cookie, "/")]
    {
        let operation = operation("GET", path, vec![parameter("x", place)]);
        let message = refusal(request(&base(), &operation, &json!({"x": "a".repeat(10_000)}))).unwrap_err();
        assert!(message.contains("8000"), "{message}");
        let encoded_often = format!("%{}2e", "25".repeat(1000));
        let result = refusal(request(&base(), &operation, &json!({"x": encoded_often})));
        assert_eq!(result.is_err(), place == Place::Path);
    }
}

#[test]
fn g61_values_stay_values() {
    let values =
        ["&admin=1", "x;admin=1", "[]", "a=b", "é\u{1f600}", "+ %20", "\r\nSet-Cookie: a=b", "\0", "#x"];
    for value in values {
        for reserved in [false, true] {
            let mut written = parameter("x", Place::Query);
            written.allow_reserved = reserved;
            let operation = operation("GET", "/", vec![written]);
            let sent = request(&base(), &operation, &json!({"x": value})).unwrap();
            let pairs: Vec<_> = sent.url.query_pairs().into_owned().collect();
            let read = if reserved { value.replace("%20", " ") } else { value.to_owned() };
            assert_eq!(pairs, [("x".to_owned(), read)]);
            assert!(sent.url.fragment().is_none());
        }
        let form = json!({"method": "POST", "path": "/", "body": {"x": value},
            "headers": {"content-type": "application/x-www-form-urlencoded"}});
        let body = raw(&base(), &[], &form).unwrap().body.unwrap();
        let pairs: Vec<_> = url::form_urlencoded::parse(&body).into_owned().collect();
        assert_eq!(pairs, [("x".to_owned(), value.to_owned())]);
        let operation = operation("GET", "/", vec![parameter("x", Place::Cookie)]);
        let cookie = request(&base(), &operation, &json!({"x": value})).unwrap().cookie.unwrap();
        assert!(
            !cookie.contains(|c: char| c == ';' || c == ' ' || c.is_control() || !c.is_ascii()),
            "{cookie}"
        );
    }
}

#[test]
fn g61_header_values_cannot_end_the_header() {
    for value in ["a\r\nb: c", "a\n", "\0", "a\rb", "\u{7f}", "\t", "é"] {
        let operation = operation("GET", "/", vec![parameter("X-A", Place::Header)]);
        for result in [
            request(&base(), &operation, &json!({"X-A": value})),
            request(&base(), &operation, &json!({"X-A": ["a", value]})),
            request(&base(), &operation, &json!({"X-A": {"k": value}})),
            raw(&base(), &[], &json!({"method": "GET", "path": "/", "headers": {"X-A": value}})),
            raw(&base(), &[], &json!({"method": "GET", "path": "/", "headers": {"Content-Type": value}})),
        ] {
            let message = refusal(result).unwrap_err();
            assert!(message.contains("visible ASCII"), "{message}");
        }
    }
}

#[test]
fn g61_what_grows_by_encoding_is_bounded() {
    let mut deep = parameter("x", Place::Query);
    deep.style = Some(Style::Deep);
    let operation = operation("GET", "/", vec![deep, parameter("y", Place::Cookie)]);
    let mut nested = json!(1);
    for _ in 0..90 {
        nested = json!({ "a": nested });
    }
    let wide: serde_json::Map<_, _> = (0..100_000).map(|key| (key.to_string(), json!([]))).collect();
    for arguments in
        [json!({"x": nested}), json!({"x": {"k".repeat(500_000): wide}}), json!({"y": vec![0; 9000]})]
    {
        refusal(request(&base(), &operation, &arguments)).unwrap_err();
    }
}

#[test]
fn g62_no_call_sets_what_the_connector_sets() {
    let names = [
        "Host",
        "Authorization",
        "Cookie",
        "Cookie2",
        "Content-Length",
        "Transfer-Encoding",
        "Connection",
        "Keep-Alive",
        "TE",
        "Trailer",
        "Upgrade",
        "Expect",
        "Forwarded",
        "Via",
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "X-Forwarded",
        "Proxy-Authorization",
        "Proxy-Connection",
        "X-HTTP-Method-Override",
        "X-HTTP-Method",
        "X-Method-Override",
        "X-Original-URL",
        "X-Rewrite-URL",
        "X-Host",
        "X-Real-IP",
        "Client-IP",
        "Remote-User",
        "Accept-Encoding",
        "Sec-Fetch-Site",
        "Set-Cookie",
    ];
    for name in names {
        for name in [name.to_owned(), name.to_lowercase(), name.to_uppercase(), name.replace('-', "_")] {
            let operation = operation("GET", "/", vec![parameter(&name, Place::Header)]);
            let message = refusal(request(&base(), &operation, &json!({&name: "x"}))).unwrap_err();
            assert!(message.contains("set by the connector only"), "{message}");
            let message =
                refusal(raw(&base(), &[], &json!({"method": "GET", "path": "/", "headers": {&name: "x"}})));
            assert!(message.unwrap_err().contains("set by the connector only"));
        }
    }
    for name in ["", "a b", "Host ", " Host", "a:", "Host:x", "é", "a\r\n", "Host\0"] {
        let operation = operation("GET", "/", vec![parameter(name, Place::Header)]);
        let message = refusal(request(&base(), &operation, &json!({name: "x"}))).unwrap_err();
        assert!(message.contains("cannot be the name of a header"), "{name:?}: {message}");
    }
    for name in
        ["Accept", "Accept-Language", "User-Agent", "If-Match", "Range", "Idempotency-Key", "X-Amz-Date"]
    {
        let operation = operation("GET", "/", vec![parameter(name, Place::Header)]);
        let sent = request(&base(), &operation, &json!({name: "x"})).unwrap();
        assert_eq!(sent.headers, [(name.to_lowercase(), "x".to_owned())]);
    }
}

#[test]
fn g63_arguments_have_no_part_in_the_server() {
    let server = Server {
        url: "https://{host}/{version}".to_owned(),
        variables: serde_json::from_value(json!({
            "host": {"default": "api.example.com", "values": ["api.example.com"]},
            "version": {"default": "v1", "values": []}
        }))
        .unwrap(),
    };
    let base = Base::new(Some(&server), None, &Choices::default()).unwrap();
    let plain = operation("GET", "/{host}", vec![parameter("host", Place::Path)]);
    let sent = request(&base, &plain, &json!({"host": "evil.example"})).unwrap();
    assert_eq!(sent.url.as_str(), "https://api.example.com/v1/evil.example");
    let mut own = operation("GET", "/", Vec::new());
    own.server = Some(server);
    assert_eq!(request(&base, &own, &empty()).unwrap().url.as_str(), "https://api.example.com/v1/");
    for name in ["host", "version", "server", "baseUrl"] {
        refusal(request(&base, &own, &json!({name: "evil.example"}))).unwrap_err();
    }
}

#[test]
fn g63_an_operations_own_server_has_the_pinned_origin() {
    let refused = [
        "http://api.example.com/v1",
        "https://api.example.com:444/",
        "https://evil.example/",
        "//evil.example/",
        "file:///x",
        "https://api.example.com@evil.example/",
        "https://{x}.example.com/",
        "https://API.example.com./",
    ];
    for url in refused {
        let mut operation = operation("GET", "/a", Vec::new());
        operation.server = Some(Server { url: url.to_owned(), variables: BTreeMap::new() });
        let message = refusal(request(&base(), &operation, &empty())).unwrap_err();
        assert!(message.starts_with("the operation cannot be called: "), "{message}");
        assert_eq!(matching(&base(), &[operation], "GET", "/a"), None);
    }
}

#[test]
fn no_body_asks_for_a_method_that_the_document_does_not_declare() {
    let of = |media_type: &str, form: &str, fields: Value| -> Operation {
        let body = json!({"media_type": media_type, "form": form, "fields": fields});
        let written = json!({"method": "POST", "path": "/a", "parameters": [{"name": "any", "place": "query"}], "body": body});
        serde_json::from_value::<Written>(written).unwrap().into()
    };
    let forms = [
        ("application/json", "json"),
        ("application/x-www-form-urlencoded", "form"),
        ("multipart/form-data", "multipart"),
    ];
    for (media_type, form) in forms {
        for name in ["_method", "_METHOD", ".method", "_method\0x"] {
            let arguments = json!({"body": {"a": 1, name: "DELETE"}});
            let plain = of(media_type, form, json!({}));
            let message = refusal(request(&base(), &plain, &arguments)).unwrap_err();
            assert!(message.contains("\"_method\" cannot be sent"), "{message}");
            let declared = of(media_type, form, json!({name: {}}));
            request(&base(), &declared, &arguments).unwrap();
        }
    }
    for (media_type, form, body) in [
        ("application/json", "text", json!("{\"_method\": \"DELETE\"}")),
        ("application/x-www-form-urlencoded", "binary", json!(b"_method=DELETE")),
    ] {
        refusal(request(&base(), &of(media_type, form, json!({})), &json!({ "body": body }))).unwrap_err();
    }
    let open = of("application/json", "json", json!({}));
    refusal(request(&base(), &open, &json!({"any": {"_method": "DELETE"}}))).unwrap_err();
    let named = operation("POST", "/a", vec![parameter("_method", Place::Query)]);
    request(&base(), &named, &json!({"_method": "PUT"})).unwrap();
}
