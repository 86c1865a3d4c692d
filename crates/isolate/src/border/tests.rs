//! What a guest that is not ours could send. None of it reaches anything but the end of its own run.

use rand_chacha::rand_core::SeedableRng;

use super::*;

fn host() -> Host {
    let mut names = Names::new();
    names.insert("github", ["echo".to_owned()]);
    Host {
        limits: Limits::default(),
        names: Arc::new(names),
        random: ChaCha20Rng::from_seed([0; 32]),
        answer: Vec::new(),
        printed: Vec::new(),
        printed_bytes: 0,
        calls: Vec::new(),
        cancelled: Vec::new(),
        outstanding: HashMap::new(),
        argument_bytes: 0,
        timers: HashSet::new(),
        call_count: 0,
        end: None,
        stop: None,
        memory_limit_bytes: 0,
    }
}

fn protocol<T>(result: Result<T, Stop>) -> &'static str {
    match result {
        Err(Stop::Protocol(what)) => what,
        Err(stop) => panic!("{stop}"),
        Ok(_) => panic!("it was accepted"),
    }
}

const ID: CallId = CallId(5);

#[test]
fn a_request_must_be_of_a_known_kind_and_well_formed() {
    let cases: [(u32, &[u8], &[u8], &str); 9] = [
        (0, b"", b"{}", "an unknown kind of host call"),
        (6, b"", b"{}", "an unknown kind of host call"),
        (u32::MAX, b"", b"{}", "an unknown kind of host call"),
        (DEFER_TOOL, b"github", b"{}", "a tool without connector"),
        (DEFER_TOOL, b"", b"{}", "a tool without connector"),
        (DEFER_TOOL, b"github\0echo", b"\"\xff\"", "arguments that are not UTF-8"),
        (DEFER_TIMER, b"", b"", "a timer without duration"),
        (DEFER_TIMER, b"", b"-1", "a timer without duration"),
        (DEFER_TIMER, b"", b"4294967296", "a timer without duration"),
    ];
    for (kind, name, payload, what) in cases {
        let mut host = host();
        assert_eq!(protocol(host.defer(ID, kind, name, payload.to_vec())), what, "{kind}");
        assert!(host.calls.is_empty() && host.outstanding.is_empty(), "{kind}: something of it was kept");
    }
}

#[test]
fn arguments_are_passed_on_as_text_and_names_without_what_is_not_utf8() {
    let mut host = host();
    host.defer(ID, DEFER_TOOL, b"git\xffhub\0a\0b", b"not JSON".to_vec()).unwrap();
    let Request::Tool { connector, tool, arguments } = &host.calls[0].request else { panic!("no tool call") };
    assert_eq!((&**connector, &**tool, &*arguments.text), ("git\u{fffd}hub", "a\0b", "not JSON"));
}

#[test]
fn an_id_in_use_cannot_be_used_again() {
    let mut host = host();
    host.defer(ID, DEFER_NAMED, b"echo", b"1".to_vec()).unwrap();
    for kind in [DEFER_NAMED, DEFER_TIMER] {
        assert_eq!(protocol(host.defer(ID, kind, b"echo", b"2".to_vec())), "a call id that is in use");
    }
    assert_eq!(host.calls.len(), 1);
}

#[test]
fn only_a_running_timer_can_be_withdrawn_and_only_once() {
    let mut host = host();
    let refused = "withdrew a call that is no running timer";
    assert_eq!(protocol(host.defer(ID, DEFER_CANCEL, b"", Vec::new())), refused);
    host.defer(ID, DEFER_NAMED, b"echo", b"1".to_vec()).unwrap();
    assert_eq!(protocol(host.defer(ID, DEFER_CANCEL, b"", Vec::new())), refused);
    assert!(host.outstanding.contains_key(&ID));
    let timer = CallId(6);
    host.defer(timer, DEFER_TIMER, b"", b"10".to_vec()).unwrap();
    host.calls.clear(); // a step was taken
    assert_eq!(host.defer(timer, DEFER_CANCEL, b"", Vec::new()).unwrap(), 0);
    assert_eq!(host.cancelled, [timer]);
    assert_eq!(protocol(host.defer(timer, DEFER_CANCEL, b"", Vec::new())), refused);
}

