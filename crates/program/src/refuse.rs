//! Valid TypeScript that a program cannot use, refused before it fails in the isolate with a worse message.

use oxc_ast::{
    AstKind,
    ast::{Expression, IdentifierReference, Program, Statement, TSModuleReference},
};
use oxc_ast_visit::Visit;
use oxc_semantic::Scoping;
use oxc_span::{GetSpan, Span};

use crate::rejection::{Refusal, RejectionKind};

/// What to do instead of importing something.
pub(crate) const NO_MODULES: &str = "Tools are globals: call them directly, for example `await github.create_issue({ \
     title: \"…\" })`. There are no modules, no files and no network.";

/// The first construct, in the order of the text, that a program cannot use.
pub(crate) fn check(program: &Program<'_>, scoping: &Scoping) -> Result<(), Refusal> {
    let mut checker = Checker { scoping, found: None };
    checker.visit_program(program);
    checker.found.map_or(Ok(()), Err)
}

/// Refuses the imports that are left when those of types are gone, and drops the `export {}` that marks a module.
pub(crate) fn check_imports(program: &mut Program<'_>) -> Result<(), Refusal> {
    for statement in &program.body {
        let Statement::ImportDeclaration(import) = statement else { continue };
        let message = format!("Cannot import `{}`: there are no modules", import.source.value);
        return Err(module(message, import.span));
    }
    program.body.retain(|statement| !statement.is_module_declaration());
    Ok(())
}

struct Checker<'s> {
    scoping: &'s Scoping,
    found: Option<Refusal>,
}

impl Checker<'_> {
    fn refuse(&mut self, refusal: Refusal) {
        let earlier = |found: &Refusal| found.offset <= refusal.offset;
        if !self.found.as_ref().is_some_and(earlier) {
            self.found = Some(refusal);
        }
    }

    fn is_global(&self, identifier: &IdentifierReference<'_>) -> bool {
        let reference = identifier.reference_id.get().map(|id| self.scoping.get_reference(id));
        reference.is_none_or(|reference| reference.symbol_id().is_none())
    }

    fn is_global_named(&self, expression: &Expression<'_>, name: &str) -> bool {
        matches!(expression, Expression::Identifier(identifier) if identifier.name == name && self.is_global(identifier))
    }
}

impl<'a> Visit<'a> for Checker<'_> {
    fn enter_node(&mut self, kind: AstKind<'a>) {
        match kind {
            AstKind::ImportExpression(import) => {
                self.refuse(module("`import()` is not available: there are no modules", import.span));
            }
            AstKind::ImportMeta(meta) => {
                self.refuse(module("`import.meta` is not available: a program is not a module", meta.span));
            }
            AstKind::TSImportEqualsDeclaration(import) => {
                let external =
                    matches!(import.module_reference, TSModuleReference::ExternalModuleReference(_));
                if external && !import.import_kind.is_type() {
                    self.refuse(module("`require` is not available: there are no modules", import.span));
                }
            }
            AstKind::CallExpression(call) if self.is_global_named(&call.callee, "require") => {
                self.refuse(module("`require` is not available: there are no modules", call.span));
            }
            AstKind::StaticMemberExpression(member)
                if self.is_global_named(&member.object, "module") && member.property.name == "exports" =>
            {
                let hint = "Return the value instead: `return value`, or end the program with an expression.";
                self.refuse(
                    module("`module.exports` is not available: a program is not a module", member.span)
                        .hint(hint),
                );
            }
            AstKind::Decorator(decorator) => {
                let refusal = unsupported("Decorators are not supported", decorator.span);
                self.refuse(refusal.hint("Call the function directly, or wrap the value by hand."));
            }
            AstKind::AccessorProperty(property) => {
                let refusal = unsupported("`accessor` fields are not supported", property.span());
                self.refuse(refusal.hint("Write a `get` and a `set` method, or a plain field."));
            }
            _ => {}
        }
    }
}

fn module(message: impl Into<String>, span: Span) -> Refusal {
    Refusal::new(RejectionKind::Module, message, span.start as usize).hint(NO_MODULES)
}

fn unsupported(message: &str, span: Span) -> Refusal {
    Refusal::new(RejectionKind::Unsupported, message, span.start as usize)
}
