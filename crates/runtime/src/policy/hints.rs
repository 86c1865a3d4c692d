//! What is known, and what is merely claimed, of what a call does.

use std::fmt;

use codemode_catalog::Annotations;
use serde::{Deserialize, Serialize};

use super::Truth;

/// What a call of a tool has to do or not to do for a rule to match. As TOML: `{ read_only = false, destructive = true }`;
/// MCP's spellings, `readOnly` and `readOnlyHint`, are read as well.
///
/// What a call does is *known* from the HTTP method of an operation (`GET` and `HEAD` are read-only, `DELETE` is
/// destructive), and from the annotations of connectors that are trusted with them
/// ([`Policy::trust_annotations`](super::Policy::trust_annotations)). Other annotations are claims of the upstream, which
/// never make anything laxer:
///
/// - where it is known, a rule matches or it does not;
/// - where it is not, it cannot be told of a rule whether it matches if it wants what the upstream claims, or `false`; and
///   the stricter of both ways counts ([`Truth::Unsure`]). So a rule that allows matches by what is known only, and one
///   that asks or denies also by a claim.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "config", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Hints {
    /// A call changes nothing.
    #[serde(alias = "readOnly", alias = "readOnlyHint", skip_serializing_if = "Option::is_none")]
    pub read_only: Option<bool>,
    /// A call may destroy something.
    #[serde(alias = "destructiveHint", skip_serializing_if = "Option::is_none")]
    pub destructive: Option<bool>,
    /// A second call with the same arguments changes nothing more.
    #[serde(alias = "idempotentHint", skip_serializing_if = "Option::is_none")]
    pub idempotent: Option<bool>,
    /// A call reaches beyond the upstream's own data.
    #[serde(alias = "openWorld", alias = "openWorldHint", skip_serializing_if = "Option::is_none")]
    pub open_world: Option<bool>,
}

/// What a call does, as far as it can be told.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Effects {
    known: Hints,
    claimed: Hints,
}

impl Effects {
    /// `method` is that of an HTTP request that the operator's own document describes.
    pub(super) fn new(claims: &Annotations, are_trusted: bool, method: Option<&str>) -> Self {
        let Annotations { read_only, destructive, idempotent, open_world } = *claims;
        let claimed = Hints { read_only, destructive, idempotent, open_world };
        let mut known = if are_trusted { claimed } else { Hints::default() };
        if known.read_only == Some(true) {
            known.destructive = known.destructive.or(Some(false));
        }
        if let Some(method) = method {
            let reads = matches!(method, "GET" | "HEAD");
            known.read_only = Some(reads);
            known.idempotent = Some(reads || matches!(method, "PUT" | "DELETE"));
            known.destructive = match method {
                "DELETE" => Some(true),
                _ if reads => Some(false),
                _ => known.destructive,
            };
        }
        Self { known, claimed }
    }

    /// Whether it is known or claimed that a call may destroy something.
    pub(super) fn destroys(&self) -> bool {
        self.known.destructive == Some(true) || self.claimed.destructive == Some(true)
    }
}

impl Hints {
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub(super) fn hold(&self, effects: &Effects) -> Truth {
        let (known, claimed) = (effects.known.each(), effects.claimed.each());
        let each = self.each().into_iter().zip(known).zip(claimed);
        each.fold(Truth::Yes, |so_far, (((_, wanted), (_, known)), (_, claimed))| {
            so_far.and(match (wanted, known) {
                (None, _) => Truth::Yes,
                (Some(wanted), Some(known)) => Truth::of(wanted == known),
                (Some(wanted), None) if !wanted || claimed == Some(true) => Truth::Unsure,
                _ => Truth::No,
            })
        })
    }

    fn each(&self) -> [(&'static str, Option<bool>); 4] {
        [
            ("read-only", self.read_only),
            ("destructive", self.destructive),
            ("idempotent", self.idempotent),
            ("open-world", self.open_world),
        ]
    }
}

impl fmt::Display for Hints {
    /// What follows "the tool": `is read-only and is not destructive`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said = self.each().into_iter().filter_map(|(name, wanted)| {
            wanted.map(|wanted| if wanted { format!("is {name}") } else { format!("is not {name}") })
        });
        f.write_str(&said.collect::<Vec<_>>().join(" and "))
    }
}
