//! The customers behind the orders, fetched many at a time.

use rmcp::model::{JsonObject, Tool};
use serde_json::{Map, Value, json};

use super::group::reader;
use super::reply::Reply;

/// How many customers there are.
pub(super) const CUSTOMERS: u32 = 10_000;

const FIRST: [&str; 10] = ["Ada", "Ben", "Chloé", "Daiki", "Ewa", "Femi", "Grace", "Hugo", "Inés", "Jun"];
const LAST: [&str; 9] =
    ["Adeyemi", "Brown", "Costa", "Dubois", "Eriksson", "Fischer", "García", "Haddad", "Ito"];
const COUNTRIES: [&str; 8] = ["US", "DE", "FR", "JP", "BR", "NG", "SE", "ES"];

pub(super) fn tools() -> Vec<Tool> {
    vec![reader(
        "batchGet",
        "Get customers by their ids: an object of {id, name, email, country} by id; unknown ids are left out",
        json!({
            "type": "object",
            "properties": {
                "ids": { "type": "array", "items": { "type": "string" }, "description": "For example cus_00042" }
            },
            "required": ["ids"]
        }),
        json!({
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "properties": {
                    "id": { "type": "string" },
                    "name": { "type": "string" },
                    "email": { "type": "string" },
                    "country": { "type": "string", "description": "ISO 3166-1 alpha-2" }
                },
                "required": ["id", "name", "email", "country"]
            }
        }),
    )]
}

pub(super) fn call(tool: &str, arguments: &JsonObject) -> Option<Reply> {
    (tool == "batchGet").then(|| match arguments.get("ids").and_then(Value::as_array) {
        Some(ids) => Reply::Structured(Value::Object(
            ids.iter().filter_map(Value::as_str).filter_map(customer).collect::<Map<String, Value>>(),
        )),
        None => Reply::Failure("ids must be an array of strings".to_owned()),
    })
}

/// The id of the customer of this number, which counts from 1.
pub(super) fn customer_id(number: u32) -> String {
    format!("cus_{number:05}")
}

fn customer(id: &str) -> Option<(String, Value)> {
    let number: u32 = id.strip_prefix("cus_")?.parse().ok()?;
    if !(1..=CUSTOMERS).contains(&number) || customer_id(number) != id {
        return None;
    }
    let (first, last) = (of(&FIRST, number), of(&LAST, number));
    let customer = json!({
        "id": id,
        "name": format!("{first} {last}"),
        "email": format!("customer{number}@example.com"),
        "country": of(&COUNTRIES, number / 3),
    });
    Some((id.to_owned(), customer))
}

fn of(names: &[&'static str], number: u32) -> &'static str {
    names.get(number as usize % names.len().max(1)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_ids_are_left_out() {
        assert_eq!(
            customer("cus_00042"),
            Some((
                "cus_00042".into(),
                json!({"id": "cus_00042", "name": "Chloé García", "email": "customer42@example.com", "country": "SE"})
            ))
        );
        assert!(customer("cus_10000").is_some());
        for unknown in ["", "cus_", "cus_0", "cus_00000", "cus_10001", "cus_42", "cus_+0042", "ord_00042"] {
            assert_eq!(customer(unknown), None, "{unknown}");
        }
    }
}
