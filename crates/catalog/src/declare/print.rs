//! Types as text, in few tokens.

use super::arena::{Arena, Field, Object, Tuple, Type, TypeId};
use super::limits::{MAX_FLAT_CHARS, MAX_PRODUCT};
use super::quote::property;
use super::shared::Shared;

/// How types are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// On one line, without comments; short bodies instead of names, a little longer ones than otherwise.
    Signature,
    /// Properties with comments on lines of their own, the comment before the property. A level is indented by one
    /// space: on GitHub's tools two spaces cost 2 % more tokens, none at all 6 % fewer and the sight of the nesting;
    /// comments on lines of their own cost 3 % more.
    Full,
}

/// What every object has already, as the compiler sees it: an optional property of such a name must allow for it, or
/// no object without the property would do.
const INHERITED: [&str; 7] = [
    "constructor",
    "hasOwnProperty",
    "isPrototypeOf",
    "propertyIsEnumerable",
    "toLocaleString",
    "toString",
    "valueOf",
];

/// What a type stands in, from loose to tight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Binding {
    Whole,
    Intersection,
    Array,
}

/// Writes types of one connector.
#[derive(Debug)]
pub(super) struct Printer<'a> {
    pub(super) shared: &'a Shared,
    pub(super) layout: Layout,
    pub(super) out: String,
    /// Whether a whole is being written on one line, and so are its parts: were each tried both ways inside each try
    /// of the whole, nesting would double the time at every level.
    on_one_line: bool,
    /// How many objects deep a signature still shows what is in them; behind that, `object` stands.
    pub(super) levels: usize,
}

impl<'a> Printer<'a> {
    pub(super) fn new(shared: &'a Shared, layout: Layout) -> Self {
        Self {
            shared,
            layout,
            out: String::new(),
            on_one_line: layout == Layout::Signature,
            levels: usize::MAX,
        }
    }

    /// The type, whose lines after the first are indented by `indent`.
    pub(super) fn ty(&mut self, id: TypeId, indent: usize) {
        self.bound(id, indent, Binding::Whole);
    }

    /// The braces and what is in them.
    pub(super) fn object(&mut self, object: &Object, indent: usize) {
        if self.on_one_line {
            let Some(deeper) = self.levels.checked_sub(1) else { return self.out.push_str("object") };
            let levels = std::mem::replace(&mut self.levels, deeper);
            self.flat(object);
            self.levels = levels;
            return;
        }
        let arena = &self.shared.arena;
        let documented =
            object.fields.iter().any(|field| !field.doc.is_empty() || arena.is_documented(field.ty));
        let least: usize =
            object.fields.iter().map(|field| field.key.len() + 4 + arena.bare_chars(field.ty)).sum();
        let before = self.out.len();
        if !documented && least <= MAX_FLAT_CHARS {
            self.on_one_line = true;
            self.object(object, indent);
            self.on_one_line = false;
            if self.out.len() - before <= MAX_FLAT_CHARS {
                return;
            }
            self.out.truncate(before);
        }
        self.lines(object, indent);
    }

    /// The same, for what may not be a `Record`.
    pub(super) fn body(&mut self, object: &Object, indent: usize) {
        if object.fields.is_empty() && object.index.is_some() {
            self.lines(object, indent)
        } else {
            self.object(object, indent)
        }
    }

    /// A comment on lines of its own, where there is anything to say.
    pub(super) fn comment(&mut self, text: &str, indent: usize) {
        if text.is_empty() {
            return;
        }
        self.out.push_str("/** ");
        for (index, line) in text.split('\n').enumerate() {
            if index > 0 {
                self.new_line(indent);
            }
            self.out.push_str(line);
        }
        self.out.push_str(" */");
        self.new_line(indent);
    }

