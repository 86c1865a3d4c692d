//! Aliases that lead straight back to themselves, which TypeScript refuses.
//!
//! `type A = A | string` is an error, `type A = A[] | string` is none: only what stands in a union or an
//! intersection, and not inside an array or an object, counts. A reference from a type to itself says nothing there
//! (`A` is a string) and is dropped; one that comes back through other types becomes `unknown`.

use std::collections::HashSet;

use super::arena::{Arena, NameId, Type, TypeId};

/// Cuts every such cycle out of `bodies`; the order that comes back has each name behind those that its body leads
/// straight to.
pub(super) fn cut(arena: &mut Arena, bodies: &mut [TypeId]) -> Vec<NameId> {
    let (order, cuts) = walk(arena, bodies);
    for (from, dropped) in cuts {
        if let Some(body) = bodies.get_mut(from.0 as usize) {
            *body = without(arena, *body, &dropped, from).unwrap_or(Arena::UNKNOWN);
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
                        stack.push((name, direct(arena, body), HashSet::new()));
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

/// The names that `body` leads straight to, last first.
fn direct(arena: &Arena, body: TypeId) -> Vec<NameId> {
    let mut found = Vec::new();
    let mut left = vec![body];
    while let Some(id) = left.pop() {
        match arena.get(id) {
            Type::Named(name) => found.push(*name),
            Type::Union(parts) | Type::Intersection(parts) => left.extend(parts),
            _ => {}
        }
    }
    found
}

fn without(arena: &mut Arena, id: TypeId, dropped: &HashSet<NameId>, own: NameId) -> Option<TypeId> {
    let (parts, is_union) = match arena.get(id) {
        Type::Named(name) if *name == own => return None,
        Type::Named(name) => return Some(if dropped.contains(name) { Arena::UNKNOWN } else { id }),
        Type::Union(parts) => (parts.clone(), true),
        Type::Intersection(parts) => (parts.clone(), false),
        _ => return Some(id),
    };
    let kept: Vec<TypeId> = parts.into_iter().filter_map(|part| without(arena, part, dropped, own)).collect();
    match (kept.is_empty(), is_union) {
        (true, _) => None,
        (false, true) => Some(arena.union(kept)),
        (false, false) => Some(arena.intersection(kept)),
    }
}
