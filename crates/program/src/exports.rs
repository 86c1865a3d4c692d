//! Takes a module's exports away: a program has no one to export to, but its default export is what it computes.

use oxc_allocator::{ArenaBox, ArenaVec, GetAllocator, TakeIn};
use oxc_ast::{
    ast::{
        BindingPattern, Declaration, ExportDefaultDeclarationKind, Expression, Function, FunctionType,
        Program, Statement, VariableDeclaration, VariableDeclarationKind, VariableDeclarator,
    },
    builder::AstBuilder,
};
use oxc_span::{GetSpan, SPAN, Span};

use crate::rejection::{Refusal, RejectionKind};

/// The default export, which [`strip`] left behind as a binding.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DefaultExport<'a> {
    /// The binding that holds it.
    pub(crate) name: &'a str,
    pub(crate) value: Exported,
}

/// What is known of an exported value from its syntax.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exported {
    Function,
    Other,
    /// An expression that may turn out to be a function: a name, a call.
    Unknown,
}

/// Removes every `export`, keeping what is declared. A default export becomes a declaration under its own name, or under
/// `fresh` when it has none. Imports stay: whether they are types only is not known before scope analysis.
pub(crate) fn strip<'a>(
    program: &mut Program<'a>,
    fresh: &'a str,
    ast: &AstBuilder<'a>,
) -> Result<Option<DefaultExport<'a>>, Refusal> {
    if !program.body.iter().any(Statement::is_module_declaration) {
        return Ok(None);
    }
    let mut default = None;
    let mut body = ArenaVec::with_capacity_in(program.body.len(), ast);
    for statement in program.body.take_in(ast) {
        let span = statement.span();
        let found = match statement {
            Statement::ExportDeclaration(export) => {
                body.push(Statement::from(export.unbox().declaration));
                None
            }
            Statement::ExportNamedDeclaration(export) => {
                let named = export.specifiers.iter().find(|specifier| specifier.exported.name() == "default");
                named.map(|specifier| DefaultExport {
                    name: ast.allocator().alloc_str(specifier.local.name().as_str()),
                    value: Exported::Unknown,
                })
            }
            Statement::ExportFromDeclaration(export) if export.export_kind.is_type() => None,
            Statement::ExportAllDeclaration(export) if export.export_kind.is_type() => None,
            Statement::ExportFromDeclaration(_) | Statement::ExportAllDeclaration(_) => {
                return Err(from_module(span));
            }
            Statement::TSNamespaceExportDeclaration(_) => None,
            Statement::TSExportAssignment(export) => {
                Some(bind(export.unbox().expression, fresh, span, &mut body, ast))
            }
            Statement::ExportDefaultDeclaration(export) => {
                declare(export.unbox().declaration, fresh, span, &mut body, ast)
            }
            other => {
                body.push(other);
                None
            }
        };
        if found.is_some() && default.is_some() {
            return Err(Refusal::new(
                RejectionKind::Syntax,
                "A program has only one default export",
                span.start as usize,
            ));
        }
        default = default.or(found);
    }
    program.body = body;
    Ok(default)
}

/// Turns a function declaration that has no name, which is no statement, into an expression.
pub(crate) fn expression<'a>(mut function: ArenaBox<'a, Function<'a>>) -> Expression<'a> {
    function.r#type = FunctionType::FunctionExpression;
    Expression::FunctionExpression(function)
}

fn declare<'a>(
    declaration: ExportDefaultDeclarationKind<'a>,
    fresh: &'a str,
    span: Span,
    body: &mut ArenaVec<'a, Statement<'a>>,
    ast: &AstBuilder<'a>,
) -> Option<DefaultExport<'a>> {
    match declaration {
        ExportDefaultDeclarationKind::TSInterfaceDeclaration(interface) => {
            body.push(Statement::TSInterfaceDeclaration(interface));
            None
        }
        ExportDefaultDeclarationKind::FunctionDeclaration(function) => match &function.id {
            Some(id) => {
                let name = id.name.as_str();
                // An overload's signature has no body; the implementation follows with the same name.
                let found =
                    function.body.is_some().then_some(DefaultExport { name, value: Exported::Function });
                body.push(Statement::FunctionDeclaration(function));
                found
            }
            None if function.body.is_none() => None,
            None => Some(bind(expression(function), fresh, span, body, ast)),
        },
        ExportDefaultDeclarationKind::ClassDeclaration(mut class) => match &class.id {
            Some(id) => {
                let name = id.name.as_str();
                body.push(Statement::ClassDeclaration(class));
                Some(DefaultExport { name, value: Exported::Other })
            }
            None => {
                class.r#type = oxc_ast::ast::ClassType::ClassExpression;
                Some(bind(Expression::ClassExpression(class), fresh, span, body, ast))
            }
        },
        expression => expression.try_into().ok().map(|expression| bind(expression, fresh, span, body, ast)),
    }
}

/// Appends `const fresh = expression`, so that the value is computed where the export stood.
fn bind<'a>(
    expression: Expression<'a>,
    fresh: &'a str,
    span: Span,
    body: &mut ArenaVec<'a, Statement<'a>>,
    ast: &AstBuilder<'a>,
) -> DefaultExport<'a> {
    let value = match expression.get_inner_expression() {
        Expression::ArrowFunctionExpression(_) | Expression::FunctionExpression(_) => Exported::Function,
        Expression::ClassExpression(_) | Expression::ObjectExpression(_) | Expression::ArrayExpression(_) => {
            Exported::Other
        }
        _ => Exported::Unknown,
    };
    let pattern = BindingPattern::new_binding_identifier(SPAN, fresh, ast);
    let declarator = VariableDeclarator::new(span, pattern, None, Some(expression), false, ast);
    let declarators = ArenaVec::from_value_in(declarator, ast);
    let declaration =
        VariableDeclaration::boxed(span, VariableDeclarationKind::Const, declarators, false, ast);
    body.push(Statement::from(Declaration::VariableDeclaration(declaration)));
    DefaultExport { name: fresh, value }
}

fn from_module(span: Span) -> Refusal {
    Refusal::new(
        RejectionKind::Module,
        "A program cannot re-export from another module: there are no modules",
        span.start as usize,
    )
    .hint(crate::refuse::NO_MODULES)
}
