//! Places for failures that the engine cannot place.

use codemode_program::{Limits, Position, compile};

fn landmarks(source: &str) -> (Option<Position>, Option<Position>) {
    let program = compile(source, &Limits::default()).unwrap();
    (program.only_loop(), program.only_await())
}

#[test]
fn a_landmark_is_one_of_its_kind() {
    let at = |line, column| Some(Position { line, column });
    assert_eq!(landmarks("let n = 0;\nwhile (true) n++;"), (at(2, 1), None));
    assert_eq!(landmarks("await 1;\nfor (;;) {}"), (at(2, 1), at(1, 1)));
    assert_eq!(landmarks("for (;;) {}\ndo {} while (1);\nawait 1; await 2;"), (None, None));
    assert_eq!(landmarks("```ts\nconst f = async () => await 1;\n```"), (None, at(2, 23)));
    assert_eq!(landmarks("return 1"), (None, None));
}
