//! What a value in a call's arguments has to be.

use std::cmp::Ordering;
use std::fmt;

use serde_json::{Number, Value};

use super::Truth;
use super::place::Found;
use super::same::{compare, same};
use super::whole::Whole;

/// Tests of one value in a call's arguments, all of which have to hold.
///
/// As JSON or TOML, an object with at least one of these, or a text, number or truth value alone, which is short for `eq`:
///
/// | test | holds for |
/// | --- | --- |
/// | `eq: value` | this value |
/// | `ne: value` | any other |
/// | `in: [value, …]` | one of these |
/// | `gt`, `ge`, `lt`, `le: number` | numbers greater than, at least, less than, at most this one; compared exactly |
/// | `matches: "regex"` | texts that match as a whole: `.*x.*` finds x anywhere |
/// | `contains: value` | texts with this text in them, lists with this item |
/// | `length: number` or `{gt: …}` | texts with this many characters, lists with this many items, objects with this many members |
/// | `exists: true` or `false` | whatever is given; what is left out |
///
/// Whether a test holds is not always certain. Numbers that are written differently are the same (`1e2` and `100`, `0` and
/// `-0`), but of `"100"` it cannot be told whether what gets the call takes it for 100; nor whether `null` counts as
/// given. **What cannot be told falls on the strict side: the call gets what the rule says or what it would get without the
/// rule, whichever is stricter.** So a rule that allows does nothing then, and one that denies denies.
///
/// | given | `eq`, `in`, `contains` | `ne` | numbers, `matches`, `length` | `exists: true` |
/// | --- | --- | --- | --- | --- |
/// | a value of the test's type | certain | certain | certain | holds |
/// | a value of another type | unsure | unsure | unsure | holds |
/// | `null` | unsure (`eq: null` holds) | unsure | unsure | unsure |
/// | nothing | does not hold | unsure | does not hold | does not hold |
///
/// So a rule that denies `amount > 100` lets a call pass that gives no amount: where leaving it out means something, say so
/// in a rule of its own with `exists: false`.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    pub(super) tests: Vec<Test>,
}

/// How a number has to compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    Gt,
    Ge,
    Lt,
    Le,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Test {
    Eq(Value),
    Ne(Value),
    In(Vec<Value>),
    Number(Relation, Number),
    Matches(Whole),
    Contains(Value),
    Length(Condition),
    Exists(bool),
}

impl Condition {
    /// The value is this one.
    pub fn eq(value: impl Into<Value>) -> Self {
        Self { tests: vec![Test::Eq(value.into())] }
    }

    pub(super) fn holds(&self, found: Found<'_>) -> Truth {
        self.tests.iter().fold(Truth::Yes, |so_far, test| so_far.and(test.holds(found)))
    }
}

impl Relation {
    pub(super) const ALL: [Self; 4] = [Self::Gt, Self::Ge, Self::Lt, Self::Le];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Gt => "gt",
            Self::Ge => "ge",
            Self::Lt => "lt",
            Self::Le => "le",
        }
    }

    fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Gt => ordering.is_gt(),
            Self::Ge => ordering.is_ge(),
            Self::Lt => ordering.is_lt(),
            Self::Le => ordering.is_le(),
        }
    }
}

impl Test {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Eq(_) => "eq",
            Self::Ne(_) => "ne",
            Self::In(_) => "in",
            Self::Number(relation, _) => relation.name(),
            Self::Matches(_) => "matches",
            Self::Contains(_) => "contains",
            Self::Length(_) => "length",
            Self::Exists(_) => "exists",
        }
    }

    fn holds(&self, found: Found<'_>) -> Truth {
        let value = match found {
            Found::Unsure => return Truth::Unsure,
            Found::Nothing => {
                return match self {
                    Self::Exists(wanted) => Truth::of(!wanted),
                    Self::Ne(_) => Truth::Unsure,
                    _ => Truth::No,
                };
            }
            Found::Value(value) => value,
        };
        match self {
            Self::Exists(_) if value.is_null() => Truth::Unsure,
            Self::Exists(wanted) => Truth::of(*wanted),
            Self::Eq(wanted) => same(value, wanted),
            Self::Ne(wanted) => same(value, wanted).not(),
            Self::In(wanted) => any(wanted.iter().map(|wanted| same(value, wanted))),
            Self::Number(relation, bound) => match value {
                Value::Number(given) => Truth::of(relation.holds(compare(given, bound))),
                _ => Truth::Unsure,
            },
            Self::Matches(pattern) => match value {
                Value::String(given) => Truth::of(pattern.matches(given)),
                _ => Truth::Unsure,
            },
            Self::Contains(wanted) => match (value, wanted) {
                (Value::String(given), Value::String(wanted)) => Truth::of(given.contains(wanted.as_str())),
                (Value::Array(given), _) => any(given.iter().map(|given| same(given, wanted))),
                _ => Truth::Unsure,
            },
            Self::Length(wanted) => match length(value) {
                Some(length) => wanted.holds(Found::Value(&Value::from(length))),
                None => Truth::Unsure,
            },
        }
    }
}

fn any(truths: impl Iterator<Item = Truth>) -> Truth {
    truths.fold(Truth::No, Truth::or)
}

fn length(value: &Value) -> Option<usize> {
    match value {
        Value::String(text) => Some(text.chars().count()),
        Value::Array(items) => Some(items.len()),
        Value::Object(members) => Some(members.len()),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

impl fmt::Display for Condition {
    /// What follows the name of a place: `is "main"`, `> 100 and <= 200`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, test) in self.tests.iter().enumerate() {
            f.write_str(if index > 0 { " and " } else { "" })?;
            match test {
                Test::Eq(value) => write!(f, "is {value}")?,
                Test::Ne(value) => write!(f, "is not {value}")?,
                Test::In(values) => {
                    let values: Vec<_> = values.iter().map(ToString::to_string).collect();
                    write!(f, "is one of {}", values.join(", "))?;
                }
                Test::Number(relation, bound) => {
                    let sign = match relation {
                        Relation::Gt => ">",
                        Relation::Ge => ">=",
                        Relation::Lt => "<",
                        Relation::Le => "<=",
                    };
                    write!(f, "{sign} {bound}")?;
                }
                Test::Matches(pattern) => write!(f, "matches /{}/", pattern.as_str())?,
                Test::Contains(value) => write!(f, "contains {value}")?,
                Test::Length(wanted) => write!(f, "has a length that {}", Predicate(wanted))?,
                Test::Exists(true) => f.write_str("is given")?,
                Test::Exists(false) => f.write_str("is left out")?,
            }
        }
        Ok(())
    }
}

/// A condition where a verb has to come first: `is > 100`.
struct Predicate<'a>(&'a Condition);

impl fmt::Display for Predicate<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(Test::Number(..)) = self.0.tests.first() {
            f.write_str("is ")?;
        }
        self.0.fmt(f)
    }
}
