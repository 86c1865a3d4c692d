//! Places that can stand for the whole program when the engine names none: a loop without a call in it has no line in the
//! engine's tables, and a promise that nobody holds takes the function that awaits it along.

use oxc_ast::{AstKind, ast::Program};
use oxc_ast_visit::Visit;

/// Offsets in the code; `Some` only where there is exactly one of the kind, so that it cannot be another.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Landmarks {
    pub(crate) only_loop: Option<usize>,
    pub(crate) only_await: Option<usize>,
}

impl Landmarks {
    pub(crate) fn of(program: &Program<'_>) -> Self {
        let mut finder = Finder::default();
        finder.visit_program(program);
        let only = |(first, count): (usize, usize)| (count == 1).then_some(first);
        Self { only_loop: only(finder.loops), only_await: only(finder.awaits) }
    }
}

/// The offset of the last one seen, and how many were.
#[derive(Default)]
struct Finder {
    loops: (usize, usize),
    awaits: (usize, usize),
}

impl<'a> Visit<'a> for Finder {
    fn enter_node(&mut self, kind: AstKind<'a>) {
        let (seen, start) = match kind {
            AstKind::ForStatement(it) => (&mut self.loops, it.span.start),
            AstKind::ForInStatement(it) => (&mut self.loops, it.span.start),
            AstKind::ForOfStatement(it) => (&mut self.loops, it.span.start),
            AstKind::WhileStatement(it) => (&mut self.loops, it.span.start),
            AstKind::DoWhileStatement(it) => (&mut self.loops, it.span.start),
            AstKind::AwaitExpression(it) => (&mut self.awaits, it.span.start),
            _ => return,
        };
        *seen = (start as usize, seen.1 + 1);
    }
}
