//! Nothing of one run is readable in the next.
//!
//! The runs use a pool of a single slot, so each gets the memory that the one before it wrote all over. A program can
//! look only through the language: at the bytes of buffers that it was given as zero, and at everything it can reach.

use std::sync::Arc;

use codemode_isolate::{CallId, Engine, Isolate, Kind, Limits, PoolSize, Unmetered};

use crate::drive::{Batch, block, engine, names, run_in, start, wrap};

fn one_slot() -> Engine {
    Engine::new(PoolSize { isolates: 1, warm: 1 }).unwrap()
}

fn run(engine: &Engine, body: &str) -> crate::drive::Run {
    let isolate = Isolate::new(engine, names(), Limits::default(), Arc::new(Unmetered)).unwrap();
    run_in(isolate, &wrap(body), Batch::All)
}

/// Fills buffers, strings and objects with a canary until some 48 MiB of the 64 are used, and the stack down to its
/// limit.
const SPILL: &str = "
    globalThis.canary = 'CANARY-0123456789';
    const word = 0xC0FFEE42;
    const kept = [];
    for (let i = 0; i < 40; i++) kept.push(new Uint32Array(1 << 18).fill(word));
    for (let i = 0; i < 20000; i++) kept.push({ text: canary + i, nested: [canary + i] });
    (function deep(a, b, c, d) { try { deep(word, word, word, word) } catch {} })(word, word, word, word);
    await github.echo({ canary });
    return kept.length;";

/// Every size of fresh buffer, from the smallest that comes out of the allocator's own lists to the largest.
const SCAN: &str = "
    let words = 0, found = 0;
    const kept = [];
    for (const size of [64, 256, 1024, 4096, 65536, 1 << 20])
      for (let left = 8 << 20; left > 0; left -= size) {
        const view = new Uint32Array(size / 4);
        for (let i = 0; i < view.length; i++) { words++; if (view[i] !== 0) found++; }
        if (size >= 4096) kept.push(view);
      }
    return [found, words > 1e7, typeof globalThis.canary, Object.getOwnPropertyNames(globalThis).includes('canary'),
      Symbol.for('shared').description];";

#[test]
fn the_memory_of_one_run_is_not_readable_by_the_next() {
    let engine = one_slot();
    for _ in 0..3 {
        assert_eq!(run(&engine, SPILL).value(), "20040");
        assert_eq!(run(&engine, SCAN).value(), r#"[0,true,"undefined",false,"shared"]"#);
    }
}

#[test]
fn nor_is_that_of_a_run_that_was_stopped() {
    let engine = one_slot();
    let spill_and_fail = [
        ("throw new Error('end')", Kind::GuestError),
        ("const more = []; for (;;) more.push(new Uint32Array(1 << 18).fill(word))", Kind::MemoryLimit),
        ("await new Promise(() => {})", Kind::Deadlock),
        ("(function f() { f() })()", Kind::StackLimit),
    ];
    for (end, kind) in spill_and_fail {
        let body = SPILL.replace("return kept.length", end);
        assert_eq!(run(&engine, &body).failure().kind, kind);
        assert_eq!(run(&engine, SCAN).value(), r#"[0,true,"undefined",false,"shared"]"#);
    }
}

#[test]
fn nor_is_that_of_a_run_that_was_dropped_while_it_waited() {
    let engine = one_slot();
    let mut waiting = Isolate::new(&engine, names(), Limits::default(), Arc::new(Unmetered)).unwrap();
    let step = block(waiting.start(start(&wrap(SPILL), ""))).unwrap();
    assert!(step.ended.is_none());
    assert!(
        Isolate::new(&engine, names(), Limits::default(), Arc::new(Unmetered)).is_err(),
        "there is one slot"
    );
    drop(waiting);
    assert_eq!(run(&engine, SCAN).value(), r#"[0,true,"undefined",false,"shared"]"#);
}

#[test]
fn every_run_starts_from_the_same_state() {
    let engine = one_slot();
    let look = "const seen = [Object.keys(globalThis), [1, 2].join(), typeof Array.prototype.mine, crypto.randomUUID(), Math.random()]; \
        Array.prototype.mine = 1; globalThis.mine = 1; console.count('x'); console.group(); delete globalThis.Map; \
        return [seen, await github.echo(1), setTimeout(() => {}, 1)]";
    let first = run(&engine, look);
    for _ in 0..3 {
        let next = run(&engine, look);
        assert_eq!((next.value(), &next.stdout), (first.value(), &first.stdout));
        assert_eq!(next.ended.usage.heap_peak_bytes, first.ended.usage.heap_peak_bytes);
    }
}

#[test]
fn a_fresh_isolate_has_the_calls_of_no_other() {
    let body = wrap("return github.echo(1)");
    let fresh = || Isolate::new(engine(), names(), Limits::default(), Arc::new(Unmetered)).unwrap();
    let (mut one, mut two) = (fresh(), fresh());
    let first = block(one.start(start(&body, ""))).unwrap();
    let twin = block(two.start(start(&body, ""))).unwrap();
    // Ids are an isolate's own: that both may be the same is why a driver keeps them apart.
    assert_eq!(first.calls[0].id, twin.calls[0].id);
    block(one.resume(vec![crate::drive::ok(first.calls[0].id, "1")], 0)).unwrap();
    assert_eq!(two.outstanding(), 1);
    assert_eq!(first.calls[0].id, CallId(0));
}
