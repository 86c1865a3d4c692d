use super::*;

fn refused(bytes: &[u8]) -> Refusal {
    check(bytes).expect_err("has to be refused")
}

#[test]
fn what_clients_send_passes() {
    let passes = |text: &str| check(text.as_bytes()).unwrap_or_else(|refusal| panic!("{text}: {refusal}"));
    let call = r#" {"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"execute","arguments":{"code":"1"}}}"#;
    assert_eq!(passes(call), Envelope { kind: Kind::Request, id: 7.into() });
    assert_eq!(passes(r#"{"id":"a-1","jsonrpc":"2.0","method":"ping"}"#).id, "a-1");
    assert_eq!(passes(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#).kind, Kind::Notification);
    assert_eq!(passes(r#"{"jsonrpc":"2.0","id":0,"result":{}}"#).kind, Kind::Response);
    assert_eq!(passes(r#"{"jsonrpc":"2.0","id":-5,"method":"x"}"#).id, -5);
    // To refuse it would be answered in the same way, without end.
    passes(r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"?"}}"#);
    assert_eq!(passes(r#"{"jsonrpc":"2.0","error":{"code":-32700,"message":"?"}}"#).kind, Kind::Response);
    // What later versions add.
    passes(r#"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"later":[{}]},"also":null}"#);
    // Arguments are anybody's: their keys may differ by case alone.
    passes(
        r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"arguments":{"Method":1,"method":2}}}"#,
    );
}

#[test]
fn arguments_may_be_as_deep_as_a_tool_takes_them() {
    let nested = |levels: usize| {
        let (open, close) = ("[".repeat(levels), "]".repeat(levels));
        format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"m","params":{{"arguments":{{"input":{open}{close}}}}}}}"#
        )
    };
    assert!(check(nested(100).as_bytes()).is_ok());
    let refusal = refused(nested(102).as_bytes());
    assert_eq!((refusal.code, refusal.id), (Refusal::INVALID, 1.into()));
    assert!(refusal.message.contains("deeper than 104 levels"), "{}", refusal.message);
    assert!(check(nested(100_000).as_bytes()).is_err());
}

#[test]
fn a_key_that_comes_twice_is_found_among_many() {
    let keys: String = (0..1_000).map(|n| format!(r#""k{n}":{n},"#)).collect();
    let object =
        |last: &str| format!(r#"{{"jsonrpc":"2.0","id":1,"method":"m","params":{{{keys}"{last}":0}}}}"#);
    assert!(check(object("k1000").as_bytes()).is_ok());
    for twice in ["k0", "k15", "k16", "k999", r"\u006b999"] {
        assert!(refused(object(twice).as_bytes()).message.contains("comes twice"));
    }
}

/// What is wrong is said with the id of whoever sent it, where there is one that can be believed.
#[test]
fn a_refusal_names_the_message() {
    let of = |text: &str| refused(text.as_bytes());
    assert_eq!(of(r#"{"jsonrpc":"2.0","id":3,"method":{}}"#).id, 3);
    assert_eq!(of(r#"{"jsonrpc":"2.0","id":null,"method":"m"}"#).id, Value::Null);
    assert_eq!(of(r#"{"jsonrpc":"2.0","id":3,"id":4,"method":"m"}"#).id, Value::Null);
    assert_eq!(of(r#"{"jsonrpc":"2.0","id":3,"method":"m"} {}"#).id, Value::Null);
    // Whose the id is cannot be known.
    assert_eq!(of(r#"{"jsonrpc":"2.0","id":3}"#).id, Value::Null);
    assert_eq!(of(r#"{"jsonrpc":"2.0","id":3,"method":"m","result":{}}"#).id, Value::Null);
    let answer = of(r#"{"jsonrpc":"1.0","id":3,"method":"m"}"#).to_json();
    assert_eq!(answer["error"]["code"], -32600);
    assert_eq!(answer["jsonrpc"], "2.0");
}

/// An answer's id is one of ours, and may be that of a request of the client's as well.
#[test]
fn a_refused_answer_is_not_answered() {
    let deep =
        format!(r#"{{"jsonrpc":"2.0","id":3,"result":{}{}}}"#, r#"{"a":"#.repeat(200), "}".repeat(200));
    for (text, answers) in [
        (r#"{"jsonrpc":"2.0","id":3,"result":7}"#, 3.into()),
        (r#"{"jsonrpc":"2.0","id":3,"error":7}"#, 3.into()),
        (r#"{"result":{},"jsonrpc":"1.0"}"#, Value::Null),
        (r#"{"result":{},"jsonrpc":"2.0"}"#, Value::Null),
        (r#"{"jsonrpc":"2.0","id":3,"result":{},"error":{}}"#, 3.into()),
        (r#"{"jsonrpc":"2.0","id":3,"result":{"a":1,"a":2}}"#, 3.into()),
        (deep.as_str(), 3.into()),
    ] {
        let refusal = refused(text.as_bytes());
        assert_eq!((refusal.id, refusal.answers), (Value::Null, Some(Box::new(answers))), "{text}");
    }
}

/// Whatever passes is read alike by a reader that knows nothing of the edge, and whatever comes, nothing panics.
#[test]
fn what_passes_is_json_however_it_was_bent() {
    let seeds = [
        r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"x","arguments":{"a":[1,-2.5e3,null]}}}"#,
        r#"{"jsonrpc":"2.0","id":"\u0061","result":{"content":[{"type":"text","text":"\ud83d\ude00 \" "}]}}"#,
    ];
    let alphabet = br#"{}[],:"\eE-+.0129ntu ae"#;
    let (mut random, mut passed) = (1_u64, 0);
    let mut next = |below: usize| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(random >> 33).unwrap() % below
    };
    for round in 0..40_000 {
        let mut bytes = seeds[round % seeds.len()].as_bytes().to_vec();
        for _ in 0..1 + next(3) {
            let at = next(bytes.len().max(2) - 1);
            match next(4) {
                0 if bytes.len() > 1 => drop(bytes.remove(at)),
                1 => bytes.insert(at, alphabet[next(alphabet.len())]),
                2 => bytes[at] = alphabet[next(alphabet.len())],
                _ => bytes.truncate(at.max(1)),
            }
        }
        if let Ok(envelope) = check(&bytes) {
            passed += 1;
            let value: Value = serde_json::from_slice(&bytes).unwrap();
            assert_eq!(value["jsonrpc"], "2.0");
            assert_eq!(value.get("id").cloned().unwrap_or_default(), envelope.id);
            assert_eq!(value["method"].is_string(), envelope.kind != Kind::Response);
        }
    }
    assert!(passed > 100, "{passed} passed");
}
