//! The declarations of one connector's tools.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet, VecDeque};
use std::fmt::Write as _;

use serde_json::Value;

use super::Detail;
use super::arena::{Arena, NameId, Type, TypeId};
use super::comment::{clean, first_sentence};
use super::limits::{MAX_LINE_CHARS, MAX_SIGNATURE_CHARS, MAX_TOOL_DOC_CHARS};
use super::plain::plain;
use super::print::{Layout, Printer};
use super::read::{Reader, Side};
use super::scope::{Document, Home};
use super::shared::Shared;
use super::warning::Unclear;
use crate::{Entry, Schema, Tool};

/// A tool to declare: what its upstream says, under the identifier that a program calls it by.
#[derive(Debug, Clone, Copy)]
pub struct Declared<'a> {
    /// A JavaScript identifier, as [`Catalog`](crate::Catalog) gives it; it is written as it is.
    pub identifier: &'a str,
    /// The tool.
    pub tool: &'a Tool,
    /// A schema of its results as they were observed ([`learn`](crate::learn)), for where the upstream declares none;
    /// the declaration says that it is only that.
    pub observed: Option<&'a Value>,
}

impl<'a> Declared<'a> {
    /// The schema of what it gives, if anything is known of that.
    fn output(&self) -> Option<Cow<'a, Value>> {
        let declared = self.tool.output_schema.as_ref().map(Schema::read);
        declared.or_else(|| self.observed.map(Cow::Borrowed))
    }
}

/// A connector's tools as TypeScript.
///
/// Reading the schemas is done once; asking for the text of a tool, of several, or of all is cheap. Type names are
/// those of the whole connector, so they are the same in every text.
///
/// ```
/// use codemode_catalog::{Catalog, Declarations, Declared, Detail, Tool};
/// use serde_json::json;
///
/// let node = json!({
///     "type": "object",
///     "properties": {"id": {"type": "integer"}, "parent": {"$ref": "#/definitions/node"}},
///     "required": ["id"]
/// });
/// let input = json!({"type": "object", "properties": {"path": {"type": "string", "default": "/"}}});
/// let tool = Tool::new("get-node", "Finds a node. Slow.").with_input_schema(input);
/// let tool = tool.with_output_schema(json!({"$ref": "#/definitions/node"}));
/// let shared = json!({"definitions": {"node": node}});
///
/// let mut catalog = Catalog::default();
/// catalog.insert("tree", vec![tool])?;
/// let tools = catalog.tools("tree").iter().map(Declared::from);
/// let declarations = Declarations::new("tree", tools, Some(&shared));
/// assert_eq!(declarations.all(Detail::Name, 1_000), "tree.get_node: Finds a node");
/// assert_eq!(
///     declarations.all(Detail::Signature, 1_000),
///     "tree.get_node(input?: {path?: string}): Promise<Node>"
/// );
/// assert_eq!(
///     declarations.all(Detail::Full, 1_000),
///     r#"declare namespace tree {
///  /** Finds a node. Slow. */
///  function get_node(input?: {
///   /** @default "/" */ path?: string;
///  }): Promise<Node>;
///  interface Node {id: number; parent?: Node}
/// }
/// "#
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Declarations {
    connector: String,
    tools: Vec<Signature>,
    by_identifier: HashMap<String, usize>,
    shared: Shared,
    warnings: Vec<Unclear>,
}

#[derive(Debug, Clone)]
struct Signature {
    identifier: String,
    line: String,
    doc: String,
    input: TypeId,
    output: TypeId,
}