#[test]
fn calls_and_timers_over_their_limits_are_not_recorded() {
    let mut host = host();
    host.limits.calls = 1;
    host.limits.timers = 1;
    for (id, kind, expected) in
        [(0, DEFER_NAMED, 0), (1, DEFER_NAMED, 1), (2, DEFER_TIMER, 0), (3, DEFER_TIMER, 3)]
    {
        assert_eq!(host.defer(CallId(id), kind, b"echo", b"1".to_vec()).unwrap(), expected, "{id}");
    }
    assert_eq!((host.calls.len(), host.outstanding.len(), host.call_count), (2, 2, 1));
}

#[test]
fn output_goes_to_one_of_two_streams() {
    let mut host = host();
    for stream in [0, 4, u32::MAX] {
        assert_eq!(protocol(host.print(stream, b"x", 1)), "an unknown stream");
    }
    host.print(1, b"a\xff\xf0\x9f", 4).unwrap();
    assert_eq!(host.printed[0].text, "a\u{fffd}\u{fffd}");
}

#[test]
fn a_warning_of_the_guests_own_is_cut_and_stops_nothing() {
    let mut host = host();
    assert_eq!(host.print(STREAM_WARNING, b"wa", 7).unwrap(), 0);
    assert_eq!(host.print(STREAM_WARNING, b"", 0).unwrap(), 0);
    assert!(host.stop.is_none());
    assert_eq!(host.printed.len(), 1);
}

