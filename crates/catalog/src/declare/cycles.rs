//! Aliases that lead straight back to themselves, which TypeScript refuses.
//!
//! `type A = A | string` is an error, `type A = A[] | string` is none: only what stands in a union or an
//! intersection, and not inside an array or an object, counts, and certain tuples. A reference from a type to itself says nothing there
//! (`A` is a string) and is dropped; one that comes back through other types becomes `unknown`.

use std::collections::HashSet;

use super::arena::{Arena, NameId, Tuple, Type, TypeId};

/// Cuts every such cycle out of `bodies`; the order that comes back has each name behind those that its body leads
/// straight to.
pub(super) fn cut(arena: &mut Arena, bodies: &mut [TypeId]) -> Vec<NameId> {
    let (order, cuts) = walk(arena, bodies);
    for (from, dropped) in cuts {
        if let Some(body) = bodies.get_mut(from.0 as usize) {
            *body = without(arena, *body, &dropped, from, Place::Open).unwrap_or(Arena::UNKNOWN);
        }
    }
    order
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    New,
    Open,
    Done,
}

/// Depth first with a stack of its own: a chain of aliases may be as long as a document.
fn walk(arena: &Arena, bodies: &[TypeId]) -> (Vec<NameId>, Vec<(NameId, HashSet<NameId>)>) {
    let mut marks = vec![Mark::New; bodies.len()];
    let mut order = Vec::with_capacity(bodies.len());
    let mut cuts = Vec::new();
    let names = (0..bodies.len()).filter_map(|index| u32::try_from(index).ok()).map(NameId);
    let mut stack: Vec<(NameId, Vec<NameId>, HashSet<NameId>)> = Vec::new();
    for start in names {
        let mut next = Some(start);
        loop {
            if let Some(name) = next.take() {
                let Some(mark) = marks.get_mut(name.0 as usize) else { continue };
                match *mark {
                    Mark::New => {
                        *mark = Mark::Open;
                        let body = bodies.get(name.0 as usize).copied().unwrap_or(Arena::UNKNOWN);
                        stack.push((name, direct(arena, name, body), HashSet::new()));
                    }
                    Mark::Open => {
                        if let Some((_, _, dropped)) = stack.last_mut() {
                            dropped.insert(name);
                        }
                    }
                    Mark::Done => {}
                }
            }
            let Some((name, targets, _)) = stack.last_mut() else { break };
            next = targets.pop();
            if next.is_none() {
                if let Some(mark) = marks.get_mut(name.0 as usize) {
                    *mark = Mark::Done;
                }
                order.push(*name);
                if let Some((name, _, dropped)) = stack.pop().filter(|(_, _, dropped)| !dropped.is_empty()) {
                    cuts.push((name, dropped));
                }
            }
        }
    }
    (order, cuts)
}

/// The names that the body of `own` leads straight to, last first.
fn direct(arena: &Arena, own: NameId, body: TypeId) -> Vec<NameId> {
    let mut found = Vec::new();
    let mut left = vec![(body, Place::Open)];
    while let Some((id, place)) = left.pop() {
        match arena.get(id) {
            Type::Named(name) if place == Place::Element && *name == own => {}
            Type::Named(name) => found.push(*name),
            Type::Union(parts) | Type::Intersection(parts) => {
                left.extend(parts.iter().map(|&part| (part, place.of_part())));
            }
            Type::Array(item) if place != Place::Open => left.push((*item, Place::Inside)),
            Type::Tuple(tuple) => {
                if let Some(place) = place.of_elements(tuple) {
                    left.extend(tuple.items.iter().chain(&tuple.rest).map(|&item| (item, place)));
                }
            }
            _ => {}
        }
    }
    found
}

/// `id` without the names in `dropped`; `None` where nothing is left.
fn without(
    arena: &mut Arena,
    id: TypeId,
    dropped: &HashSet<NameId>,
    own: NameId,
    place: Place,
) -> Option<TypeId> {
    match arena.get(id).clone() {
        Type::Named(name) if name == own && place == Place::Open => None,
        Type::Named(name) if name == own && place == Place::Element => Some(id),
        Type::Named(name) if dropped.contains(&name) => Some(Arena::UNKNOWN),
        Type::Union(parts) => {
            let kept = kept(arena, &parts, dropped, own, place.of_part());
            (!kept.is_empty()).then(|| arena.union(kept))
        }
        Type::Intersection(parts) => {
            let kept = kept(arena, &parts, dropped, own, place.of_part());
            (!kept.is_empty()).then(|| arena.intersection(kept))
        }
        Type::Array(item) if place != Place::Open => {
            let item = without(arena, item, dropped, own, Place::Inside)?;
            Some(arena.array(item))
        }
        Type::Tuple(tuple) => {
            let Some(place) = place.of_elements(&tuple) else { return Some(id) };
            let items = kept(arena, &tuple.items, dropped, own, place);
            let rest = tuple.rest.and_then(|rest| without(arena, rest, dropped, own, place));
            Some(arena.tuple(items, tuple.required, rest))
        }
        _ => Some(id),
    }
}

fn kept(
    arena: &mut Arena,
    parts: &[TypeId],
    dropped: &HashSet<NameId>,
    own: NameId,
    place: Place,
) -> Vec<TypeId> {
    parts.iter().filter_map(|&part| without(arena, part, dropped, own, place)).collect()
}

/// Where in an alias's body a type stands. The compiler puts off looking into arrays and plain tuples, but not into
/// tuples with optional elements or a rest, except where an element is nothing but a name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Open,
    Element,
    Inside,
}

impl Place {
    fn of_part(self) -> Self {
        if self == Self::Open { Self::Open } else { Self::Inside }
    }

    fn of_elements(self, tuple: &Tuple) -> Option<Self> {
        let is_plain = tuple.rest.is_none() && tuple.required >= tuple.items.len();
        match self {
            Self::Open => (!is_plain).then_some(Self::Element),
            Self::Element | Self::Inside => Some(Self::Inside),
        }
    }
}
