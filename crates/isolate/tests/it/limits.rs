//! Every limit: what it stops, what the failure says, and that no program can catch what must not be caught.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use codemode_isolate::{End, Error, Interrupt, Isolate, Kind, Limits, Meter, Unmetered};

use crate::drive::{Batch, Run, block, engine, isolate, metered, names, run_in, run_limited, start, wrap};

/// A clock that goes on by [`READ_MS`] whenever it is read, so that when a program is stopped depends on how often it
/// was looked at and not on how fast the machine is.
struct FakeMeter {
    cpu_ms: AtomicU64,
    interrupt_after: Mutex<Option<(u64, Interrupt)>>,
}

/// The isolate reads the clock at most three times from one look to the next.
const READ_MS: u64 = 10;

impl FakeMeter {
    fn new() -> Arc<Self> {
        Arc::new(Self { cpu_ms: AtomicU64::new(0), interrupt_after: Mutex::new(None) })
    }

    fn interrupting(after_ms: u64, interrupt: Interrupt) -> Arc<Self> {
        let meter = Self::new();
        *meter.interrupt_after.lock().unwrap() = Some((after_ms, interrupt));
        meter
    }
}

impl Meter for FakeMeter {
    fn thread_cpu(&self) -> Duration {
        Duration::from_millis(self.cpu_ms.fetch_add(READ_MS, Ordering::Relaxed))
    }

    fn interrupt(&self) -> Option<Interrupt> {
        let now = self.cpu_ms.load(Ordering::Relaxed);
        self.interrupt_after.lock().unwrap().filter(|(after, _)| now > *after).map(|(_, interrupt)| interrupt)
    }
}

fn cpu(ms: u64) -> Limits {
    Limits { cpu: Duration::from_millis(ms), ..Limits::default() }
}

fn stopped(run: &Run, kind: Kind, limit: u64) {
    let failure = run.failure();
    assert_eq!(failure.kind, kind, "{failure:?}");
    assert_eq!(failure.limit, Some(limit), "{failure:?}");
    assert!(failure.observed >= failure.limit, "{failure:?}");
}

#[test]
fn cpu_time_ends_a_program_that_computes() {
    for body in [
        "while (true) {}",
        "for (;;) { try { for (;;) {} } catch {} finally { continue } }",
        "try { while (true) {} } finally { __return('escaped') }",
        "while (true) await 0",
        "const p = { then(r) { r(p) } }; await p",
        "/^(a+)+$/.test('a'.repeat(40) + '!')",
        "Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)",
        "return { get a() { for (;;) {} } }",
        "throw { toString() { for (;;) {} } }.toString()",
        "await github.echo({ toJSON() { for (;;) {} } })",
        "function f() { return Promise.resolve().then(f) } await f()",
    ] {
        let run = run_in(metered(cpu(2_000), FakeMeter::new()), &wrap(body), Batch::All);
        stopped(&run, Kind::CpuLimit, 2_000);
        assert!(run.failure().observed <= Some(2_000 + 3 * READ_MS), "{body}: {:?}", run.failure());
        assert!(run.ended.usage.cpu_us > 2_000_000, "{body}: {:?}", run.ended.usage);
    }
}

#[test]
fn cpu_time_of_all_steps_counts_together() {
    let body = "for (;;) await github.echo(1)";
    let meter = FakeMeter::new();
    let run = run_in(metered(Limits { calls: 1_000_000, ..cpu(5_000) }, meter), &wrap(body), Batch::All);
    stopped(&run, Kind::CpuLimit, 5_000);
    assert!(run.steps > 1, "it was stopped in its first step");
}

#[test]
fn what_the_thread_did_before_and_between_steps_does_not_count() {
    let meter = FakeMeter::new();
    meter.cpu_ms.store(3_600_000, Ordering::Relaxed);
    let mut isolate = metered(cpu(60_000), Arc::clone(&meter) as Arc<dyn Meter>);
    let body = wrap("await github.echo(1); return 1");
    let step = block(isolate.start(start(&body, ""))).unwrap();
    let before = isolate.cpu();
    meter.cpu_ms.fetch_add(3_600_000, Ordering::Relaxed);
    assert_eq!(isolate.cpu(), before);
    let step = block(isolate.resume(vec![crate::drive::ok(step.calls[0].id, "1")], 0)).unwrap();
    assert_eq!(step.ended.unwrap().end, End::Value("1".into()));
}

