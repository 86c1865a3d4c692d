//! The types of one connector, once everything is read: each under its name, the same ones as one.

use std::collections::{BTreeMap, HashSet};

use super::arena::{Arena, NameId, Type, TypeId};
use super::limits::{MAX_INLINE_CHARS, MAX_PRODUCT, MAX_SIGNATURE_INLINE_CHARS};
use super::print::{Layout, Printer, is_tight};
use super::read::{Reader, Side};
use super::{cycles, name, same};

/// All types of one connector.
#[derive(Debug, Clone)]
pub(super) struct Shared {
    pub(super) arena: Arena,
    types: Vec<SharedType>,
    /// For each named type, the one it is the same as.
    same: Vec<NameId>,
}

#[derive(Debug, Clone)]
pub(super) struct SharedType {
    pub(super) name: String,
    pub(super) body: TypeId,
    pub(super) doc: String,
    /// How many alternatives it comes to.
    width: u64,
    takes_nothing: bool,
    /// Its body, where that stands for the name, for each [`Layout`]; and whether it needs no parentheses.
    inline: [Option<(Box<str>, bool)>; 2],
}

impl Shared {
    pub(super) fn new(reader: Reader<'_, '_>) -> Self {
        let Reader { mut arena, named, .. } = reader;
        let mut bodies: Vec<TypeId> = named.iter().map(|named| named.body).collect();
        let order = cycles::cut(&mut arena, &mut bodies);
        let given: Vec<(TypeId, String)> =
            bodies.iter().copied().zip(named.iter().map(|named| named.suggested_name())).collect();
        let same = same::representatives(&arena, &given);
        let firsts = (0..).map(NameId).zip(&named).zip(&same).filter(|((id, _), same)| id == *same);
        // Of what shares a name, the output goes first, then by reference, then by tool.
        let keys: BTreeMap<_, _> = firsts
            .map(|((id, named), _)| ((named.reference, named.side, named.tool.as_str(), id), id))
            .map(|(key, id)| {
                (key, given.get(id.0 as usize).map(|(_, name)| name.clone()).unwrap_or_default())
            })
            .collect();
        let wanted = inputs_apart(keys);
        let mut names: BTreeMap<NameId, String> =
            name::assigned(&wanted).into_iter().map(|((.., id), name)| (id, name)).collect();
        let types = (0..)
            .map(NameId)
            .zip(&named)
            .zip(bodies)
            .map(|((id, named), body)| SharedType {
                name: names.remove(&id).unwrap_or_default(),
                body,
                doc: named.doc.clone(),
                width: 1,
                takes_nothing: false,
                inline: [None, None],
            })
            .collect();
        let mut shared = Self { arena, types, same };
        for id in order {
            let Some(body) = shared.types.get(id.0 as usize).map(|ty| ty.body) else { continue };
            let (width, takes_nothing) = (shared.width(body), shared.takes_nothing(body));
            if let Some(ty) = shared.types.get_mut(id.0 as usize) {
                (ty.width, ty.takes_nothing) = (width, takes_nothing);
            }
        }
        shared.find_inlines();
        shared
    }

    pub(super) fn get(&self, name: NameId) -> Option<&SharedType> {
        let same = self.same.get(name.0 as usize)?;
        self.types.get(same.0 as usize)
    }

    pub(super) fn name(&self, name: NameId) -> &str {
        self.get(name).map_or("unknown", |ty| &ty.name)
    }

    /// The text that stands for the name.
    pub(super) fn inline(&self, name: NameId, layout: Layout) -> Option<(&str, bool)> {
        let [signature, full] = &self.get(name)?.inline;
        let found = if layout == Layout::Full { full } else { signature };
        found.as_ref().map(|(text, tight)| (text.as_ref(), *tight))
    }

    /// How many alternatives `id` comes to when its unions are multiplied out.
    pub(super) fn width(&self, id: TypeId) -> u64 {
        match self.arena.get(id) {
            Type::Union(parts) => parts.iter().map(|&part| self.width(part)).fold(0, u64::saturating_add),
            Type::Intersection(parts) => {
                let product = parts.iter().map(|&part| self.width(part)).fold(1, u64::saturating_mul);
                product.min(MAX_PRODUCT)
            }
            Type::Named(name) => self.get(*name).map_or(1, |ty| ty.width),
            _ => 1,
        }
    }

    /// The names that stand in the text of `id`, in the order of the text, where a short body does not replace them.
    pub(super) fn names_in(&self, id: TypeId, layout: Layout) -> Vec<NameId> {
        let mut found = Vec::new();
        let mut seen = HashSet::new();
        let mut left = vec![id];
        while let Some(id) = left.pop() {
            if !self.arena.names_others(id) || !seen.insert(id) {
                continue;
            }
            match self.arena.get(id) {
                Type::Named(name) => {
                    let name = self.same.get(name.0 as usize).copied().unwrap_or(*name);
                    match self.inline(name, layout) {
                        Some(_) => left.extend(self.get(name).map(|ty| ty.body)),
                        None => found.push(name),
                    }
                }
                Type::Array(item) => left.push(*item),
                Type::Tuple(tuple) => left.extend(tuple.items.iter().chain(&tuple.rest).rev()),
                Type::Object(object) => {
                    left.extend(object.index);
                    left.extend(object.fields.iter().rev().map(|field| field.ty));
                }
                Type::Union(parts) | Type::Intersection(parts) => left.extend(parts.iter().rev()),
                _ => {}
            }
        }
        found
    }

