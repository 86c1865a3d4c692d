//! Arguments against a tool's schema.

mod standalone;
mod visits;

use jsonschema::PatternOptions;
use serde_json::Value;

use crate::Violation;

/// How many violations are reported: a model mends its call from the first few, and one wrong array can yield
/// thousands.
pub const MAX_VIOLATIONS: usize = 5;

/// The compiled size a pattern of an upstream's schema may have; the `regex` crate's own default is 10 MiB, which
/// a schema with many patterns would multiply.
const PATTERN_BYTES: usize = 1024 * 1024;

/// How many times subschemas are applied to parts of a value that is checked at all. A megabyte of arguments, the most
/// there are, holds some hundred thousand values, so that leaves ten for each; they take a tenth of a second.
const MAX_VISITS: usize = 1_000_000;

/// The same for a value whose violations are explained: each may be kept until all are known, at half a kilobyte.
const MAX_EXPLAINED_VISITS: usize = 50_000;

/// A compiled JSON Schema (drafts 4 to 2020-12; 2020-12 where none is named) of a tool's arguments.
///
/// No `$ref` is fetched, and patterns match in linear time. A schema that does not compile for these or other reasons
/// yields a validator that accepts everything and says why: the upstream will judge the arguments itself. So it will where
/// a schema multiplies itself to millions of checks of one value.
#[derive(Debug)]
pub struct Validator {
    compiled: Option<jsonschema::Validator>,
    /// What was compiled, for the names of the properties in messages.
    schema: Value,
    warning: Option<String>,
}

impl Validator {
    /// Compiles `schema`, whose references to `#/$defs/name` may lead into `definitions`. This is worth doing once a
    /// tool: it costs from microseconds to milliseconds.
    ///
    /// What only an upstream writes (`readOnly`) is not required of a caller.
    pub fn new(schema: &Value, definitions: Option<&Value>) -> Self {
        let Some(schema) = standalone::standalone(schema, definitions) else {
            return Self::unchecked(&format!("it has more than {} parts", standalone::MAX_PARTS));
        };
        let pattern = PatternOptions::regex().size_limit(PATTERN_BYTES);
        match jsonschema::options().with_pattern_options(pattern).build(&schema) {
            Ok(compiled) => Self { compiled: Some(compiled), schema, warning: None },
            Err(error) => Self::unchecked(&error.to_string()),
        }
    }

    fn unchecked(why: &str) -> Self {
        let mut warning = format!("the schema cannot be checked: {why}");
        if let Some((cut, _)) = warning.char_indices().nth(300) {
            warning.truncate(cut);
        }
        Self { compiled: None, schema: Value::Null, warning: Some(warning) }
    }

    /// Why everything is accepted, where it is; for the operator.
    pub fn warning(&self) -> Option<&str> {
        self.warning.as_deref()
    }

    /// Whether `value` is valid, or its first [`MAX_VIOLATIONS`] violations.
    pub fn validate(&self, value: &Value) -> Result<(), Vec<Violation>> {
        let Some(compiled) = &self.compiled else { return Ok(()) };
        let visits = visits::visits(&self.schema, value, MAX_VISITS);
        if visits > MAX_VISITS || compiled.is_valid(value) {
            return Ok(());
        }
        if visits > MAX_EXPLAINED_VISITS {
            return Err(vec![Violation::unexplained()]);
        }
        let found: Vec<Violation> = compiled
            .iter_errors(value)
            .take(MAX_VIOLATIONS)
            .map(|error| Violation::new(&error, &self.schema))
            .collect();
        if found.is_empty() { Ok(()) } else { Err(found) }
    }
}
