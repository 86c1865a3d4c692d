//! TypeScript types as values, each distinct one stored once.

use std::collections::HashMap;

/// A type of an [`Arena`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct TypeId(u32);

/// A type that has a name because a `$ref` leads to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct NameId(pub(super) u32);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Type {
    Unknown,
    Never,
    Null,
    Boolean,
    Number,
    String,
    /// Bytes: a `Uint8Array`.
    Bytes,
    /// A literal as TypeScript writes it, and the scalar type that it belongs to.
    Literal(Scalar, Box<str>),
    Array(TypeId),
    Tuple(Tuple),
    Object(Object),
    Union(Vec<TypeId>),
    Intersection(Vec<TypeId>),
    Named(NameId),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Scalar {
    Boolean,
    Number,
    String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Tuple {
    pub(super) items: Vec<TypeId>,
    /// How many of `items` must be there.
    pub(super) required: usize,
    pub(super) rest: Option<TypeId>,
}

/// Known properties, and the type of all others where others are allowed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct Object {
    pub(super) fields: Vec<Field>,
    pub(super) index: Option<TypeId>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Field {
    pub(super) key: Box<str>,
    pub(super) optional: bool,
    pub(super) ty: TypeId,
    /// Safe inside a comment.
    pub(super) doc: Box<str>,
}

/// Types, each distinct one once; a type's parts come before it, so no type contains itself but through a name.
#[derive(Debug, Clone)]
pub(super) struct Arena {
    types: Vec<Stored>,
    ids: HashMap<Type, TypeId>,
}

#[derive(Debug, Clone)]
struct Stored {
    ty: Type,
    /// About how many characters the type takes, comments included.
    chars: usize,
    /// The same without comments.
    bare_chars: usize,
    names_others: bool,
}

impl Arena {
    pub(super) const UNKNOWN: TypeId = TypeId(0);
    pub(super) const NEVER: TypeId = TypeId(1);
    pub(super) const NULL: TypeId = TypeId(2);
    pub(super) const BOOLEAN: TypeId = TypeId(3);
    pub(super) const NUMBER: TypeId = TypeId(4);
    pub(super) const STRING: TypeId = TypeId(5);
    pub(super) const BYTES: TypeId = TypeId(6);

    pub(super) fn new() -> Self {
        let mut arena = Self { types: Vec::new(), ids: HashMap::new() };
        for ty in
            [Type::Unknown, Type::Never, Type::Null, Type::Boolean, Type::Number, Type::String, Type::Bytes]
        {
            arena.intern(ty);
        }
        arena
    }

    pub(super) fn intern(&mut self, ty: Type) -> TypeId {
        if let Some(&id) = self.ids.get(&ty) {
            return id;
        }
        // A reader stops at MAX_STEPS a schema, long before the numbers run out; should they, nothing is wrong.
        let Ok(number) = u32::try_from(self.types.len()) else { return Self::UNKNOWN };
        let id = TypeId(number);
        let stored = self.measure(ty.clone());
        self.types.push(stored);
        self.ids.insert(ty, id);
        id
    }

    pub(super) fn get(&self, id: TypeId) -> &Type {
        self.types.get(id.0 as usize).map_or(&Type::Unknown, |stored| &stored.ty)
    }

    pub(super) fn len(&self) -> usize {
        self.types.len()
    }

    /// Every type with its number, parts before wholes.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Type> {
        self.types.iter().map(|stored| &stored.ty)
    }

    pub(super) fn index(id: TypeId) -> usize {
        id.0 as usize
    }

    /// About how many characters the type takes, comments included.
    pub(super) fn chars(&self, id: TypeId) -> usize {
        self.types.get(id.0 as usize).map_or(0, |stored| stored.chars)
    }

    /// About how many characters the type takes without comments; never more than it really does.
    pub(super) fn bare_chars(&self, id: TypeId) -> usize {
        self.types.get(id.0 as usize).map_or(0, |stored| stored.bare_chars)
    }

    /// Whether a comment stands anywhere inside the type.
    pub(super) fn is_documented(&self, id: TypeId) -> bool {
        self.chars(id) > self.bare_chars(id)
    }

    /// Whether the type has a name anywhere inside.
    pub(super) fn names_others(&self, id: TypeId) -> bool {
        self.types.get(id.0 as usize).is_some_and(|stored| stored.names_others)
    }

    fn measure(&self, ty: Type) -> Stored {
        let mut sizes = Sizes { arena: self, chars: 0, bare: 0, names: false };
        match &ty {
            Type::Unknown
            | Type::Never
            | Type::Null
            | Type::Boolean
            | Type::Number
            | Type::String
            | Type::Bytes => {
                sizes.own(4);
            }
            Type::Literal(_, text) => sizes.own(text.len()),
            // A name may give way to a short body, so it counts for the least that it can take.
            Type::Named(_) => {
                sizes.own(1);
                sizes.names = true;
            }
            Type::Array(item) => sizes.part(*item, 2),
            Type::Tuple(tuple) => {
                tuple.items.iter().chain(&tuple.rest).for_each(|&item| sizes.part(item, 1));
            }
            Type::Union(parts) | Type::Intersection(parts) => {
                parts.iter().for_each(|&part| sizes.part(part, 1));
            }
            Type::Object(object) => {
                object.index.iter().for_each(|&index| sizes.part(index, 8));
                for field in &object.fields {
                    sizes.part(field.ty, field.key.len() + 2);
                    sizes.chars = sizes.chars.saturating_add(field.doc.len());
                }
            }
        }
        let Sizes { chars, bare, names, .. } = sizes;
        Stored { ty, chars, bare_chars: bare, names_others: names }
    }
}

struct Sizes<'a> {
    arena: &'a Arena,
    chars: usize,
    bare: usize,
    names: bool,
}

impl Sizes<'_> {
    fn own(&mut self, chars: usize) {
        self.chars = self.chars.saturating_add(chars);
        self.bare = self.bare.saturating_add(chars);
    }

    fn part(&mut self, part: TypeId, own: usize) {
        self.own(own);
        self.chars = self.chars.saturating_add(self.arena.chars(part));
        self.bare = self.bare.saturating_add(self.arena.bare_chars(part));
        self.names |= self.arena.names_others(part);
    }
}
