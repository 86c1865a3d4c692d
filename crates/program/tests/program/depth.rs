//! Whatever nests, at any depth, on the smallest stack a thread has by default: no text ends the process.

use std::thread;

use codemode_program::{Limits, RejectionKind, compile};

use crate::constructs::CONSTRUCTS;

/// Runs on a thread with 2 MiB of stack, what Rust and tokio give a thread.
pub(crate) fn on_small_stack<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    thread::Builder::new().stack_size(2 * 1024 * 1024).spawn(work).unwrap().join().unwrap()
}

#[test]
fn every_construct_at_every_depth() {
    on_small_stack(|| {
        let limits = Limits::default();
        for construct in CONSTRUCTS {
            let most = construct.repetitions(limits.source_bytes);
            for n in [10, 100, 1_000, 10_000, 100_000, most] {
                let outcome = compile(&construct.text(n.min(most)), &limits);
                let kind = outcome.err().map(|rejection| rejection.kind);
                assert!(kind != Some(RejectionKind::Internal), "{} × {n}", construct.name);
            }
        }
    });
}

#[test]
fn the_count_alone_keeps_the_stack() {
    // Without a limit on brackets only the counted levels size the stack.
    on_small_stack(|| {
        let limits = Limits { nesting: usize::MAX, levels: 20_000, ..Limits::default() };
        for construct in CONSTRUCTS {
            let outcome = compile(&construct.text(1_500), &limits);
            let kind = outcome.err().map(|rejection| rejection.kind);
            assert!(kind != Some(RejectionKind::Internal), "{}", construct.name);
        }
    });
}

#[test]
fn long_programs_are_no_deep_ones() {
    let concatenation = format!("return {}''", "'a line of text' + ".repeat(4_000));
    let branches = format!("{}{{}}", "if (input === 1) { log(1); } else ".repeat(2_000));
    let statements = "const { a } = await orders.list({ page: 1, filter: [1, 2, 3] });\n".repeat(3_000);
    let statements = statements.lines().enumerate().map(|(n, line)| line.replace("{ a }", &format!("a{n}")));
    let data = format!("return [{}]", "{ id: 1, name: 'x', tags: ['a', 'b'] },\n".repeat(5_000));
    for text in [concatenation, branches, statements.collect::<Vec<_>>().join("\n"), data] {
        if let Err(rejection) = on_small_stack(move || compile(&text, &Limits::default())) {
            panic!("{rejection:?}");
        }
    }
}
