//! A schema of results that were seen, for tools whose upstream declares none.

mod shape;

use serde_json::Value;
use shape::Shape;

/// A JSON Schema that `samples` fit, and the values that `earlier` was learned from.
///
/// An object's properties are required where every object in that place had them; numbers, strings and the like are
/// their types and never the values seen; an object with very many different properties becomes a map. The result does
/// not depend on the order of the samples, is bounded in size whatever they hold, and can be given as `earlier`
/// again; an `earlier` that did not come from here is read as far as it says the same things.
///
/// ```
/// use codemode_catalog::learn;
/// use serde_json::json;
///
/// let schema = learn(None, &[json!({"id": 1, "tags": []}), json!({"id": 2, "tags": ["new"], "owner": null})]);
/// assert_eq!(
///     schema,
///     json!({
///         "type": "object",
///         "properties": {
///             "id": {"type": "number"},
///             "owner": {"type": "null"},
///             "tags": {"type": "array", "items": {"type": "string"}}
///         },
///         "required": ["id", "tags"]
///     })
/// );
/// assert_eq!(learn(Some(&schema), &[]), schema);
/// ```
pub fn learn(earlier: Option<&Value>, samples: &[Value]) -> Value {
    let known = earlier.map(|schema| Shape::of_schema(schema, 0));
    let seen = samples.iter().map(|sample| Shape::of_value(sample, 0));
    known.into_iter().chain(seen).reduce(Shape::merged).unwrap_or_default().bounded().into_schema()
}
