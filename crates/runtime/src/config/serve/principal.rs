//! What one of those who show who they are may use.

use std::collections::BTreeMap;

use codemode_catalog::matches;

use super::super::error::Flaw;
use super::limits::{Key, ServeLimits};
use super::table::PrincipalTable;
use crate::{Rule, Shape};

/// What a principal may use, and whom that is about.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Grant {
    /// The table's name.
    pub name: String,
    /// `sub` of the JWT has to be this.
    pub subject: Option<String>,
    /// `client_id` or `azp` of the JWT has to be this.
    pub client: Option<String>,
    /// These claims of the JWT have to be or to contain this.
    pub claims: BTreeMap<String, String>,
    /// It is about all that no other is about.
    pub others: bool,
    /// The connectors, as patterns; `None` for all.
    pub connectors: Option<Vec<String>>,
    /// Further rules, which can only make verdicts stricter.
    pub rules: Vec<Rule>,
    /// The shape, where it is another than that of `[surface]`.
    pub surface: Option<Shape>,
    /// What it may take.
    pub limits: ServeLimits,
}

impl Grant {
    pub(super) fn read(name: &str, table: &PrincipalTable, limits: ServeLimits) -> Result<Self, Flaw> {
        let PrincipalTable { subject, client, claims, others, connectors, policy, surface, limits: own } =
            table.clone();
        let others = others.unwrap_or(false);
        if others && (subject.is_some() || client.is_some() || !claims.is_empty()) {
            let key = Key(&["serve", "principals", name]);
            return Err(key.flaw(
                "others",
                "others is about all the rest; subject, client and claims do not go with it",
            ));
        }
        let limits = limits.of_principal(name, &own)?;
        let name = name.to_owned();
        Ok(Self { name, subject, client, claims, others, connectors, rules: policy, surface, limits })
    }

    /// Whether a principal is told by its name alone.
    pub fn is_by_name(&self) -> bool {
        self.subject.is_none() && self.client.is_none() && self.claims.is_empty() && !self.others
    }

    /// Whether a connector of this name may be used.
    pub fn allows(&self, connector: &str) -> bool {
        self.connectors
            .as_ref()
            .is_none_or(|patterns| patterns.iter().any(|pattern| matches(pattern, connector)))
    }
}
