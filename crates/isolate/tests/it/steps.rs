//! Steps and completions: in any order, in any batches, never one that was not asked for; the same again, to the byte.

use codemode_isolate::{
    CallId, Completion, End, Error, HostCall, Kind, Limits, Rejection, Request, Start, Step,
};

use crate::drive::{Batch, NOW_MS, block, isolate, ok, run, run_in, start, wrap};

fn ids(step: &Step) -> Vec<CallId> {
    step.calls.iter().map(|call| call.id).collect()
}

fn value(step: Step) -> String {
    match step.ended.expect("the program ended").end {
        End::Value(value) => value,
        other => panic!("{other:?}"),
    }
}

#[test]
fn completions_may_come_in_any_order() {
    let body = wrap(
        "const order = []; await Promise.all([0, 1, 2].map((n) => github.echo(n).then((v) => order.push(v)))); return order",
    );
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
        let mut isolate = isolate(Limits::default());
        let step = block(isolate.start(start(&body, ""))).unwrap();
        let ids = ids(&step);
        assert_eq!(ids.len(), 3);
        assert_eq!(isolate.outstanding(), 3);
        let completions = order.iter().map(|n| ok(ids[*n], &n.to_string())).collect();
        let step = block(isolate.resume(completions, NOW_MS)).unwrap();
        assert_eq!(value(step), format!("{order:?}").replace(' ', ""));
    }
}