#[test]
fn an_interrupt_stops_a_running_program() {
    let timeout = Interrupt::Timeout { limit_ms: 300, observed_ms: 301 };
    for (interrupt, kind) in [(Interrupt::Cancelled, Kind::Cancelled), (timeout, Kind::Timeout)] {
        let meter = FakeMeter::interrupting(300, interrupt);
        let run = run_in(metered(Limits::default(), meter), &wrap("while (true) {}"), Batch::All);
        assert_eq!(run.failure().kind, kind);
        let figures = (run.failure().observed, run.failure().limit);
        assert_eq!(figures, if kind == Kind::Timeout { (Some(301), Some(300)) } else { (None, None) });
    }
}

#[test]
fn an_interrupt_before_a_step_keeps_the_program_from_running() {
    let meter = FakeMeter::interrupting(0, Interrupt::Cancelled);
    meter.cpu_ms.store(1, Ordering::Relaxed);
    let run = run_in(metered(Limits::default(), meter), &wrap("console.log('ran')"), Batch::All);
    assert_eq!((run.failure().kind, run.stdout.as_str()), (Kind::Cancelled, ""));
}

/// Programs that fill the heap, each in another way.
const HOARDERS: [&str; 16] = [
    "const a = []; for (;;) a.push(a.slice())",
    "const a = []; for (;;) a.push('x'.repeat(1000) + a.length)",
    "const a = []; for (;;) a.push({})",
    "const a = []; for (let i = 0; ; i++) a.push([i])",
    "const a = []; for (;;) a.push(new Promise(() => {}))",
    "const m = new Map(); for (let i = 0; ; i++) m.set(i, i)",
    "const a = []; for (let i = 0; ; i++) a.push(Symbol.for('k' + i))",
    "const o = {}; for (let i = 0; ; i++) o['k' + i] = i",
    "const a = []; for (;;) a.push(new Uint8Array(1e6))",
    "new Array(1e8).fill(0)",
    "'a'.repeat(2e7).split('')",
    "const a = []; for (let n = 3n ** 1000n; ; n++) a.push(n)",
    "const a = []; for (;;) a.push(() => a)",
    "const f = () => { Promise.resolve().then(f); Promise.resolve().then(f) }; f(); await new Promise(() => {})",
    "[...{ [Symbol.iterator]: () => ({ next: () => ({ done: false }) }) }]",
    "const w = new WeakMap(), k = []; for (;;) { const o = {}; k.push(o); w.set(o, [o]) }",
];

#[test]
fn a_full_heap_ends_a_program_and_nothing_catches_it() {
    let limits = Limits { heap_bytes: 8 << 20, ..Limits::default() };
    for body in HOARDERS {
        let body = format!("try {{ {body} }} catch (error) {{ return 'caught ' + error }}");
        let run = run_limited(&body, limits.clone());
        stopped(&run, Kind::MemoryLimit, 8 << 20);
        let peak = run.ended.usage.heap_peak_bytes;
        assert!(peak <= 8 << 20, "{body}: the heap reached {peak} bytes");
        assert!(run.failure().observed > run.failure().limit, "{body}: {:?}", run.failure());
    }
}

