//! What the policy of a runtime says of its tools.

use codemode_catalog::{Path, Unknown};
use serde_json::Value;

use super::{Arguments, Explanation};
use crate::call::wrapped;
use crate::{Policy, Runtime};

impl Runtime {
    /// The policy, as it is now.
    pub fn policy(&self) -> Policy {
        self.registry().policy.clone()
    }

    /// Why a call of the tool at `path` would be allowed, asked about or denied; without arguments, as strictly as some
    /// might be. Nothing is sent.
    ///
    /// With arguments, what the call amounts to is explained as well. They are not checked against the tool's schema.
    ///
    /// # Errors
    ///
    /// [`Unknown`] names what is nearest to a path that leads nowhere.
    pub async fn explain(&self, path: &str, arguments: Option<Value>) -> Result<Explanation, Unknown> {
        self.refresh_if_changed().await;
        let registry = self.registry();
        let path = path.trim();
        let found = registry.named(&Path::name(path.strip_prefix("tools.").unwrap_or(path)))?;
        let arguments = arguments.map(|arguments| wrapped(arguments, Vec::new(), found.tool).0);
        let known = arguments.as_ref().map_or(Arguments::Unknown, |arguments| Arguments::Are(arguments, &[]));
        let mut explanation = Explanation::new(found.path.clone(), found.policy, known);
        explanation.quarantined = registry.withheld(found.connector_name, &found.tool.name);
        let Some(arguments) = &arguments else { return Ok(explanation) };
        let others = found.connector.amounts_to(&found.tool.name, arguments);
        let others = others.iter().filter_map(|tool| registry.own(found.connector_name, tool).ok());
        let others = others.map(|other| {
            let quarantined = registry.withheld(other.connector_name, &other.tool.name);
            Explanation { quarantined, ..Explanation::new(other.path, other.policy, Arguments::Unknown) }
        });
        Ok(explanation.with(others.collect()))
    }
}