#[test]
fn an_end_must_be_of_a_known_kind_and_readable() {
    let deep = format!(r#"{{"class":"thrown","thrown":{}}}"#, "[".repeat(100_000));
    let cases: [(u32, &[u8], &str); 13] = [
        (0, b"", "an unknown kind of end"),
        (5, b"", "an unknown kind of end"),
        (END_VALUE, b"\"\xff\"", "a result that is not UTF-8"),
        (END_ERROR, b"", "an error that cannot be read"),
        (END_ERROR, b"null", "an error that cannot be read"),
        (END_ERROR, b"{}", "an error that cannot be read"),
        (END_ERROR, b"{\"class\":5}", "an error that cannot be read"),
        (END_ERROR, b"{\"class\":\"thrown\",\"message\":\"\xff\"}", "an error that cannot be read"),
        (END_ERROR, br#"{"class":"thrown","failure":{"kind":"nonsense"}}"#, "an error that cannot be read"),
        (END_ERROR, deep.as_bytes(), "an error that cannot be read"),
        (END_ERROR, br#"{"class":"stopped"}"#, "stopped without being asked to"),
        (END_MEMORY, b"", "a memory end without its figure"),
        (END_MEMORY, b"1234567", "a memory end without its figure"),
    ];
    for (kind, payload, what) in cases {
        let mut host = host();
        assert_eq!(protocol(host.finish(kind, payload.to_vec())), what);
        assert!(host.end.is_none());
    }
}

#[test]
fn a_run_ends_once() {
    let mut host = host();
    host.finish(END_NOTHING, Vec::new()).unwrap();
    assert_eq!(protocol(host.finish(END_VALUE, b"1".to_vec())), "ended twice");
    assert_eq!(host.end, Some(End::Nothing));
}

#[test]
fn figures_of_the_guest_are_not_trusted() {
    for (payload, observed) in [([0; 8], (64 << 20) + 1), ([0xff; 8], u64::MAX)] {
        let mut host = host();
        host.finish(END_MEMORY, payload.to_vec()).unwrap();
        let Some(End::Failed(failure)) = host.end else { panic!("{:?}", host.end) };
        assert_eq!((failure.observed, failure.limit), (Some(observed), Some(64 << 20)));
    }
}

#[test]
fn a_message_leaves_cut_to_a_readable_length() {
    let mut host = host();
    let message = "é".repeat(1_000_000);
    let payload = serde_json::json!({ "class": "thrown", "name": "Error", "message": message });
    host.finish(END_ERROR, payload.to_string().into_bytes()).unwrap();
    let Some(End::Failed(failure)) = host.end else { panic!("{:?}", host.end) };
    assert_eq!(failure.message.chars().count(), MAX_MESSAGE_CHARS + 1);
    assert!(failure.message.ends_with('…'));
}

#[test]
fn a_stack_that_is_none_has_no_frames() {
    for stack in [
        "",
        "at",
        "    at ",
        "    at f (program:1)",
        "    at f (program:1:)",
        "    at f (program::)",
        "    at f (program:-1:2)",
        "    at f (program:99999999999:1)",
        "    at f (program:1:2:3)",
        "    at f (<codemode>:1:2)",
        "    at f (other:1:2)",
        "at f (program:1:2",
        "program:1:2",
        "\u{0}\u{ffff} (program:1:1)",
    ] {
        assert_eq!(frames(stack), [], "{stack:?}");
    }
    let many = "    at a (b (program:3:14)\n".repeat(100_000);
    let found = frames(&many);
    assert_eq!((found.len(), &*found[0].function, found[0].line, found[0].column), (32, "a (b", 3, 14));
}

#[test]
fn bytes_are_copied_from_inside_the_memory_only() {
    let memory = [1, 2, 3, 4];
    assert_eq!(copy(&memory, 1, 2, 10).unwrap(), [2, 3]);
    assert!(copy(&memory, 4, 0, 10).unwrap().is_empty());
    let outside = [(0, 5), (4, 1), (5, 0), (u32::MAX, 1), (1, u32::MAX), (u32::MAX, u32::MAX), (u32::MAX, 0)];
    for (at, len) in outside {
        assert_eq!(protocol(copy(&memory, at, len, usize::MAX)), "address outside memory", "{at} {len}");
    }
    assert_eq!(protocol(copy(&memory, 0, 3, 2)), "more bytes than the border allows");
}

#[test]
fn a_name_too_long_to_be_looked_at_names_nothing() {
    let mut host = host();
    let name = cut_name(DEFER_TOOL, b"github\0echo");
    host.defer(CallId(0), DEFER_TOOL, &name, b"1".to_vec()).unwrap();
    let connector = cut_name(DEFER_TOOL, b"github");
    host.defer(CallId(1), DEFER_TOOL, &connector, b"1".to_vec()).unwrap();
    let tools: Vec<_> = host.calls.iter().map(|call| format!("{:?}", call.request)).collect();
    assert!(tools[0].contains(r#"tool: "echo…""#) && tools[1].contains(r#"tool: "…""#), "{tools:?}");
}

#[test]
fn a_request_to_be_answered_at_once_must_be_of_a_known_kind_and_well_formed() {
    let mut host = host();
    let mut ask = |op: u32, payload: &[u8]| sync::answer(op, payload, &host.names, &mut host.random);
    for op in [0, 7, u32::MAX] {
        assert_eq!(protocol(ask(op, b"")), "an unknown synchronous request");
    }
    assert_eq!(protocol(ask(1, b"github")), "a name without connector");
    assert_eq!(protocol(ask(3, b"123")), "random bytes without a count");
    assert_eq!(protocol(ask(3, b"12345")), "random bytes without a count");
    assert_eq!(protocol(ask(4, b"https://a.test")), "a URL without base");
    assert_eq!(protocol(ask(5, b"https://a.test\0port")), "a URL part without value");
    assert_eq!(ask(3, &u32::MAX.to_le_bytes()).unwrap(), None);
    assert_eq!(ask(5, b"https://a.test\0nonsense\x001").unwrap(), None);
    assert_eq!(ask(5, b"nonsense\0port\x001").unwrap(), None);
    assert_eq!(ask(1, b"\xff\0\xff").unwrap(), None);
    assert_eq!(ask(2, b"\xff").unwrap(), Some(Vec::new()));
    assert_eq!(ask(1, b"github\0echo").unwrap(), Some(Vec::new()));
}