impl Declarations {
    /// Reads the schemas of a connector's tools.
    ///
    /// `definitions` is a document that the tools' schemas refer into, such as an OpenAPI document or its
    /// `{"components": …}`: a reference is looked up in the tool's own schema first, then in it. So what tools share
    /// is read once and copied nowhere.
    pub fn new<'a>(
        connector: &str,
        tools: impl IntoIterator<Item = Declared<'a>>,
        definitions: Option<&'a Value>,
    ) -> Self {
        let tools: Vec<Declared<'a>> = tools.into_iter().collect();
        let shared = definitions.map(Document::new);
        // All at once, for a reader knows the schemas it has met by their addresses; and for as long as it reads.
        let schemas: Vec<(Cow<'_, Value>, Option<Cow<'_, Value>>)> =
            tools.iter().map(|declared| (declared.tool.input_schema.read(), declared.output())).collect();
        let documents: Vec<(Document<'_>, Option<Document<'_>>)> = schemas
            .iter()
            .map(|(input, output)| (Document::new(input), output.as_deref().map(Document::new)))
            .collect();
        let mut reader = Reader::new();
        let mut signatures = Vec::with_capacity(tools.len());
        for (declared, (input, output)) in tools.iter().zip(&documents) {
            let mut read = |document, side| {
                let home = Home::new(document, shared.as_ref());
                reader.tool(declared.identifier, home.base, home, side)
            };
            let input = read(input, Side::Input);
            let output = output.as_ref().map_or(Arena::UNKNOWN, |document| read(document, Side::Output));
            signatures.push(Signature::new(declared, input, output));
        }
        let warnings = std::mem::take(&mut reader.warnings);
        let name = |(at, flaw)| Unclear { connector: connector.to_owned(), at, flaw };
        let by_identifier =
            signatures.iter().enumerate().map(|(at, tool)| (tool.identifier.clone(), at)).collect();
        Self {
            connector: connector.to_owned(),
            tools: signatures,
            by_identifier,
            shared: Shared::new(reader),
            warnings: warnings.into_iter().map(name).collect(),
        }
    }

    /// What could not be said, of at most a hundred places.
    pub fn warnings(&self) -> &[Unclear] {
        &self.warnings
    }

    /// The identifiers of the tools, in the order given.
    pub fn identifiers(&self) -> impl ExactSizeIterator<Item = &str> {
        self.tools.iter().map(|tool| tool.identifier.as_str())
    }

    /// The text of one tool, or `None` where none has this identifier; see [`several`](Self::several).
    pub fn one(&self, identifier: &str, detail: Detail, max_chars: usize) -> Option<String> {
        self.by_identifier.contains_key(identifier).then(|| self.several([identifier], detail, max_chars))
    }

    /// The text of all tools; see [`several`](Self::several).
    pub fn all(&self, detail: Detail, max_chars: usize) -> String {
        self.several(self.identifiers(), detail, max_chars)
    }

    /// The text of the tools of these identifiers, in this order, with the shared types that they need; an identifier
    /// of no tool is passed over.
    ///
    /// Tools come first. Once `max_chars` are reached, no further tool and no further shared type is written out: the
    /// tools left are counted in a comment, the types left are declared as `unknown`. So what comes back may be longer
    /// than `max_chars` by one tool and by the names of the types that those written out refer to, and always compiles.
    pub fn several<'a>(
        &self,
        identifiers: impl IntoIterator<Item = &'a str>,
        detail: Detail,
        max_chars: usize,
    ) -> String {
        let found = identifiers.into_iter().filter_map(|name| self.tools.get(*self.by_identifier.get(name)?));
        let tools: Vec<&Signature> = found.collect();
        match detail {
            Detail::Name => self.lines(&tools, max_chars, |tool, out| {
                out.push_str(&tool.identifier);
                if !tool.line.is_empty() {
                    out.push_str(": ");
                    out.push_str(&tool.line);
                }
            }),
            Detail::Signature => self.lines(&tools, max_chars, |tool, out| {
                let mut text = String::new();
                for levels in [usize::MAX, 3, 2, 1] {
                    let mut printer = Printer::new(&self.shared, Layout::Signature);
                    printer.levels = levels;
                    self.call(tool, &mut printer, 0);
                    text = printer.out;
                    if text.len() <= MAX_SIGNATURE_CHARS {
                        break;
                    }
                }
                out.push_str(&text);
            }),
            Detail::Full => self.namespace(&tools, max_chars),
        }
    }

    /// One line a tool, each beginning with `connector.`.
    fn lines(
        &self,
        tools: &[&Signature],
        max_chars: usize,
        line: impl Fn(&Signature, &mut String),
    ) -> String {
        let mut out = String::new();
        for (index, tool) in tools.iter().enumerate() {
            if index > 0 {
                out.push('\n');
                if out.len() >= max_chars {
                    let _ = write!(out, "// {} more", tools.len() - index);
                    break;
                }
            }
            out.push_str(&self.connector);
            out.push('.');
            line(tool, &mut out);
        }
        out
    }

    fn namespace(&self, tools: &[&Signature], max_chars: usize) -> String {
        let mut printer = Printer::new(&self.shared, Layout::Full);
        let _ = write!(printer.out, "declare namespace {} {{", self.connector);
        let mut names = Names { shared: &self.shared, known: HashSet::new(), left: VecDeque::new() };
        for (index, tool) in tools.iter().enumerate() {
            printer.new_line(1);
            if index > 0 && printer.out.len() >= max_chars {
                let _ = write!(printer.out, "// {} more", tools.len() - index);
                break;
            }
            printer.comment(&tool.doc, 1);
            printer.out.push_str("function ");
            self.call(tool, &mut printer, 1);
            printer.out.push(';');
            names.add(tool.input);
            names.add(tool.output);
        }
        while let Some(name) = names.left.pop_front() {
            let Some(ty) = self.shared.get(name) else { continue };
            printer.new_line(1);
            if printer.out.len() >= max_chars {
                let _ = write!(printer.out, "type {} = unknown; // not shown", ty.name);
                continue;
            }
            names.add(ty.body);
            printer.comment(&ty.doc, 1);
            // An interface may refer to itself however it likes; an alias may not.
            if let Type::Object(object) = self.shared.arena.get(ty.body) {
                let _ = write!(printer.out, "interface {} ", ty.name);
                printer.body(object, 1);
            } else {
                let _ = write!(printer.out, "type {} = ", ty.name);
                printer.ty(ty.body, 1);
                printer.out.push(';');
            }
        }
        printer.out.push_str("\n}\n");
        printer.out
    }

    fn call(&self, tool: &Signature, printer: &mut Printer<'_>, indent: usize) {
        printer.out.push_str(&tool.identifier);
        printer.out.push_str("(input");
        if self.shared.takes_nothing(tool.input) {
            printer.out.push('?');
        }
        printer.out.push_str(": ");
        if printer.layout == Layout::Signature {
            // A signature is read alone: an input's own name would say nothing.
            printer.ty(self.shared.unnamed(tool.input), indent);
        } else {
            printer.ty(tool.input, indent);
        }
        printer.out.push_str("): Promise<");
        printer.ty(tool.output, indent);
        printer.out.push('>');
    }
}

