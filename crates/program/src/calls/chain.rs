//! Member chains: `root.member["member"]`.

use std::borrow::Cow;

use oxc_ast::ast::{BindingPattern, ChainElement, Expression, IdentifierReference};
use oxc_semantic::{Scoping, SymbolId};

/// What a chain of members starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Root<'a> {
    Global(&'a str),
    Local(SymbolId),
}

impl<'a> Root<'a> {
    pub(super) fn of(identifier: &IdentifierReference<'a>, scoping: &Scoping) -> Self {
        let reference = identifier.reference_id.get().map(|id| scoping.get_reference(id));
        match reference.and_then(|reference| reference.symbol_id()) {
            Some(symbol) => Root::Local(symbol),
            None => Root::Global(identifier.name.as_str()),
        }
    }
}

/// A root and the members taken from it, all of them literal names.
#[derive(Debug, Clone)]
pub(super) struct Chain<'a> {
    pub(super) root: Root<'a>,
    pub(super) members: Vec<Cow<'a, str>>,
}

impl<'a> Chain<'a> {
    /// Reads an expression as a chain, through parentheses, `?.`, `!`, `as` and the like.
    pub(super) fn of(expression: &Expression<'a>, scoping: &Scoping) -> Option<Self> {
        let mut members = Vec::new();
        let mut at = expression;
        loop {
            at = at.get_inner_expression();
            at = match at {
                Expression::Identifier(identifier) => {
                    members.reverse();
                    return Some(Self { root: Root::of(identifier, scoping), members });
                }
                Expression::StaticMemberExpression(member) => {
                    members.push(Cow::Borrowed(member.property.name.as_str()));
                    &member.object
                }
                Expression::ComputedMemberExpression(member) => {
                    members.push(Cow::Borrowed(literal(&member.expression)?));
                    &member.object
                }
                Expression::ChainExpression(chain) => match &chain.expression {
                    ChainElement::StaticMemberExpression(member) => {
                        members.push(Cow::Borrowed(member.property.name.as_str()));
                        &member.object
                    }
                    ChainElement::ComputedMemberExpression(member) => {
                        members.push(Cow::Borrowed(literal(&member.expression)?));
                        &member.object
                    }
                    ChainElement::TSNonNullExpression(inner) => &inner.expression,
                    _ => return None,
                },
                _ => return None,
            };
        }
    }

    /// The constants that a pattern binds to parts of this chain. `None` when a part of the pattern cannot be followed.
    pub(super) fn bound_by(&self, pattern: &BindingPattern<'a>) -> Option<Vec<(SymbolId, Chain<'a>)>> {
        let mut bound = Vec::new();
        let mut waiting = vec![(pattern, self.clone())];
        while let Some((pattern, chain)) = waiting.pop() {
            match pattern {
                BindingPattern::BindingIdentifier(identifier) => {
                    bound.push((identifier.symbol_id.get()?, chain))
                }
                BindingPattern::ObjectPattern(object) if object.rest.is_none() => {
                    for property in &object.properties {
                        let mut part = chain.clone();
                        part.members.push(property.key.static_name()?);
                        waiting.push((&property.value, part));
                    }
                }
                _ => return None,
            }
        }
        Some(bound)
    }
}

/// The text of a string literal, or of a template without substitutions.
pub(super) fn literal<'a>(expression: &Expression<'a>) -> Option<&'a str> {
    match expression.get_inner_expression() {
        Expression::StringLiteral(string) => Some(string.value.as_str()),
        Expression::TemplateLiteral(template) => template.single_quasi().map(|text| text.as_str()),
        _ => None,
    }
}
