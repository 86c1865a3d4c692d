//! What a model is told of a result that was cut.

use serde::{Deserialize, Serialize};

/// How the result that a model is given differs from the whole one.
///
/// ```ts
/// { tokens: number; cuts: { path: string; kind: "string" | "array" | "object"; kept: number; total: number }[];
///   unlisted?: number; whole?: string }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Truncation {
    /// About how many tokens the whole result has.
    pub tokens: u64,
    /// What was cut, what lost most first.
    pub cuts: Vec<Cut>,
    /// How many more cuts there are than are listed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unlisted: usize,
    /// What a later program says to have the whole result; `None` where it is not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whole: Option<String>,
}

/// One value that was cut. All others that are shown are whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cut {
    /// Where it is in the result, as a JSONPath: `$.items[3]["content-type"]`.
    pub path: String,
    /// What kind of value it is.
    pub kind: CutKind,
    /// How much of it is there: the first characters of a string, in the units that a program counts (UTF-16), the
    /// first elements of an array, keys of an object. What is shown besides says how much is left out: the last element
    /// of an array, the key `…` of an object, the end of a string from its last `…`.
    pub kept: usize,
    /// How much there is in the whole result.
    pub total: usize,
}

/// What kind of value was cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CutKind {
    /// A string: its end is left out.
    String,
    /// An array: its last elements are left out.
    Array,
    /// An object: some of its keys are left out.
    Object,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "what serde calls")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}
