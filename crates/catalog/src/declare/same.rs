//! Which named types are one type.
//!
//! The same schema is often there several times: as an input and as an output, or copied into every tool. Two named
//! types of one name are one where their bodies are, up to names that are one again; found by starting from "all of
//! one name are the same" and splitting until nothing splits.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::arena::{Arena, NameId, Type};

/// How often classes are split before all that share a name are taken to differ. A round looks at every type once;
/// as many are needed as the longest chain of types that only its end tells from another.
const MAX_ROUNDS: usize = 32;

/// For each named type, the first that is the same. `given` are their bodies, and the names they go by.
pub(super) fn representatives(arena: &Arena, given: &[(super::arena::TypeId, String)]) -> Vec<NameId> {
    let mut classes: Vec<u64> = given.iter().map(|(_, name)| digest(name)).collect();
    let mut distinct = count(&classes);
    let mut types: Vec<u64> = Vec::with_capacity(arena.len());
    for round in 0.. {
        if round == MAX_ROUNDS {
            classes = (0..given.len() as u64).collect();
            break;
        }
        types.clear();
        for ty in arena.iter() {
            let hash = hash_of(ty, &types, &classes);
            types.push(hash);
        }
        let split: Vec<u64> = given
            .iter()
            .zip(&classes)
            .map(|((body, _), class)| digest(&(class, types.get(Arena::index(*body)))))
            .collect();
        let now = count(&split);
        if now == distinct {
            break;
        }
        (classes, distinct) = (split, now);
    }
    let mut first: HashMap<u64, NameId> = HashMap::new();
    (0..).zip(&classes).map(|(index, class)| *first.entry(*class).or_insert(NameId(index))).collect()
}

/// A type by what its parts are; parts come before wholes.
fn hash_of(ty: &Type, types: &[u64], classes: &[u64]) -> u64 {
    let part = |id: &super::arena::TypeId| types.get(Arena::index(*id));
    let mut hasher = DefaultHasher::new();
    std::mem::discriminant(ty).hash(&mut hasher);
    match ty {
        Type::Literal(scalar, text) => (scalar, text).hash(&mut hasher),
        Type::Array(item) => part(item).hash(&mut hasher),
        Type::Tuple(tuple) => {
            tuple.items.iter().for_each(|item| part(item).hash(&mut hasher));
            (tuple.required, tuple.rest.as_ref().map(part)).hash(&mut hasher);
        }
        Type::Object(object) => {
            for field in &object.fields {
                (&field.key, field.optional, part(&field.ty), &field.doc).hash(&mut hasher);
            }
            object.index.as_ref().map(part).hash(&mut hasher);
        }
        Type::Union(parts) | Type::Intersection(parts) => {
            parts.iter().for_each(|id| part(id).hash(&mut hasher));
        }
        Type::Named(name) => classes.get(name.0 as usize).hash(&mut hasher),
        Type::Unknown
        | Type::Never
        | Type::Null
        | Type::Boolean
        | Type::Number
        | Type::String
        | Type::Bytes => {}
    }
    hasher.finish()
}

fn digest(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

fn count(classes: &[u64]) -> usize {
    classes.iter().collect::<std::collections::HashSet<_>>().len()
}
