//! Ten thousand orders of the year 2026: a list too long to read, and short work for a program.

use rmcp::model::{JsonObject, Tool};
use serde_json::{Value, json};

use super::customers::{CUSTOMERS, customer_id};
use super::group::reader;
use super::reply::Reply;

/// How many orders there are: as JSON about 1 MB.
const ORDERS: u32 = 10_000;

const STATUSES: [&str; 4] = ["paid", "shipped", "pending", "refunded"];

pub(super) fn tools() -> Vec<Tool> {
    let date = json!({ "type": "string", "format": "date", "description": "YYYY-MM-DD" });
    vec![reader(
        "list",
        "List orders, oldest id first: an array of {id, customerId, total, date, status}",
        json!({
            "type": "object",
            "properties": {
                "since": {
                    "type": "string",
                    "format": "date",
                    "description": "Only orders of this day (YYYY-MM-DD) and later"
                },
                "limit": { "type": "integer", "minimum": 0, "description": "At most this many; all if not given" }
            }
        }),
        json!({
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "id": { "type": "string" },
                    "customerId": { "type": "string" },
                    "total": { "type": "number", "description": "US dollars" },
                    "date": date,
                    "status": { "type": "string", "enum": STATUSES }
                },
                "required": ["id", "customerId", "total", "date", "status"]
            }
        }),
    )]
}

pub(super) fn call(tool: &str, arguments: &JsonObject) -> Option<Reply> {
    (tool == "list").then(|| list(arguments).map_or_else(Reply::Failure, Reply::Structured))
}

fn list(arguments: &JsonObject) -> Result<Value, String> {
    let since = match arguments.get("since") {
        None | Some(Value::Null) => "",
        Some(Value::String(date)) if is_date(date) => date,
        Some(_) => return Err("since must be a date, YYYY-MM-DD".to_owned()),
    };
    let limit = match arguments.get("limit") {
        None | Some(Value::Null) => usize::MAX,
        Some(limit) => limit
            .as_u64()
            .and_then(|limit| usize::try_from(limit).ok())
            .ok_or("limit must be an integer, zero or more")?,
    };
    Ok((1..=ORDERS)
        .map(Order::of)
        .filter(|order| order.date.as_str() >= since)
        .take(limit)
        .map(Order::json)
        .collect())
}

struct Order {
    number: u32,
    date: String,
}

impl Order {
    fn of(number: u32) -> Self {
        Self { number, date: date(mixed(number, 1) % 365) }
    }

    fn json(self) -> Value {
        let cents = 500 + mixed(self.number, 2) % 50_000;
        let status =
            STATUSES.get(mixed(self.number, 3) as usize % STATUSES.len()).copied().unwrap_or_default();
        json!({
            "id": format!("ord_{:05}", self.number),
            "customerId": customer_id(1 + mixed(self.number, 4) % CUSTOMERS),
            "total": f64::from(cents) / 100.0,
            "date": self.date,
            "status": status,
        })
    }
}

/// A number that looks random and is always the same for the same order and purpose (the finisher of MurmurHash3).
pub(super) fn mixed(number: u32, purpose: u32) -> u32 {
    let mut x = number.wrapping_mul(0x9e37_79b9).wrapping_add(purpose);
    x = (x ^ (x >> 16)).wrapping_mul(0x85eb_ca6b);
    x = (x ^ (x >> 13)).wrapping_mul(0xc2b2_ae35);
    x ^ (x >> 16)
}

/// A day of 2026, counted from 0.
pub(super) fn date(mut day: u32) -> String {
    const DAYS: [u32; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    for (month, days) in (1..).zip(DAYS) {
        if day < days {
            return format!("2026-{month:02}-{:02}", day + 1);
        }
        day -= days;
    }
    "2026-12-31".to_owned()
}

fn is_date(text: &str) -> bool {
    text.len() == 10
        && text
            .bytes()
            .enumerate()
            .all(|(at, byte)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example_server::group::object;

    #[test]
    fn lists() {
        let count =
            |arguments: Value| list(&object(arguments)).map(|orders| orders.as_array().unwrap().len());
        assert_eq!(count(json!({})), Ok(10_000));
        assert_eq!(count(json!({"since": "2026-01-01"})), Ok(10_000));
        assert_eq!(count(json!({"since": "2026-04-01"})), Ok(7_494));
        assert_eq!(count(json!({"since": "2027-01-01"})), Ok(0));
        assert_eq!(count(json!({"since": "2026-04-01", "limit": 3})), Ok(3));
        assert!(count(json!({"since": "April"})).is_err());
        assert!(count(json!({"limit": -1})).is_err());
        let first = list(&object(json!({"limit": 1}))).unwrap();
        assert_eq!(first[0]["id"], "ord_00001", "{first}");
        let dates = [0, 58, 59, 364].map(date);
        assert_eq!(dates, ["2026-01-01", "2026-02-28", "2026-03-01", "2026-12-31"]);
    }
}