#[test]
fn all_jobs_run_between_two_completions_of_a_batch() {
    let body = wrap(
        "const log = []; const chain = async (n) => { await github.echo(n); log.push(n + 'a'); await 0; log.push(n + 'b') }; \
         await Promise.all([chain(1), chain(2)]); return log",
    );
    assert_eq!(run_in(isolate(Limits::default()), &body, Batch::All).value(), r#"["1a","1b","2a","2b"]"#);
}

#[test]
fn a_program_that_ends_early_leaves_the_rest_of_a_batch_unused() {
    let body = wrap("github.echo(2).then(() => console.log('late')); return Promise.race([github.echo(1)])");
    let mut isolate = isolate(Limits::default());
    let step = block(isolate.start(start(&body, ""))).unwrap();
    let ids = ids(&step);
    let step = block(isolate.resume(vec![ok(ids[1], "1"), ok(ids[0], "2")], NOW_MS)).unwrap();
    assert!(step.printed.is_empty());
    assert_eq!(value(step), "1");
    assert!(matches!(block(isolate.resume(vec![ok(ids[0], "2")], NOW_MS)), Err(Error::State(_))));
}

#[test]
fn a_completion_that_was_not_asked_for_is_refused_and_nothing_is_settled() {
    let body = wrap(
        "const [a, b] = [github.echo(1), github.echo(2)]; const first = await a; const c = await github.echo(3); return [first, c, await b]",
    );
    let mut isolate = isolate(Limits::default());
    let step = block(isolate.start(start(&body, ""))).unwrap();
    let (a, b) = (step.calls[0].id, step.calls[1].id);
    let refused = [
        vec![ok(CallId(a.0 + 77), "0")],
        vec![ok(a, "\"forged\""), ok(CallId(u32::MAX), "0")],
        vec![ok(a, "\"first\""), ok(a, "\"second\"")],
        vec![ok(CallId(a.0 | 1 << 16), "0")],
    ];
    for batch in refused {
        let bad = batch.last().unwrap().id.0;
        assert!(matches!(block(isolate.resume(batch, NOW_MS)), Err(Error::UnknownCall(id)) if id == bad));
        assert_eq!(isolate.outstanding(), 2);
    }
    let step = block(isolate.resume(vec![ok(a, "\"a\"")], NOW_MS)).unwrap();
    assert!(step.ended.is_none());
    assert!(matches!(block(isolate.resume(vec![ok(a, "\"again\"")], NOW_MS)), Err(Error::UnknownCall(_))));
    let c = step.calls[0].id;
    assert_ne!(a, c, "an id that was just used is not used again at once");
    let step = block(isolate.resume(vec![ok(b, "\"b\""), ok(c, "\"c\"")], NOW_MS)).unwrap();
    assert_eq!(value(step), r#"["a","c","b"]"#);
}

#[test]
fn an_empty_batch_settles_nothing() {
    let mut isolate = isolate(Limits::default());
    let step = block(isolate.start(start(&wrap("return github.echo(1)"), ""))).unwrap();
    let empty = block(isolate.resume(Vec::new(), NOW_MS)).unwrap();
    assert_eq!(empty, Step { printed: vec![], calls: vec![], cancelled: vec![], ended: None });
    assert_eq!(value(block(isolate.resume(vec![ok(step.calls[0].id, "5")], NOW_MS)).unwrap()), "5");
}

#[test]
fn an_isolate_runs_one_program_once() {
    let body = wrap("return github.echo(1)");
    let mut one = isolate(Limits::default());
    assert!(matches!(block(one.resume(Vec::new(), NOW_MS)), Err(Error::State(_))), "nothing was started");
    let step = block(one.start(start(&body, ""))).unwrap();
    assert!(matches!(block(one.start(start(&body, ""))), Err(Error::State(_))), "it was started before");
    block(one.resume(vec![ok(step.calls[0].id, "5")], NOW_MS)).unwrap();
    assert!(matches!(block(one.resume(Vec::new(), NOW_MS)), Err(Error::State(_))), "it has ended");
}

#[test]
fn a_withdrawn_timer_is_not_to_be_completed() {
    let body = wrap(
        "const id = setTimeout(() => console.log('fired'), 5); await github.echo(1); clearTimeout(id); await github.echo(2); return 'done'",
    );
    let mut isolate = isolate(Limits::default());
    let step = block(isolate.start(start(&body, ""))).unwrap();
    let (timer, call) = (step.calls[0].id, step.calls[1].id);
    let step = block(isolate.resume(vec![ok(call, "1")], NOW_MS)).unwrap();
    assert_eq!(step.cancelled, [timer]);

    let late = vec![ok(step.calls[0].id, "2"), ok(timer, "null")];
    assert!(matches!(block(isolate.resume(late, NOW_MS)), Err(Error::UnknownCall(id)) if id == timer.0));
    let step = block(isolate.resume(vec![ok(step.calls[0].id, "2")], NOW_MS)).unwrap();
    assert!(step.printed.is_empty());
    assert_eq!(value(step), "\"done\"");
}

#[test]
fn a_deadlock_is_seen_at_once() {
    for body in [
        "await new Promise(() => {})",
        "await { then() {} }",
        "await github.echo(1); await new Promise(() => {})",
    ] {
        let run = run(body);
        assert_eq!(run.failure().kind, Kind::Deadlock, "{body}");
        assert!(run.steps <= 2);
    }
}

#[test]
fn two_thousand_isolates_wait_at_once() {
    let body = wrap(
        "const mine = input.n; const answer = await github.echo(mine); return [mine, answer, globalThis.seen = mine]",
    );
    let mut waiting = Vec::new();
    for n in 0..2_000 {
        let mut isolate = isolate(Limits::default());
        let step = block(isolate.start(start(&body, &format!("{{\"n\":{n}}}")))).unwrap();
        assert!(step.ended.is_none(), "{n}: {:?}", step.ended);
        waiting.push((n, isolate, step.calls[0].id));
    }
    for (n, mut isolate, id) in waiting.into_iter().rev() {
        let step = block(isolate.resume(vec![ok(id, &format!("{}", n * 2))], NOW_MS)).unwrap();
        assert_eq!(value(step), format!("[{n},{},{n}]", n * 2));
    }
}

#[test]
fn what_passes_the_border_survives_serialisation() {
    fn round_trip<T>(value: &T)
    where
        T: serde::Serialize + serde::de::DeserializeOwned + PartialEq + std::fmt::Debug,
    {
        let json = serde_json::to_string(value).unwrap();
        assert_eq!(&serde_json::from_str::<T>(&json).unwrap(), value, "{json}");
    }
    let body = wrap(
        "console.log('a'); console.error('b'); setTimeout(() => {}, 5); callBinding('x', 1); await github.fail({ a: 1 })",
    );
    let mut isolate = isolate(Limits::default());
    let step = block(isolate.start(start(&body, ""))).unwrap();
    round_trip(&step);
    round_trip(&step.calls);
    assert_eq!(
        serde_json::to_value(&step.calls[2]).unwrap(),
        serde_json::json!({ "id": step.calls[2].id.0, "request": { "kind": "tool", "connector": "github", "tool": "fail", "arguments": {"text": "{\"a\":1}"} } }),
    );
    let rejection =
        Rejection { tool: Some("github.fail".into()), ..Rejection::new("ToolError", "no", Kind::ToolError) };
    let completion = Completion { id: step.calls[2].id, outcome: Err(rejection) };
    round_trip(&completion);
    round_trip(&ok(CallId(3), "{}"));
    // What arrives after a round trip settles the call.
    let copy: Completion = serde_json::from_str(&serde_json::to_string(&completion).unwrap()).unwrap();
    let step = block(isolate.resume(vec![copy], NOW_MS)).unwrap();
    round_trip(&step);
    assert!(step.ended.is_some());
    round_trip(&Limits::default());
    round_trip(&HostCall { id: CallId(0), request: Request::Timer { ms: 1 } });
}

/// A program that looks at everything that could differ between two runs.
const LOOKS_AROUND: &str = "const seen = [Math.random(), Math.random(), crypto.randomUUID(), crypto.getRandomValues(new Uint8Array(8)), Date.now(), new Date().toString()];
    console.log(seen, new Error('x').stack);
    const answers = await Promise.all([github.echo({ seen }), github.fail(1).catch((error) => error.stack), new Promise((r) => setTimeout(r, 5, Math.random()))]);
    for (let i = 0; i < 100; i++) Symbol.for('s' + i);
    return [answers, Object.keys(globalThis), Math.random(), crypto.randomUUID(), [...new Set(['b', 'a'])], 0.1 * 3, Math.sin(1e10), Math.pow(2, 0.5)];";

/// The steps of a run, as bytes.
fn steps(seed: [u8; 32], now_ms: u64) -> String {
    let javascript = wrap(LOOKS_AROUND);
    let mut isolate = isolate(Limits::default());
    let mut steps =
        vec![block(isolate.start(Start { javascript: &javascript, input: "", now_ms, seed })).unwrap()];
    while steps.last().unwrap().ended.is_none() {
        let completions = steps.last().unwrap().calls.iter().map(|call| match &call.request {
            Request::Tool { tool, .. } if tool == "fail" => {
                Completion { id: call.id, outcome: Err(Rejection::new("ToolError", "no", Kind::ToolError)) }
            }
            Request::Tool { arguments, .. } => ok(call.id, &arguments.text),
            _ => ok(call.id, "null"),
        });
        let completions = completions.collect();
        steps.push(block(isolate.resume(completions, now_ms + 5)).unwrap());
    }
    serde_json::to_string_pretty(&steps).unwrap()
}

#[test]
fn the_same_start_and_completions_give_the_same_steps_to_the_byte() {
    let first = steps([1; 32], NOW_MS);
    for _ in 0..3 {
        assert_eq!(steps([1; 32], NOW_MS), first);
    }
}

#[test]
fn the_seed_and_the_clock_are_all_that_makes_runs_differ() {
    let random = |seed| {
        run_seeded(
            "return [Math.random(), crypto.randomUUID(), crypto.getRandomValues(new Uint8Array(4))]",
            seed,
            NOW_MS,
        )
    };
    assert_ne!(random([1; 32]), random([2; 32]));
    let mut last_bit = [1; 32];
    last_bit[31] ^= 1;
    assert_ne!(random([1; 32]), random(last_bit));
    assert_eq!(run_seeded("return Date.now()", [1; 32], 12_345), "12345");
    assert_eq!(run_seeded("return new Date().toISOString()", [1; 32], 0), "\"1970-01-01T00:00:00.000Z\"");
}

fn run_seeded(body: &str, seed: [u8; 32], now_ms: u64) -> String {
    let javascript = wrap(body);
    let mut isolate = isolate(Limits::default());
    value(block(isolate.start(Start { javascript: &javascript, input: "", now_ms, seed })).unwrap())
}

#[test]
fn two_random_numbers_of_a_run_do_not_give_away_the_bytes_of_crypto() {
    // Both come from the seed, by generators that share no state.
    let a = run("Math.random(); Math.random(); return crypto.randomUUID()");
    let b = run("return crypto.randomUUID()");
    assert_eq!(a.value(), b.value());
}

#[test]
fn text_that_is_no_program_is_rejected() {
    for (javascript, kind) in [
        ("(async function () { let x = ; })", Kind::SourceRejected),
        ("(async function () {", Kind::SourceRejected),
        ("5", Kind::GuestError),
        ("(function () { return 5 })", Kind::GuestError),
        ("(async function () { with (a) {} })", Kind::SourceRejected),
        ("import 'fs'", Kind::SourceRejected),
        ("", Kind::GuestError),
    ] {
        let mut isolate = isolate(Limits::default());
        let step = block(isolate.start(start(javascript, ""))).unwrap();
        let End::Failed(failure) = step.ended.expect("it ended").end else { panic!("{javascript} ran") };
        assert_eq!(failure.kind, kind, "{javascript}: {failure:?}");
    }
}

#[test]
fn an_input_that_is_not_json_is_the_drivers_mistake_and_harmless() {
    for input in ["{", "undefined", "\u{0}", &"[".repeat(200_000)] {
        let mut isolate = isolate(Limits::default());
        let step = block(isolate.start(start(&wrap("return 1"), input))).unwrap();
        assert!(matches!(step.ended.unwrap().end, End::Failed(_)));
    }
}

#[test]
fn a_dropped_step_leaves_the_engine_usable() {
    use std::future::Future;
    use std::task::{Context, Waker};
    for _ in 0..20 {
        let mut isolate = isolate(Limits::default());
        let body = wrap("while (true) {}");
        let mut step = Box::pin(isolate.start(start(&body, "")));
        // The next tick makes the poll return.
        assert!(step.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        drop(step);
        assert!(matches!(block(isolate.resume(Vec::new(), 0)), Err(Error::State(_))));
    }
    assert_eq!(run("return 'fine'").value(), "\"fine\"");
}
