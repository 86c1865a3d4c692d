//! How deep what an upstream sends may be nested.

use serde_json::Value;

/// Nesting of a result. JSON this deep is not data; the isolate refuses it too.
pub(crate) const MAX_DEPTH: usize = 100;

/// Whether `value` holds arrays or objects more than `limit` deep. It recurses no deeper than that.
pub(crate) fn exceeds(value: &Value, limit: usize) -> bool {
    let deeper = |child: &Value| limit == 0 || exceeds(child, limit - 1);
    match value {
        Value::Array(items) => limit == 0 || items.iter().any(deeper),
        Value::Object(object) => limit == 0 || object.values().any(deeper),
        _ => false,
    }
}
