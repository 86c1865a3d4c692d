//! The stages between text and JavaScript. Everything in here recurses; [`crate::stack`] gives it the stack.

use std::path::{Path, PathBuf};

use oxc_allocator::{Allocator, ArenaVec, TakeIn};
use oxc_ast::{
    ast::{Function, Program, Statement},
    builder::AstBuilder,
};
use oxc_codegen::{Codegen, CodegenOptions, CommentOptions};
use oxc_diagnostics::Diagnostics;
use oxc_parser::{ParseOptions, Parser};
use oxc_semantic::{Scoping, SemanticBuilder};
use oxc_span::SourceType;
use oxc_transformer::{TransformOptions, Transformer};

use crate::{
    calls::{self, Calls},
    diagnostics, exports,
    landmarks::Landmarks,
    map::Map,
    program::Shape,
    refuse,
    rejection::{Refusal, RejectionKind},
    wrap,
};

/// Whether to record how the JavaScript maps to the code, which costs as much again as printing it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mapping {
    Wanted,
    Skipped,
}

/// What the stages produce.
#[derive(Debug)]
pub(crate) struct Built {
    pub(crate) javascript: String,
    pub(crate) shape: Shape,
    pub(crate) calls: Calls,
    pub(crate) map: Option<Map>,
}

/// Parses, checks, strips types, wraps and prints. Deterministic: the same code gives the same JavaScript, so that the map
/// can be made later.
pub(crate) fn build(code: &str, mapping: Mapping) -> Result<Built, Refusal> {
    let allocator = Allocator::default();
    let ast = AstBuilder::new(&allocator);
    let mut program = parse(code, &allocator, &ast)?;
    if program.body.is_empty() && program.directives.is_empty() {
        return Err(Refusal::new(RejectionKind::Empty, "The text holds no statement", 0).hint(
            "Submit the program's text, for example `return await github.list_issues({ state: \"open\" })`.",
        ));
    }
    let fresh = wrap::fresh_name("$default", code, &ast, |_| false);
    let default = exports::strip(&mut program, fresh, &ast)?;
    let scoping = analyse(&program, code)?;
    refuse::check(&program, &scoping)?;
    let calls = calls::list(&program, &scoping);
    let landmarks = if mapping == Mapping::Wanted { Landmarks::of(&program) } else { Landmarks::default() };
    let parameter = wrap::fresh_name("$input", code, &ast, |name| is_taken(name, &scoping));

    let transformer = Transformer::new(&allocator, Path::new(""), &TransformOptions::default());
    let transformed = transformer.build_with_scoping(scoping, &mut program);
    refused(&transformed.diagnostics, code)?;
    refuse::check_imports(&mut program)?;
    let shape = wrap::wrap(&mut program, default, parameter, &ast);

    let printed = Codegen::new()
        .with_options(CodegenOptions {
            comments: CommentOptions::disabled(),
            source_map_path: (mapping == Mapping::Wanted).then(PathBuf::new),
            ..CodegenOptions::default()
        })
        .build(&program);
    let map = Map::new(&printed, code, landmarks);
    Ok(Built { javascript: printed.code, shape, calls, map })
}

fn parse<'a>(code: &'a str, allocator: &'a Allocator, ast: &AstBuilder<'a>) -> Result<Program<'a>, Refusal> {
    let options = ParseOptions {
        allow_return_outside_function: true,
        preserve_parens: false,
        ..ParseOptions::default()
    };
    let source = SourceType::ts().with_module(true);
    let mut parsed = Parser::new(allocator, code, source).with_options(options).parse();
    if let Err(refusal) = refused(&parsed.diagnostics, code) {
        // `async function ({ a }) { … }` alone is the one text that is wrong only for want of a name.
        if parsed.panicked || parsed.diagnostics.len() != 1 || !name_sole_function(&mut parsed.program, ast) {
            return Err(refusal);
        }
    }
    Ok(parsed.program)
}

/// Turns a program that is one function declaration without a name into one that is a function expression.
fn name_sole_function<'a>(program: &mut Program<'a>, ast: &AstBuilder<'a>) -> bool {
    let nameless = |function: &Function<'_>| function.id.is_none() && function.body.is_some();
    let functions = program.body.iter().filter(|statement| !is_type(statement)).collect::<Vec<_>>();
    if !matches!(functions.as_slice(), [Statement::FunctionDeclaration(function)] if nameless(function)) {
        return false;
    }
    let mut body = ArenaVec::with_capacity_in(program.body.len(), ast);
    for statement in program.body.take_in(ast) {
        body.push(match statement {
            Statement::FunctionDeclaration(function) => {
                let span = function.span;
                Statement::new_expression_statement(span, exports::expression(function), ast)
            }
            other => other,
        });
    }
    program.body = body;
    true
}

fn is_type(statement: &Statement<'_>) -> bool {
    matches!(
        statement,
        Statement::TSInterfaceDeclaration(_)
            | Statement::TSTypeAliasDeclaration(_)
            | Statement::EmptyStatement(_)
    )
}

/// Scope analysis with the early errors that the parser leaves to it, and the enum values that the transformer relies on.
fn analyse(program: &Program<'_>, code: &str) -> Result<Scoping, Refusal> {
    let analysed = SemanticBuilder::new_compiler().with_enum_eval(true).build(program);
    refused(&analysed.diagnostics, code)?;
    Ok(analysed.semantic.into_scoping())
}

fn refused(found: &Diagnostics, code: &str) -> Result<(), Refusal> {
    diagnostics::first(found, code).map_or(Ok(()), Err)
}

fn is_taken(name: &str, scoping: &Scoping) -> bool {
    scoping.symbol_names().any(|taken| taken == name)
        || scoping.root_unresolved_references().keys().any(|taken| taken.as_str() == name)
}
