//! The tools of a view, made of those of the runtime.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use codemode_catalog::{Catalog, Index};

use crate::registry::{Registry, names, unjudged};
use crate::{Rule, Runtime};

/// Which part of which runtime a view has.
pub(crate) struct Narrowed {
    whole: Runtime,
    connectors: Option<Vec<String>>,
    /// Rules beside those of the whole.
    rules: Vec<Rule>,
    /// The view's tools, made of those of the whole that are kept with them.
    made: Mutex<Option<Arc<Registry>>>,
}

impl Narrowed {
    pub(crate) fn new(whole: Runtime, connectors: Option<Vec<String>>, rules: Vec<Rule>) -> Self {
        Self { whole, connectors, rules, made: Mutex::default() }
    }

    /// The view's tools as they are now.
    pub(crate) fn registry(&self) -> Arc<Registry> {
        let whole = self.whole.registry();
        if self.connectors.is_none() && self.rules.is_empty() {
            return whole;
        }
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        match &*made {
            Some(made) if made.is_of(&whole) => Arc::clone(made),
            _ => {
                let narrowed = Arc::new(whole.narrowed(self.connectors.as_deref(), &self.rules));
                *made = Some(Arc::clone(&narrowed));
                narrowed
            }
        }
    }
}

impl Registry {
    fn is_of(&self, whole: &Arc<Self>) -> bool {
        self.whole.as_ref().is_some_and(|of| Arc::ptr_eq(of, whole))
    }

    fn narrowed(self: &Arc<Self>, connectors: Option<&[String]>, rules: &[Rule]) -> Self {
        let is_there = |name: &str| connectors.is_none_or(|names| names.iter().any(|known| known == name));
        let (catalog, names) = if self.catalog.connectors().all(is_there) {
            (Arc::clone(&self.catalog), Arc::clone(&self.names))
        } else {
            let mut catalog = Catalog::clone(&self.catalog);
            catalog.retain_connectors(is_there);
            let names = names(&catalog);
            (Arc::new(catalog), names)
        };
        let members = self.members.iter().filter(|(name, _)| is_there(name));
        let judged = self.judged.iter().filter(|(name, _)| is_there(name));
        let judged = judged.map(|(name, judged)| {
            let judged = if !rules.is_empty() { unjudged(&catalog, name) } else { Arc::clone(judged) };
            (name.clone(), judged)
        });
        Self {
            warnings: self.warnings.iter().filter(|warning| is_there(warning.connector())).cloned().collect(),
            members: members.map(|(name, member)| (name.clone(), Arc::clone(member))).collect(),
            judged: judged.collect(),
            catalog,
            names,
            learned: Arc::clone(&self.learned),
            pins: Arc::clone(&self.pins),
            index: OnceLock::new(),
            whole: Some(Arc::clone(self)),
            policy: self.policy.narrowed(rules),
        }
    }

    /// The index of a view's tools, made of that of the whole: no text is read again, and where all tools are there it is
    /// the same.
    pub(crate) fn index_of_whole(&self) -> Option<Arc<Index>> {
        let whole = self.whole.as_ref()?;
        let mut total = 0;
        let all = whole.catalog.connectors().all(|name| {
            let (here, there) = (self.allowed(name).count(), whole.allowed(name).count());
            total += there;
            here == there
        });
        let index = whole.index();
        if all && index.len() == total {
            return Some(Arc::clone(index));
        }
        let mut index = Index::clone(index);
        index.retain(
            |name| self.members.contains_key(name),
            |name, identifier| {
                let tool = codemode_catalog::Path::member(name, identifier);
                let found = self.catalog.resolve(&tool).ok();
                let policy = found.and_then(|found| self.policy_of(name, identifier, found.tool));
                policy.is_some_and(|policy| policy.laxest() != crate::Verdict::Deny)
            },
        );
        Some(Arc::new(index))
    }
}
