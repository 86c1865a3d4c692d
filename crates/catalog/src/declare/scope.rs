//! Where a `$ref` leads, inside the documents at hand. Nothing is ever fetched.

use std::cell::OnceCell;
use std::collections::HashMap;

use serde_json::Value;

use super::warning::Flaw;
use crate::pointer::percent_decoded;

/// A document that references are resolved in: a tool's schema, or what a connector's tools share.
#[derive(Debug)]
pub(super) struct Document<'a> {
    root: &'a Value,
    marks: OnceCell<Marks<'a>>,
}

/// Subschemas that bear a name of their own.
#[derive(Debug, Default)]
struct Marks<'a> {
    anchors: HashMap<&'a str, &'a Value>,
    ids: HashMap<String, &'a Value>,
}

/// Which document a schema stands in, and which part of it `#` means there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Home<'d, 'a> {
    pub(super) document: &'d Document<'a>,
    /// The nearest schema around with an `$id`, or the root.
    pub(super) base: &'a Value,
    /// What the connector's tools share, for a tool's own schema.
    pub(super) shared: Option<&'d Document<'a>>,
}

impl<'a> Document<'a> {
    pub(super) fn new(root: &'a Value) -> Self {
        Self { root, marks: OnceCell::new() }
    }

    fn marks(&self) -> &Marks<'a> {
        self.marks.get_or_init(|| Marks::of(self.root))
    }

    /// The schema that the document `address` names, if it is in here.
    fn resource(&self, address: &str) -> Option<&'a Value> {
        self.marks().ids.get(address).copied().or_else(|| {
            let base = id_of(self.root)?;
            self.marks().ids.get(&join(base, address)).copied()
        })
    }
}

impl<'d, 'a> Home<'d, 'a> {
    pub(super) fn new(document: &'d Document<'a>, shared: Option<&'d Document<'a>>) -> Self {
        Self { document, base: document.root, shared }
    }

    /// The home of what stands inside `schema`.
    pub(super) fn inside(self, schema: &'a Value) -> Self {
        match id_of(schema) {
            Some(_) => Self { base: schema, ..self },
            None => self,
        }
    }

    /// Where `reference` leads, and the home of what is there.
    pub(super) fn resolve(self, reference: &str) -> Result<(&'a Value, Self), Flaw> {
        let (address, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let fragment = percent_decoded(fragment);
        if !address.is_empty() {
            let found = [Some(self.document), self.shared].into_iter().flatten().find_map(|document| {
                let base = document.resource(address)?;
                let home = Self { document, base, ..self };
                Some((home.within(base, &fragment)?, home))
            });
            return found.ok_or_else(|| Flaw::Remote(shorten(reference)));
        }
        let own = [self.base, self.document.root]
            .into_iter()
            .find_map(|base| Some((self.within(base, &fragment)?, Self { base, ..self })));
        own.or_else(|| {
            let home = Self::new(self.shared?, None);
            Some((home.within(home.base, &fragment)?, home))
        })
        .ok_or_else(|| Flaw::Dangling(shorten(reference)))
    }

    fn within(self, base: &'a Value, fragment: &str) -> Option<&'a Value> {
        if fragment.is_empty() || fragment.starts_with('/') {
            base.pointer(fragment)
        } else {
            self.document.marks().anchors.get(fragment).copied()
        }
    }
}

impl<'a> Marks<'a> {
    fn of(root: &'a Value) -> Self {
        let mut marks = Self::default();
        let base = id_of(root);
        let mut left = vec![root];
        while let Some(value) = left.pop() {
            match value {
                Value::Array(items) => left.extend(items),
                Value::Object(map) => {
                    for key in ["$anchor", "$dynamicAnchor"] {
                        if let Some(Value::String(name)) = map.get(key) {
                            marks.anchors.entry(name).or_insert(value);
                        }
                    }
                    for key in ["$id", "id"] {
                        let Some(Value::String(id)) = map.get(key) else { continue };
                        if let Some(name) = id.strip_prefix('#') {
                            marks.anchors.entry(name).or_insert(value);
                        } else if key == "$id" || id.contains([':', '/']) {
                            let id = id.trim_end_matches('#');
                            marks.ids.entry(id.to_owned()).or_insert(value);
                            if let Some(base) = base {
                                marks.ids.entry(join(base, id)).or_insert(value);
                            }
                        }
                    }
                    left.extend(map.values());
                }
                _ => {}
            }
        }
        marks
    }
}

/// The address a schema gives itself. Draft 4's `id` counts as a mark but not here: it is too often a property.
fn id_of(schema: &Value) -> Option<&str> {
    schema.get("$id")?.as_str().filter(|id| !id.starts_with('#'))
}

/// `address` as seen from `base`: absolute ones as they are, `/x` from the host, others beside the last segment.
fn join(base: &str, address: &str) -> String {
    if address.contains("://") || address.starts_with("urn:") {
        return address.to_owned();
    }
    let host = base.find("://").map_or(0, |at| at + 3);
    let cut = if address.starts_with('/') {
        base.get(host..).and_then(|rest| rest.find('/')).map_or(base.len(), |at| host + at)
    } else {
        base.rfind('/').filter(|&at| at >= host).map_or(0, |at| at + 1)
    };
    format!("{}{address}", base.get(..cut).unwrap_or_default())
}

pub(super) fn shorten(text: &str) -> String {
    super::comment::clean(text, 120)
}