impl Signature {
    fn new(declared: &Declared<'_>, input: TypeId, output: TypeId) -> Self {
        let tool = declared.tool;
        let words = [tool.description.as_str(), tool.title.as_deref().unwrap_or_default()];
        let words = words.into_iter().find(|text| !text.trim().is_empty()).unwrap_or_default();
        let words = plain(words);
        let mut doc = clean(&words, MAX_TOOL_DOC_CHARS);
        if tool.output_schema.is_none() && declared.observed.is_some() {
            let sep = if doc.is_empty() { "" } else { "\n" };
            let _ = write!(doc, "{sep}@returns observed in earlier calls, not declared");
        }
        Self {
            identifier: declared.identifier.to_owned(),
            line: first_sentence(&words, MAX_LINE_CHARS),
            doc,
            input,
            output,
        }
    }
}

/// The names to declare, in the order in which they are met.
struct Names<'a> {
    shared: &'a Shared,
    known: HashSet<NameId>,
    left: VecDeque<NameId>,
}

impl Names<'_> {
    fn add(&mut self, id: TypeId) {
        for name in self.shared.names_in(id, Layout::Full) {
            if self.known.insert(name) {
                self.left.push_back(name);
            }
        }
    }
}

impl<'a> From<&'a Entry> for Declared<'a> {
    fn from(entry: &'a Entry) -> Self {
        Self { identifier: &entry.identifier, tool: &entry.tool, observed: None }
    }
}