#[test]
fn what_the_host_brings_counts_toward_the_heap() {
    let limits = Limits { heap_bytes: 2 << 20, ..Limits::default() };
    let big = format!("\"{}\"", "x".repeat(3 << 20));
    let mut from_input = isolate(limits.clone());
    let step = block(from_input.start(start(&wrap("return 1"), &big))).unwrap();
    let End::Failed(failure) = step.ended.unwrap().end else { panic!("the input was taken") };
    assert_eq!(failure.kind, Kind::MemoryLimit, "{failure:?}");

    let mut from_completion = isolate(limits);
    let body = wrap("try { await github.echo(1) } catch { return 'caught' }");
    let step = block(from_completion.start(start(&body, ""))).unwrap();
    let step = block(from_completion.resume(vec![crate::drive::ok(step.calls[0].id, &big)], 0)).unwrap();
    let End::Failed(failure) = step.ended.unwrap().end else { panic!("the completion was taken") };
    assert_eq!(failure.kind, Kind::MemoryLimit, "{failure:?}");
}

#[test]
fn an_allocation_no_heap_could_hold_is_refused_by_the_language() {
    for body in ["new ArrayBuffer(4e9)", "'x'.padStart(2 ** 30)", "'x'.repeat(2 ** 30)", "new Array(-1)"] {
        assert_eq!(run_limited(body, Limits::default()).failure().kind, Kind::GuestError, "{body}");
    }
}

#[test]
fn the_stack_may_be_small() {
    let limits = Limits { stack_bytes: 16 << 10, ..Limits::default() };
    let run = run_limited("(function f() { f() })()", limits.clone());
    stopped(&run, Kind::StackLimit, 16 << 10);
    let run = run_limited("try { (function f() { f() })() } catch (error) { return error.name }", limits);
    assert_eq!(run.value(), "\"RangeError\"");
}

#[test]
fn one_call_too_many_ends_the_program() {
    let limits = Limits { calls: 5, ..Limits::default() };
    let body = |n: u32| {
        format!("for (let i = 0; i < {n}; i++) try {{ await github.echo(i) }} catch {{}} return 'all'")
    };
    assert_eq!(run_limited(&body(5), limits.clone()).value(), "\"all\"");
    let run = run_limited(&body(6), limits.clone());
    stopped(&run, Kind::CallLimit, 5);
    assert_eq!((run.failure().observed, run.ended.usage.calls, run.requests.len()), (Some(6), 5, 5));
    let at_once = run_limited("await Promise.all(Array.from({ length: 6 }, () => github.echo(1)))", limits);
    stopped(&at_once, Kind::CallLimit, 5);
}