    /// The body of a named type, any other type as it is.
    pub(super) fn unnamed(&self, id: TypeId) -> TypeId {
        match self.arena.get(id) {
            Type::Named(name) => self.get(*name).map_or(id, |ty| ty.body),
            _ => id,
        }
    }

    /// Whether a value without any property is of this type.
    pub(super) fn takes_nothing(&self, id: TypeId) -> bool {
        match self.arena.get(id) {
            Type::Unknown => true,
            Type::Object(object) => object.fields.iter().all(|field| field.optional),
            Type::Union(parts) => parts.iter().any(|&part| self.takes_nothing(part)),
            Type::Intersection(parts) => parts.iter().all(|&part| self.takes_nothing(part)),
            Type::Named(name) => self.get(*name).is_some_and(|ty| ty.takes_nothing),
            _ => false,
        }
    }

    /// Decides which names give way to their bodies. Whatever leads back to a name whose own text is still being
    /// written stays a name, so every circle keeps one.
    fn find_inlines(&mut self) {
        /// How often names are looked at in search of circles. The published documents at hand come out the same
        /// with four times as many; a web of 20,000 names made to hurt would take 400 million.
        const MAX_LOOKS: usize = 50_000;
        for (slot, layout) in [Layout::Signature, Layout::Full].into_iter().enumerate() {
            let mut looks = MAX_LOOKS;
            let mut state = vec![State::New; self.types.len()];
            for index in 0..self.types.len() {
                self.find_inline(index, slot, layout, (&mut state, &mut looks), 0);
            }
        }
    }

    fn find_inline(
        &mut self,
        index: usize,
        slot: usize,
        layout: Layout,
        (state, looks): (&mut [State], &mut usize),
        depth: usize,
    ) {
        /// A body that is short has few names in a row; a longer chain stays a chain of names.
        const MAX_CHAIN: usize = 32;
        if state.get(index) != Some(&State::New) {
            return;
        }
        let limit = if layout == Layout::Full { MAX_INLINE_CHARS } else { MAX_SIGNATURE_INLINE_CHARS };
        let Some(body) = self.types.get(index).map(|ty| ty.body) else { return };
        let hidden = layout == Layout::Full && self.arena.is_documented(body);
        let stays = hidden || depth > MAX_CHAIN || self.arena.bare_chars(body) > limit;
        if let Some(own) = state.get_mut(index) {
            // What was decided stays so: texts that are written already hold the name.
            *own = if stays { State::Done } else { State::Open };
        }
        if stays {
            return;
        }
        let mut circular = false;
        for name in self.names_in(body, layout) {
            let target = name.0 as usize;
            circular |= state.get(target) == Some(&State::Open);
            self.find_inline(target, slot, layout, (&mut *state, &mut *looks), depth + 1);
        }
        if let Some(own) = state.get_mut(index) {
            *own = State::Done;
        }
        if circular || self.comes_back(index, body, layout, looks) {
            return;
        }
        let mut printer = Printer::new(self, layout);
        printer.ty(body, 0);
        let text = printer.out;
        if text.len() <= limit && !text.contains('\n') {
            let tight = is_tight(&self.arena, body);
            if let Some(inline) = self.types.get_mut(index).and_then(|ty| ty.inline.get_mut(slot)) {
                *inline = Some((text.into(), tight));
            }
        }
    }

    /// Whether a body that is no object leads back to its own name. The compiler looks into an alias's array only
    /// when it must, but at once into the same array where it stands in certain tuples.
    fn comes_back(&self, index: usize, body: TypeId, layout: Layout, looks: &mut usize) -> bool {
        if matches!(self.arena.get(body), Type::Object(_)) {
            return false;
        }
        let mut seen = HashSet::new();
        let mut left = self.names_in(body, layout);
        while let Some(name) = left.pop() {
            // Out of looks, it is taken to come back: it stays a name, which is never wrong.
            if name.0 as usize == index || *looks == 0 {
                return true;
            }
            *looks -= 1;
            if seen.insert(name) {
                left.extend(self.get(name).into_iter().flat_map(|ty| self.names_in(ty.body, layout)));
            }
        }
        false
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Open,
    Done,
}

/// A type that differs between the sides of a call is called `XInput` where it goes in.
fn inputs_apart<'a>(
    keys: BTreeMap<(&'a str, Side, &'a str, NameId), String>,
) -> BTreeMap<(&'a str, Side, &'a str, NameId), String> {
    let outputs: HashSet<String> = keys
        .iter()
        .filter(|((_, side, ..), _)| *side == Side::Output)
        .map(|(_, name)| name.clone())
        .collect();
    keys.into_iter()
        .map(|(key, name)| {
            let apart = key.1 == Side::Input && outputs.contains(&name);
            (key, if apart { format!("{name}Input") } else { name })
        })
        .collect()
}
