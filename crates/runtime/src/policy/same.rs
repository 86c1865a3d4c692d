//! Comparing JSON values for what they mean: `1`, `1.0` and `1e0` are one number.

use std::cmp::Ordering;

use serde_json::{Number, Value};

use super::Truth;

/// Whether two values are the same. Of values of different types it cannot be told: what gets the call may well take
/// `"100"` for `100`.
pub(super) fn same(given: &Value, wanted: &Value) -> Truth {
    match (given, wanted) {
        (Value::Null, Value::Null) => Truth::Yes,
        (Value::Bool(given), Value::Bool(wanted)) => Truth::of(given == wanted),
        (Value::String(given), Value::String(wanted)) => Truth::of(given == wanted),
        (Value::Number(given), Value::Number(wanted)) => Truth::of(compare(given, wanted) == Ordering::Equal),
        (Value::Array(given), Value::Array(wanted)) => {
            let pairs = given.iter().zip(wanted).map(|(given, wanted)| same(given, wanted));
            pairs.fold(Truth::of(given.len() == wanted.len()), Truth::and)
        }
        (Value::Object(given), Value::Object(wanted)) => {
            let pairs = wanted.iter().map(|(key, wanted)| match given.get(key) {
                Some(given) => same(given, wanted),
                None => Truth::No,
            });
            pairs.fold(Truth::of(given.len() == wanted.len()), Truth::and)
        }
        _ => Truth::Unsure,
    }
}

/// How two numbers compare, exactly: an integer is not rounded to the nearest double first.
pub(super) fn compare(one: &Number, other: &Number) -> Ordering {
    match (integer(one), integer(other)) {
        (Some(one), Some(other)) => one.cmp(&other),
        (Some(one), None) => with_double(one, double(other)),
        (None, Some(other)) => with_double(other, double(one)).reverse(),
        // A JSON number is finite.
        (None, None) => double(one).partial_cmp(&double(other)).unwrap_or(Ordering::Equal),
    }
}

fn integer(number: &Number) -> Option<i128> {
    number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from))
}

fn double(number: &Number) -> f64 {
    number.as_f64().unwrap_or_default()
}

/// `integer` has at most 65 bits here, so what saturates has the right order.
#[expect(clippy::cast_possible_truncation, reason = "exact below 2^127, and saturating above")]
fn with_double(integer: i128, double: f64) -> Ordering {
    let whole = double.trunc();
    integer
        .cmp(&(whole as i128))
        .then_with(|| 0.0_f64.partial_cmp(&(double - whole)).unwrap_or(Ordering::Equal))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_compare_exactly() {
        for (one, other, expected) in [
            ("1", "1.0", Ordering::Equal),
            ("1e2", "100", Ordering::Equal),
            ("-0.0", "0", Ordering::Equal),
            ("100", "100.5", Ordering::Less),
            ("-100", "-100.5", Ordering::Greater),
            ("9007199254740993", "9007199254740992.0", Ordering::Greater),
            ("9007199254740993", "9007199254740992", Ordering::Greater),
            ("18446744073709551615", "18446744073709551614", Ordering::Greater),
            ("18446744073709551615", "18446744073709551616.0", Ordering::Less),
            ("-9223372036854775808", "1e308", Ordering::Less),
            ("-9223372036854775808", "-1e308", Ordering::Greater),
            ("0", "5e-324", Ordering::Less),
            ("2.5", "2.25", Ordering::Greater),
        ] {
            let [left, right]: [Number; 2] = [one, other].map(|text| serde_json::from_str(text).unwrap());
            assert_eq!(compare(&left, &right), expected, "{one} {other}");
            assert_eq!(compare(&right, &left), expected.reverse(), "{other} {one}");
        }
    }
}
