//! Unions and intersections, simplified where that changes nothing but the length.

use super::arena::{Arena, Field, Object, Scalar, Tuple, Type, TypeId};
use super::limits::{MAX_ALTERNATIVES, MAX_LITERALS};

impl Arena {
    /// `a | b`: flat, each member once, `null` last.
    pub(super) fn union(&mut self, members: impl IntoIterator<Item = TypeId>) -> TypeId {
        let mut flat: Vec<TypeId> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        for member in members {
            match self.get(member) {
                Type::Union(parts) => flat.extend(parts.iter().filter(|&&part| seen.insert(part))),
                Type::Never => {}
                Type::Unknown => return Self::UNKNOWN,
                _ if seen.insert(member) => flat.push(member),
                _ => {}
            }
        }
        let literals = flat.iter().filter(|&&part| matches!(self.get(part), Type::Literal(..))).count();
        if flat.len() - literals > MAX_ALTERNATIVES {
            return Self::UNKNOWN;
        }
        let both = ["true", "false"]
            .map(|text| seen.contains(&self.intern(Type::Literal(Scalar::Boolean, text.into()))));
        if literals > MAX_LITERALS || both == [true, true] {
            let all = literals > MAX_LITERALS;
            let widened: Vec<TypeId> = flat
                .iter()
                .map(|&part| match *self.get(part) {
                    Type::Literal(scalar, _) if all || scalar == Scalar::Boolean => Self::scalar(scalar),
                    _ => part,
                })
                .collect();
            return self.union(widened);
        }
        if seen.contains(&Self::NULL) {
            flat.retain(|&part| part != Self::NULL);
            flat.push(Self::NULL);
        }
        match flat.as_slice() {
            [] => Self::NEVER,
            [only] => *only,
            _ => self.intern(Type::Union(flat)),
        }
    }

    /// `a & b`: flat, each member once, objects merged into one.
    pub(super) fn intersection(&mut self, members: impl IntoIterator<Item = TypeId>) -> TypeId {
        let mut flat: Vec<TypeId> = Vec::new();
        let mut objects: Vec<TypeId> = Vec::new();
        let mut left: Vec<TypeId> = members.into_iter().collect();
        left.reverse();
        while let Some(member) = left.pop() {
            match self.get(member) {
                Type::Intersection(parts) => left.extend(parts.iter().rev()),
                Type::Unknown => {}
                Type::Never => return Self::NEVER,
                Type::Object(_) if !objects.contains(&member) => objects.push(member),
                Type::Object(_) => {}
                _ if !flat.contains(&member) => flat.push(member),
                _ => {}
            }
        }
        // That a value is an object adds nothing to what says which.
        if flat.len() + objects.len() > 1 {
            let any = self.any_object();
            objects.retain(|&object| object != any);
        }
        if let Some(object) = self.merged(&objects) {
            // `Named & {…}`, but `{…} & (A | B)`.
            let unions = flat.iter().position(|&part| matches!(self.get(part), Type::Union(_)));
            flat.insert(unions.unwrap_or(flat.len()), object);
        }
        self.drop_scalars_of_literals(&mut flat);
        match flat.as_slice() {
            [] => Self::UNKNOWN,
            [only] => *only,
            _ => self.intern(Type::Intersection(flat)),
        }
    }

    /// An object type. TypeScript wants every property to fit the index signature, so where one may not, the index
    /// signature becomes `unknown`.
    pub(super) fn object(&mut self, mut object: Object) -> TypeId {
        if let Some(index) = object.index
            && object.fields.iter().any(|field| field.optional || field.ty != index)
        {
            object.index = Some(Self::UNKNOWN);
        }
        self.intern(Type::Object(object))
    }

    pub(super) fn array(&mut self, item: TypeId) -> TypeId {
        self.intern(Type::Array(item))
    }

    pub(super) fn tuple(&mut self, items: Vec<TypeId>, required: usize, rest: Option<TypeId>) -> TypeId {
        let required = required.min(items.len());
        self.intern(Type::Tuple(Tuple { items, required, rest }))
    }

    /// `Record<string, unknown>`.
    pub(super) fn any_object(&mut self) -> TypeId {
        self.intern(Type::Object(Object { fields: Vec::new(), index: Some(Self::UNKNOWN) }))
    }

    pub(super) fn scalar(scalar: Scalar) -> TypeId {
        match scalar {
            Scalar::Boolean => Self::BOOLEAN,
            Scalar::Number => Self::NUMBER,
            Scalar::String => Self::STRING,
        }
    }

    /// One object with the properties of all of `objects`.
    fn merged(&mut self, objects: &[TypeId]) -> Option<TypeId> {
        let (&first, others) = objects.split_first()?;
        let Type::Object(mut merged) = self.get(first).clone() else { return None };
        if others.is_empty() {
            return Some(first);
        }
        let mut at: std::collections::HashMap<Box<str>, usize> =
            merged.fields.iter().enumerate().map(|(index, field)| (field.key.clone(), index)).collect();
        for &other in others {
            let Type::Object(object) = self.get(other).clone() else { continue };
            merged.index = match (merged.index, object.index) {
                (Some(a), Some(b)) if a != b => Some(if a == Self::UNKNOWN {
                    b
                } else if b == Self::UNKNOWN {
                    a
                } else {
                    Self::UNKNOWN
                }),
                (a, b) => a.or(b),
            };
            for field in object.fields {
                match at.get(&field.key).and_then(|&index| merged.fields.get_mut(index)) {
                    Some(known) => self.narrow(known, field),
                    None => {
                        at.insert(field.key.clone(), merged.fields.len());
                        merged.fields.push(field);
                    }
                }
            }
        }
        Some(self.object(merged))
    }

    fn narrow(&mut self, known: &mut Field, field: Field) {
        known.optional &= field.optional;
        known.ty = self.intersection([known.ty, field.ty]);
        if known.doc.is_empty() {
            known.doc = field.doc;
        }
    }

    /// `string & ("a" | "b")` is `"a" | "b"`.
    fn drop_scalars_of_literals(&self, parts: &mut Vec<TypeId>) {
        if parts.len() < 2 {
            return;
        }
        let covered: Vec<TypeId> = parts.iter().filter_map(|&part| self.literals_of(part)).collect();
        parts.retain(|part| !covered.contains(part));
    }

    /// The scalar type that all of a union of literals belong to.
    fn literals_of(&self, id: TypeId) -> Option<TypeId> {
        match self.get(id) {
            Type::Literal(scalar, _) => Some(Self::scalar(*scalar)),
            Type::Union(parts) => {
                let mut scalars = parts.iter().map(|&part| match self.get(part) {
                    Type::Literal(scalar, _) => Some(Self::scalar(*scalar)),
                    _ => None,
                });
                let first = scalars.next()??;
                scalars.all(|scalar| scalar == Some(first)).then_some(first)
            }
            _ => None,
        }
    }
}