#[test]
fn timers_are_no_calls_and_have_a_limit_of_their_own() {
    let limits = Limits { timers: 3, calls: 0, ..Limits::default() };
    let body = "for (let i = 0; i < 3; i++) setTimeout(() => {}, 1); \
                try { setTimeout(() => {}, 1) } catch (error) { return [error.name, error.message] }";
    assert_eq!(run_limited(body, limits.clone()).value(), r#"["RangeError","too many timers at once"]"#);
    let reused = "for (let i = 0; i < 10; i++) await new Promise((resolve) => setTimeout(resolve, 1)); \
                  for (let i = 0; i < 10; i++) clearTimeout(setTimeout(() => {}, 1)); return 'all'";
    assert_eq!(run_limited(reused, limits).value(), "\"all\"");
}

#[test]
fn how_completions_are_batched_does_not_change_what_the_limit_of_timers_allows() {
    // Both timers are due at once; the first one's callback sets two more while the second is not settled yet.
    let body = wrap(
        "const set = () => { try { setTimeout(() => {}, 100); return 'set' } catch { return 'refused' } }; \
         const seen = []; \
         await new Promise((resolve) => { \
           setTimeout(() => seen.push(set(), set()), 5); \
           setTimeout(() => { seen.push(set()); resolve() }, 5); \
         }); \
         return seen",
    );
    for batch in [Batch::All, Batch::One] {
        let run = run_in(isolate(Limits { timers: 2, ..Limits::default() }), &body, batch);
        assert_eq!(run.value(), r#"["set","refused","set"]"#, "{batch:?}");
    }
}

#[test]
fn large_arguments_are_refused_and_not_sent() {
    let limits = Limits { argument_bytes: 100, ..Limits::default() };
    let body = |n: usize| format!("return github.echo('x'.repeat({n})).then((text) => text.length, String)");
    assert_eq!(run_limited(&body(98), limits.clone()).value(), "98");
    for n in [99, 100, 1_000, 1_000_000] {
        let run = run_limited(&body(n), limits.clone());
        assert!(run.value().starts_with("\"RangeError: "), "{n}: {}", run.value());
        assert!(run.requests.is_empty());
    }
    // A container reaches the limit by its last bracket.
    let nested = |n: usize| {
        format!("return github.echo([['{}']]).then(() => 1, (error) => error.name)", "x".repeat(n))
    };
    for (n, expected) in [(94, "1"), (95, "\"RangeError\""), (96, "\"RangeError\""), (97, "\"RangeError\"")] {
        assert_eq!(run_limited(&nested(n), limits.clone()).value(), expected, "{n}");
    }
}

#[test]
fn a_large_completion_fails_the_call_and_not_the_program() {
    let limits = Limits { completion_bytes: 100, ..Limits::default() };
    let body = |n: usize| {
        format!(
            "return github.echo('x'.repeat({n})).then((text) => text.length, (error) => [error.kind, error.message])"
        )
    };
    assert_eq!(run_limited(&body(98), limits.clone()).value(), "98");
    assert_eq!(
        run_limited(&body(99), limits).value(),
        r#"["tool_error","the result has 101 bytes, more than the 100 that a program may be given"]"#,
    );
}

#[test]
fn a_large_result_is_refused_at_every_byte_over_the_limit() {
    for (expression, bytes) in [
        ("'x'.repeat(98)", 100),
        ("[['x'.repeat(94)]]", 98 + 2),
        ("{ a: { b: 'x'.repeat(86) } }", 100),
        ("new Map([['a', new Set(['x'.repeat(90)])]])", 100),
        ("new Uint8Array(50)", 70),
        ("new Uint16Array(50)", 101),
        ("{ toJSON: () => ['x'.repeat(96)] }", 100),
        ("null", 4),
        ("true", 4),
        ("-12345", 6),
        ("[]", 2),
        ("new Date(0)", 26),
        ("JSON.rawJSON('12345')", 5),
    ] {
        let returned = [format!("return ({expression})"), format!("__return({expression})")];
        for body in returned {
            let with = |result_bytes| run_limited(&body, Limits { result_bytes, ..Limits::default() });
            assert_eq!(with(bytes).value().len(), bytes, "{body}");
            for less in (2..bytes).rev().take(5) {
                let run = with(less);
                if body.starts_with("return") {
                    stopped(&run, Kind::OutputLimit, less as u64);
                } else {
                    // It is thrown where __return was called, so that the program can return less.
                    let expected = format!("RangeError: result exceeds the limit of {less} bytes of JSON");
                    assert_eq!((run.failure().kind, &run.failure().message), (Kind::GuestError, &expected));
                }
            }
        }
    }
}

#[test]
fn a_result_too_large_for_return_can_be_replaced_by_a_smaller_one() {
    let limits = Limits { result_bytes: 50, ..Limits::default() };
    let body = "try { __return('x'.repeat(1000)) } catch (error) { __return(error.name) }";
    assert_eq!(run_limited(body, limits).value(), "\"RangeError\"");
}

#[test]
fn depth_is_limited_both_ways_at_the_configured_level() {
    let limits = Limits { json_depth: 3, ..Limits::default() };
    assert_eq!(run_limited("return [[[1]]]", limits.clone()).value(), "[[[1]]]");
    let run = run_limited("return { a: [[[1]]] }", limits.clone());
    assert_eq!(run.failure().kind, Kind::ResultInvalid);
    assert_eq!(run.failure().message, "result.a[0][0] is nested deeper than 3 levels");
    let run = run_limited("return github.echo([[[[1]]]]).catch((error) => error.message)", limits);
    assert!(run.requests.is_empty() && run.value().contains("is nested deeper than 3 levels"), "{run:?}");
}

#[test]
fn console_output_over_the_limit_ends_the_program_and_keeps_its_beginning() {
    let limits = Limits { log_bytes: 100, ..Limits::default() };
    let run = run_limited("for (let i = 0; ; i++) console.log('line ' + i)", limits.clone());
    stopped(&run, Kind::OutputLimit, 100);
    assert_eq!(run.stdout.len(), 100);
    assert!(run.stdout.starts_with("line 0\nline 1\n"), "{}", run.stdout);
    let run = run_limited("console.log('x'.repeat(1e6))", limits.clone());
    stopped(&run, Kind::OutputLimit, 100);
    assert_eq!((run.stdout.as_str(), run.failure().observed), ("x".repeat(100).as_str(), Some(1_000_001)));
    let run =
        run_limited("console.error('a'.repeat(49)); console.log('b'.repeat(49)); return 1", limits.clone());
    assert_eq!(run.value(), "1", "exactly the limit is allowed");
    let run = run_limited("console.log('€'.repeat(50))", limits.clone());
    assert_eq!(run.stdout.matches('€').count(), 33, "a character cut in two does no harm");
    let run = run_limited(
        "try { console.log('x'.repeat(200)) } catch { return 'caught' } finally { __return(1) }",
        limits,
    );
    stopped(&run, Kind::OutputLimit, 100);
    let run = run_limited("console.log('')", Limits { log_bytes: 0, ..Limits::default() });
    stopped(&run, Kind::OutputLimit, 0);
}

#[test]
fn limits_out_of_range_are_refused_by_name_and_range() {
    let base = Limits::default;
    let cases = [
        (
            Limits { heap_bytes: 1 << 20, ..base() },
            "limit heap_bytes is 1048576, but must be 2097152 to 1073741824",
        ),
        (
            Limits { heap_bytes: usize::MAX, ..base() },
            "limit heap_bytes is 18446744073709551615, but must be 2097152 to 1073741824",
        ),
        (
            Limits { stack_bytes: 1 << 20, ..base() },
            "limit stack_bytes is 1048576, but must be 16384 to 524288",
        ),
        (Limits { stack_bytes: 0, ..base() }, "limit stack_bytes is 0, but must be 16384 to 524288"),
        (Limits { calls: 1_000_001, ..base() }, "limit calls is 1000001, but must be 0 to 1000000"),
        (Limits { timers: 10_001, ..base() }, "limit timers is 10001, but must be 0 to 10000"),
        (Limits { argument_bytes: 1, ..base() }, "limit argument_bytes is 1, but must be 2 to 536870912"),
        (
            Limits { completion_bytes: 1 << 30, ..base() },
            "limit completion_bytes is 1073741824, but must be 2 to 536870912",
        ),
        (Limits { json_depth: 121, ..base() }, "limit json_depth is 121, but must be 1 to 120"),
        (Limits { json_depth: 0, ..base() }, "limit json_depth is 0, but must be 1 to 120"),
        (
            Limits { log_bytes: 1 << 30, ..base() },
            "limit log_bytes is 1073741824, but must be 0 to 536870912",
        ),
        (Limits { result_bytes: 0, ..base() }, "limit result_bytes is 0, but must be 2 to 536870912"),
    ];
    for (limits, message) in cases {
        let error = Isolate::new(engine(), names(), limits, Arc::new(Unmetered)).unwrap_err();
        assert!(matches!(error, Error::Limit(_)));
        assert_eq!(error.to_string(), message);
    }
}

#[test]
fn every_limit_works_at_both_ends_of_its_range() {
    let least = Limits {
        heap_bytes: 2 << 20,
        stack_bytes: 16 << 10,
        calls: 0,
        timers: 0,
        argument_bytes: 2,
        completion_bytes: 2,
        json_depth: 1,
        log_bytes: 0,
        result_bytes: 2,
        ..Limits::default()
    };
    assert_eq!(run_limited("return 12", least).value(), "12");
    let most = Limits {
        heap_bytes: 1 << 30,
        stack_bytes: 512 << 10,
        calls: 1_000_000,
        timers: 10_000,
        argument_bytes: 512 << 20,
        completion_bytes: 512 << 20,
        json_depth: 120,
        log_bytes: 512 << 20,
        result_bytes: 512 << 20,
        ..Limits::default()
    };
    let body = "let a = 1; for (let i = 0; i < 120; i++) a = [a]; return github.echo(a)";
    assert_eq!(run_limited(body, most.clone()).value().len(), 241);
    let many = "for (let i = 0; i < 10000; i++) setTimeout(() => {}, 1); return 'set'";
    assert_eq!(run_limited(many, most.clone()).value(), "\"set\"");
    let large = "return (await github.echo('x'.repeat(5e7))).length";
    assert_eq!(run_limited(large, most).value(), "50000000");
}

#[test]
fn a_stop_that_a_built_in_function_swallows_still_counts() {
    let calls = Limits { calls: 3, ..Limits::default() };
    let logs = Limits { log_bytes: 100, ..Limits::default() };
    let print = "console.log('x'.repeat(300))";
    for (body, limits, kind) in [
        ("new Promise(() => { for (;;) github.echo(1); }); return 1".to_owned(), calls, Kind::CallLimit),
        (format!("new Promise(() => {{ {print} }}); return 1"), logs.clone(), Kind::OutputLimit),
        (format!("await {{ then() {{ {print} }} }}; return 1"), logs.clone(), Kind::OutputLimit),
        (format!("new Promise(() => {{ {print} }}); await new Promise(() => {{}})"), logs, Kind::OutputLimit),
    ] {
        assert_eq!(run_limited(&body, limits).failure().kind, kind, "{body}");
    }
    let endless = "new Promise(() => { for (;;); });";
    for body in [format!("{endless} return 1"), format!("{endless} await new Promise(() => {{}})")] {
        let meter = FakeMeter::interrupting(300, Interrupt::Cancelled);
        let run = run_in(metered(Limits::default(), meter), &wrap(&body), Batch::All);
        assert_eq!(run.failure().kind, Kind::Cancelled, "{body}");
    }
}

#[test]
fn what_the_guest_itself_says_is_cut_and_ends_nothing() {
    let logs = Limits { log_bytes: 100, ..Limits::default() };
    let run = run_limited("Promise.reject(new Error('y'.repeat(1000))); return 1", logs);
    assert_eq!((run.value(), run.stderr.len()), ("1", 100));
    for reason in [
        "const z = Array(1000).fill(0), b = Array(1000).fill(z); Promise.reject(Array(20).fill(b))",
        "let a = 1; for (let i = 0; i < 60; i++) a = [a, a]; Promise.reject(a)",
        "Promise.reject('x'.repeat(20 << 20))",
    ] {
        let run = run_limited(&format!("{reason}; return 1"), Limits::default());
        assert_eq!(run.value(), "1", "{reason}");
        assert!(run.stderr.len() < 300_000, "{reason}: {}", run.stderr.len());
    }
}

#[test]
fn a_thrown_value_of_any_size_is_an_error_with_a_place() {
    for thrown in [
        "Array(20).fill(Array(1000).fill(Array(1000).fill(0)))",
        "'\\u0001'.repeat(20 << 20)",
        "Object.assign(new Error('\\u0001'.repeat(1e6)), { name: '\\u0001'.repeat(1e6), cause: 'x'.repeat(1e6) })",
    ] {
        let run = run_limited(&format!("throw {thrown}"), Limits::default());
        let failure = run.failure();
        assert_eq!((failure.kind, failure.stack.len()), (Kind::GuestError, 1), "{thrown}");
        assert!(failure.message.chars().count() < 5_000, "{thrown}");
    }
}

#[test]
fn arguments_of_calls_under_way_are_bounded_together() {
    let limits = Limits { argument_bytes: 1_000, ..Limits::default() };
    let body = "const calls = []; for (let i = 0; i < 18; i++) calls.push(github.echo('x'.repeat(900)));
        return (await Promise.allSettled(calls)).map((call) => call.reason?.name ?? 'ok').join()";
    let expected = format!("\"{}RangeError\"", "ok,".repeat(17));
    assert_eq!(run_limited(body, limits).value(), expected);
}
