//! The count against the tree that the parser builds.

use std::thread;

use oxc_allocator::Allocator;
use oxc_ast::AstKind;
use oxc_ast_visit::Visit;
use oxc_parser::{ParseOptions, Parser};
use oxc_span::SourceType;

use super::measure;
use crate::limits::Limits;

const UNLIMITED: Limits = Limits { source_bytes: usize::MAX, nesting: usize::MAX, levels: usize::MAX };

/// Nodes on one path for each counted level: a method takes a property, a function, a body and a statement.
const NODES_A_LEVEL: usize = 4;
/// Nodes above and below the first level.
const NODES_AROUND: usize = 16;

/// Openings and closings around an expression, of all the kinds that interact in the count.
const AROUND: &[(&str, &str)] = &[
    ("(", ")"),
    ("[", "]"),
    ("[a, ", "]"),
    ("f(", ")"),
    ("f(a, b)(", ")"),
    ("!", ""),
    ("- ", ""),
    ("typeof ", ""),
    ("a + ", ""),
    ("a ? b : ", ""),
    ("a = ", ""),
    ("a => ", ""),
    ("<any>", ""),
    ("", ".a"),
    ("", "[0]"),
    ("", "()"),
    ("", "!"),
    ("", " as T<A, B>"),
    ("({ a: ", " })"),
    ("({ a() { if (a) b; else return ", " } })"),
    ("`a${", "}b`"),
    ("(() => { a: b: if (c); else return ", " })"),
    ("(function () { for (;;) do if (a) {} else return ", "; while (0) })"),
    ("(class { a = ", " })"),
    ("(class extends ", " {})"),
    ("(() => { let x: A<B, C<D>> = ", " })"),
    ("(() => { let x: { a: (b: C) => D }; x = {} as T; return ", " })"),
    ("(a < b, c > ", ")"),
    ("(() => { switch (a) { case b: c: d: ", " } })"),
    ("(() => { x = 1\na: b: if (c); else ", "\n})"),
    ("(() => { return /[(]/.test(a) || ", " })"),
    ("(() => { if (a) /[{(]/.test(a); return ", " })"),
    ("(a / ", " / 2)"),
    ("/* ( */ ", "// )\n"),
    ("\"(\" + ", ""),
];

#[test]
fn the_count_is_never_below_the_tree() {
    let check = || {
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        let mut random = |bound: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state % bound as u64) as usize
        };
        let mut trees = 0;
        for _ in 0..400 {
            let kinds: Vec<_> = (0..=random(3)).map(|_| AROUND[random(AROUND.len())]).collect();
            let mut text = "x".to_string();
            for _ in 0..random(120) {
                let (open, close) = kinds[random(kinds.len())];
                text = format!("{open}{text}{close}");
            }
            let levels = measure(&text, &UNLIMITED).unwrap().levels;
            let nodes = nodes(&text);
            assert!(nodes <= levels * NODES_A_LEVEL + NODES_AROUND, "{nodes} nodes, {levels} levels: {text}");
            trees += usize::from(nodes > NODES_AROUND);
        }
        assert!(trees > 200, "only {trees} of the texts were programs");
    };
    thread::Builder::new().stack_size(256 << 20).spawn(check).unwrap().join().unwrap();
}

/// The most nodes on one path of the tree. Nothing when the parser gave up.
fn nodes(text: &str) -> usize {
    let allocator = Allocator::default();
    let options = ParseOptions { preserve_parens: false, ..ParseOptions::default() };
    let source = SourceType::ts().with_module(true);
    let parsed = Parser::new(&allocator, text, source).with_options(options).parse();
    let mut path = Path { open: 0, most: 0 };
    path.visit_program(&parsed.program);
    path.most
}

struct Path {
    open: usize,
    most: usize,
}

impl<'a> Visit<'a> for Path {
    fn enter_node(&mut self, _: AstKind<'a>) {
        self.open += 1;
        self.most = self.most.max(self.open);
    }

    fn leave_node(&mut self, _: AstKind<'a>) {
        self.open -= 1;
    }
}
