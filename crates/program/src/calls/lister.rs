//! Walks a program, then resolves what it saw: a constant may be used above its declaration.

use std::{borrow::Cow, collections::HashMap};

use oxc_ast::{
    AstKind,
    ast::{
        Argument, CallExpression, Expression, ObjectPropertyKind, Program, UnaryOperator,
        VariableDeclaration, VariableDeclarationKind,
    },
};
use oxc_ast_visit::{Visit, walk};
use oxc_semantic::{Scoping, SymbolId};

use super::{
    Calls, Fields, FoundCall, Via,
    chain::{Chain, Root, literal},
};
use crate::globals;

/// How many constants may stand for one another in a row. `const a = b; const b = a` has no end.
const MAX_ALIASES: usize = 16;

/// Lists the calls of a program in the order of the text.
pub(crate) fn list(program: &Program<'_>, scoping: &Scoping) -> Calls {
    let mut lister = Lister {
        scoping,
        candidates: Vec::new(),
        aliases: HashMap::new(),
        followed: HashMap::new(),
        calls: Calls::default(),
    };
    lister.visit_program(program);
    lister.resolve();
    lister.calls
}

/// A call of a chain, not yet known to be a tool's.
struct Candidate<'a> {
    offset: usize,
    end: usize,
    callee: Chain<'a>,
    /// The first argument, when it is a literal text.
    name: Option<&'a str>,
    first: Fields,
    second: Fields,
}

struct Lister<'s, 'a> {
    scoping: &'s Scoping,
    candidates: Vec<Candidate<'a>>,
    aliases: HashMap<SymbolId, Chain<'a>>,
    /// How many uses of each root were understood. Any further use is one that the list does not show.
    followed: HashMap<Root<'a>, usize>,
    calls: Calls,
}

impl<'a> Visit<'a> for Lister<'_, 'a> {
    fn enter_node(&mut self, kind: AstKind<'a>) {
        match kind {
            AstKind::CallExpression(call) => self.call(call),
            AstKind::UnaryExpression(unary) if unary.operator == UnaryOperator::Typeof => {
                if let Expression::Identifier(identifier) = &unary.argument {
                    self.follow(Root::of(identifier, self.scoping));
                }
            }
            _ => {}
        }
    }

    fn visit_variable_declaration(&mut self, declaration: &VariableDeclaration<'a>) {
        if declaration.kind == VariableDeclarationKind::Const {
            for declarator in &declaration.declarations {
                let chain = declarator.init.as_ref().and_then(|init| Chain::of(init, self.scoping));
                if let Some(chain) = chain
                    && let Some(bound) = chain.bound_by(&declarator.id)
                {
                    self.follow(chain.root);
                    self.aliases.extend(bound);
                }
            }
        }
        walk::walk_variable_declaration(self, declaration);
    }
}

impl<'a> Lister<'_, 'a> {
    fn call(&mut self, call: &CallExpression<'a>) {
        let Some(callee) = Chain::of(&call.callee, self.scoping) else { return };
        self.follow(callee.root);
        let argument = |index: usize| call.arguments.get(index).and_then(Argument::as_expression);
        self.candidates.push(Candidate {
            offset: call.span.start as usize,
            end: call.span.end as usize,
            callee,
            name: argument(0).and_then(literal),
            first: fields(call, 0),
            second: fields(call, 1),
        });
    }

    fn follow(&mut self, root: Root<'a>) {
        *self.followed.entry(root).or_default() += 1;
    }

    /// Turns candidates into calls and notices the uses that none of them explains.
    fn resolve(&mut self) {
        let mut candidates = std::mem::take(&mut self.candidates);
        candidates.sort_by_key(|candidate| candidate.offset);
        for candidate in candidates {
            if let Some((root, members)) = self.global(candidate.callee.clone()) {
                self.tool_call(root, &members, candidate);
            }
        }
        let aliases = self.aliases.iter().filter(|(_, chain)| self.global((*chain).clone()).is_some());
        let unexplained_alias = aliases.map(|(&symbol, _)| symbol).any(|symbol| {
            let uses = self.scoping.get_resolved_references(symbol).filter(|use_| use_.is_value()).count();
            uses > self.followed.get(&Root::Local(symbol)).copied().unwrap_or(0)
        });
        let globals = self.scoping.root_unresolved_references().iter();
        let unexplained_global =
            globals.filter(|(name, _)| !globals::is_standard(name.as_str())).any(|(name, ids)| {
                let uses = ids.iter().filter(|&&id| self.scoping.get_reference(id).is_value()).count();
                uses > self.followed.get(&Root::Global(name.as_str())).copied().unwrap_or(0)
            });
        self.calls.dynamic |= unexplained_alias || unexplained_global;
    }

    /// The global that a chain starts from, through the constants in between. `None` for locals and standard globals.
    fn global(&self, mut chain: Chain<'a>) -> Option<(&'a str, Vec<Cow<'a, str>>)> {
        for _ in 0..MAX_ALIASES {
            match chain.root {
                Root::Global(name) => {
                    // `globalThis.github.list()` is `github.list()`.
                    let named = if name == "globalThis" { chain.members.first()? } else { name };
                    return (!globals::is_standard(named)).then_some((name, chain.members));
                }
                Root::Local(symbol) => {
                    let mut target = self.aliases.get(&symbol)?.clone();
                    target.members.append(&mut chain.members);
                    chain = target;
                }
            }
        }
        None
    }

    fn tool_call(&mut self, root: &str, members: &[Cow<'a, str>], candidate: Candidate<'a>) {
        let Candidate { offset, end, name, first, second, .. } = candidate;
        let (root, members) = match (root, members) {
            ("globalThis", [root, members @ ..]) => (root.as_ref(), members),
            other => other,
        };
        let found = |path: String, via, fields| FoundCall { offset, end, path, via, fields };
        match (root, members) {
            ("callBinding" | "callHostTool", []) => match name {
                Some(name) => self.calls.found.push(found(name.to_string(), Via::ByName, second)),
                None => self.calls.dynamic = true,
            },
            (_, []) => {}
            // `github.list.call(…)`: a function of functions, whose arguments are not the tool's.
            (_, [.., last]) if matches!(last.as_ref(), "call" | "apply" | "bind") => {
                self.calls.dynamic = true
            }
            ("tools", path) => self.calls.found.push(found(path.join("."), Via::Tools, first)),
            ("codemode", path) => self.calls.found.push(found(path.join("."), Via::Codemode, first)),
            (root, path) => {
                self.calls.found.push(found(format!("{root}.{}", path.join(".")), Via::Namespace, first));
            }
        }
    }
}

/// The fields of an argument that is an object literal.
fn fields(call: &CallExpression<'_>, index: usize) -> Fields {
    let mut fields = Fields { names: Vec::new(), complete: true };
    match call
        .arguments
        .get(index)
        .map(|argument| argument.as_expression().map(Expression::get_inner_expression))
    {
        None => {}
        Some(Some(Expression::ObjectExpression(object))) => {
            for property in &object.properties {
                match property {
                    ObjectPropertyKind::ObjectProperty(property) => match property.key.static_name() {
                        Some(name) => fields.names.push(name.into_owned()),
                        None => fields.complete = false,
                    },
                    ObjectPropertyKind::SpreadProperty(_) => fields.complete = false,
                }
            }
        }
        Some(_) => fields.complete = false,
    }
    fields
}