    pub(super) fn new_line(&mut self, indent: usize) {
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n(' ', indent));
    }

    fn bound(&mut self, id: TypeId, indent: usize, binding: Binding) {
        match self.shared.arena.get(id) {
            Type::Unknown => self.out.push_str("unknown"),
            Type::Never => self.out.push_str("never"),
            Type::Null => self.out.push_str("null"),
            Type::Boolean => self.out.push_str("boolean"),
            Type::Number => self.out.push_str("number"),
            Type::String => self.out.push_str("string"),
            Type::Bytes => self.out.push_str("Uint8Array"),
            Type::Literal(_, text) => self.out.push_str(text),
            Type::Array(item) => {
                self.bound(*item, indent, Binding::Array);
                self.out.push_str("[]");
            }
            Type::Tuple(tuple) => self.tuple(tuple, indent),
            Type::Object(object) => self.object(object, indent),
            Type::Union(parts) => self.joined(parts, " | ", indent, binding, Binding::Whole),
            Type::Intersection(parts) => {
                let parts = self.affordable(parts);
                match parts.as_slice() {
                    [] => self.out.push_str("unknown"),
                    [only] => self.bound(*only, indent, binding),
                    _ => self.joined(&parts, " & ", indent, binding, Binding::Intersection),
                }
            }
            Type::Named(name) => match self.shared.inline(*name, self.layout) {
                Some((text, tight)) if tight || binding == Binding::Whole => self.out.push_str(text),
                Some((text, _)) => {
                    self.out.push('(');
                    self.out.push_str(text);
                    self.out.push(')');
                }
                None => self.out.push_str(self.shared.name(*name)),
            },
        }
    }

    fn joined(&mut self, parts: &[TypeId], by: &str, indent: usize, outer: Binding, own: Binding) {
        let parenthesised = outer > own;
        if parenthesised {
            self.out.push('(');
        }
        for (index, &part) in parts.iter().enumerate() {
            if index > 0 {
                self.out.push_str(by);
            }
            self.bound(part, indent, own);
        }
        if parenthesised {
            self.out.push(')');
        }
    }

    /// Intersections multiply the unions in them out; beyond what a compiler takes, the widest are left out.
    fn affordable(&self, parts: &[TypeId]) -> Vec<TypeId> {
        let mut kept = parts.to_vec();
        let width = |id: &TypeId| self.shared.width(*id);
        while kept.iter().map(width).fold(1, u64::saturating_mul) > MAX_PRODUCT {
            let widest = kept.iter().map(width).max();
            let Some(at) = kept.iter().rposition(|id| Some(width(id)) == widest) else { break };
            kept.remove(at);
        }
        kept
    }

    fn tuple(&mut self, tuple: &Tuple, indent: usize) {
        self.out.push('[');
        for (index, &item) in tuple.items.iter().enumerate() {
            if index > 0 {
                self.out.push_str(", ");
            }
            if index < tuple.required {
                self.ty(item, indent);
            } else {
                self.bound(item, indent, Binding::Array);
                self.out.push('?');
            }
        }
        if let Some(rest) = tuple.rest {
            if !tuple.items.is_empty() {
                self.out.push_str(", ");
            }
            self.out.push_str("...");
            self.bound(rest, indent, Binding::Array);
            self.out.push_str("[]");
        }
        self.out.push(']');
    }

    fn flat(&mut self, object: &Object) {
        if let ([], Some(index)) = (object.fields.as_slice(), object.index)
            // The compiler looks into the arguments of `Record` at once, so a name in them may be a circle.
            && !self.shared.arena.names_others(index)
        {
            self.out.push_str("Record<string, ");
            self.ty(index, 0);
            return self.out.push('>');
        }
        self.out.push('{');
        for (index, field) in object.fields.iter().enumerate() {
            if index > 0 {
                self.out.push_str("; ");
            }
            self.field(field, 0);
        }
        if let Some(index) = object.index {
            self.out.push_str(if object.fields.is_empty() { "[k: string]: " } else { "; [k: string]: " });
            self.ty(index, 0);
        }
        self.out.push('}');
    }

    fn field(&mut self, field: &Field, indent: usize) {
        self.out.push_str(&property(&field.key));
        self.out.push_str(if field.optional { "?: " } else { ": " });
        if field.optional && INHERITED.contains(&field.key.as_ref()) {
            self.out.push_str("Function | ");
            self.bound(field.ty, indent, Binding::Intersection);
        } else {
            self.ty(field.ty, indent);
        }
    }

    fn lines(&mut self, object: &Object, indent: usize) {
        self.out.push('{');
        for field in &object.fields {
            self.new_line(indent + 1);
            if !field.doc.is_empty() {
                self.out.push_str("/** ");
                self.out.push_str(&field.doc);
                self.out.push_str(" */ ");
            }
            self.field(field, indent + 1);
            self.out.push(';');
        }
        if let Some(index) = object.index {
            self.new_line(indent + 1);
            self.out.push_str("[k: string]: ");
            self.ty(index, indent + 1);
            self.out.push(';');
        }
        self.new_line(indent);
        self.out.push('}');
    }
}

/// Whether `id` needs no parentheses wherever it stands.
pub(super) fn is_tight(arena: &Arena, id: TypeId) -> bool {
    !matches!(arena.get(id), Type::Union(_) | Type::Intersection(_) | Type::Named(_))
}
