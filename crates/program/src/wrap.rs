//! Builds the async function around the statements, as syntax tree.
//!
//! Text is never concatenated: a program cannot close the function it stands in, because it was parsed on its own.

use oxc_allocator::{ArenaVec, GetAllocator, TakeIn};
use oxc_ast::{
    ast::{
        Argument, BinaryOperator, BindingPattern, Directive, Expression, FormalParameter,
        FormalParameterKind, FormalParameters, FunctionBody, FunctionType, Program, Statement, StringLiteral,
        UnaryOperator,
    },
    builder::AstBuilder,
};
use oxc_span::{GetSpan, SPAN};

use crate::{
    exports::{DefaultExport, Exported},
    program::Shape,
};

/// Replaces the program by one expression statement: the async function that computes the program's value.
///
/// `parameter` is a name that the program does not use, so that nothing in it can capture the input passed on.
pub(crate) fn wrap<'a>(
    program: &mut Program<'a>,
    default: Option<DefaultExport<'a>>,
    parameter: &'a str,
    ast: &AstBuilder<'a>,
) -> Shape {
    let mut body = program.body.take_in(ast);
    body.retain(|statement| !matches!(statement, Statement::EmptyStatement(_)));
    let shape = match default {
        Some(default) => {
            body.push(default_value(default, parameter, ast));
            Shape::DefaultExport
        }
        None if call_sole_function(&mut body, parameter, ast) => Shape::Function,
        None => {
            return_last_expression(&mut body, &program.directives, ast);
            Shape::Body
        }
    };
    let strict = Directive::new(SPAN, StringLiteral::new(SPAN, "use strict", None, ast), "use strict", ast);
    let body = FunctionBody::boxed(SPAN, ArenaVec::from_value_in(strict, ast), body, ast);
    let function = Expression::new_function_expression(
        SPAN,
        FunctionType::FunctionExpression,
        None,
        false,
        true,
        false,
        None,
        None,
        parameters(parameter, ast),
        None,
        Some(body),
        ast,
    );
    program.hashbang = None;
    program.directives = ArenaVec::new_in(ast);
    program.body = ArenaVec::from_value_in(Statement::new_expression_statement(SPAN, function, ast), ast);
    shape
}

/// `return name`, called with the input if it is a function.
fn default_value<'a>(default: DefaultExport<'a>, parameter: &'a str, ast: &AstBuilder<'a>) -> Statement<'a> {
    let name = || Expression::new_identifier(SPAN, default.name, ast);
    let value = match default.value {
        Exported::Function => call(name(), parameter, ast),
        Exported::Other => name(),
        Exported::Unknown => {
            let kind = Expression::new_unary_expression(SPAN, UnaryOperator::Typeof, name(), ast);
            let function = Expression::new_string_literal(SPAN, "function", None, ast);
            let test =
                Expression::new_binary_expression(SPAN, kind, BinaryOperator::StrictEquality, function, ast);
            Expression::new_conditional_expression(SPAN, test, call(name(), parameter, ast), name(), ast)
        }
    };
    Statement::new_return_statement(SPAN, Some(value), ast)
}

/// Calls the one function that the program consists of. False when it consists of anything else.
fn call_sole_function<'a>(
    body: &mut ArenaVec<'a, Statement<'a>>,
    parameter: &'a str,
    ast: &AstBuilder<'a>,
) -> bool {
    let [statement] = body.as_mut_slice() else { return false };
    match statement {
        Statement::FunctionDeclaration(function) if !function.generator => {
            let Some(id) = &function.id else { return false };
            let name = Expression::new_identifier(SPAN, id.name, ast);
            body.push(Statement::new_return_statement(SPAN, Some(call(name, parameter, ast)), ast));
            true
        }
        Statement::ExpressionStatement(expression) => {
            let is_function = match &expression.expression {
                Expression::ArrowFunctionExpression(_) => true,
                Expression::FunctionExpression(function) => !function.generator,
                _ => false,
            };
            if is_function {
                let function = expression.expression.take_in(ast);
                *statement = Statement::new_return_statement(SPAN, Some(call(function, parameter, ast)), ast);
            }
            is_function
        }
        _ => false,
    }
}

/// Makes the last expression statement the value. Function declarations after it run nothing and do not count.
fn return_last_expression<'a>(
    body: &mut ArenaVec<'a, Statement<'a>>,
    directives: &[Directive<'a>],
    ast: &AstBuilder<'a>,
) {
    let last =
        body.iter_mut().rev().find(|statement| !matches!(statement, Statement::FunctionDeclaration(_)));
    match last {
        Some(statement) => {
            if let Statement::ExpressionStatement(expression) = statement {
                let value = expression.expression.take_in(ast);
                *statement = Statement::new_return_statement(value.span(), Some(value), ast);
            }
        }
        // A program that is one string is a list of directives to the grammar.
        None => {
            let text = directives.last().filter(|directive| directive.directive != "use strict");
            if let Some(text) = text {
                let value = Expression::new_string_literal(text.span, text.expression.value, None, ast);
                body.push(Statement::new_return_statement(text.span, Some(value), ast));
            }
        }
    }
}

fn call<'a>(callee: Expression<'a>, parameter: &'a str, ast: &AstBuilder<'a>) -> Expression<'a> {
    let input = Argument::from(Expression::new_identifier(SPAN, parameter, ast));
    Expression::new_call_expression(SPAN, callee, None, ArenaVec::from_value_in(input, ast), false, ast)
}

fn parameters<'a>(name: &'a str, ast: &AstBuilder<'a>) -> oxc_allocator::ArenaBox<'a, FormalParameters<'a>> {
    let pattern = BindingPattern::new_binding_identifier(SPAN, name, ast);
    let parameter = FormalParameter::new(
        SPAN,
        ArenaVec::new_in(ast),
        pattern,
        None,
        None,
        false,
        None,
        false,
        false,
        ast,
    );
    let items = ArenaVec::from_value_in(parameter, ast);
    FormalParameters::boxed(SPAN, FormalParameterKind::FormalParameter, items, None, ast)
}

/// A name that starts like this and stands nowhere in the text. A text that spells names with escapes could still hold
/// it; `taken` tells of those.
pub(crate) fn fresh_name<'a>(
    stem: &str,
    text: &str,
    ast: &AstBuilder<'a>,
    taken: impl Fn(&str) -> bool,
) -> &'a str {
    let mut name = stem.to_string();
    for number in 1.. {
        if !text.contains(&name) && !taken(&name) {
            break;
        }
        name = format!("{stem}{number}");
    }
    ast.allocator().alloc_str(&name)
}
