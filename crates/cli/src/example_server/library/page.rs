//! Long lists, a page at a time.

use axum::Json;
use axum::http::StatusCode;
use serde::Serialize;

use super::problem::Problem;

/// How many a page holds where nobody says, and at most.
const LIMITS: (usize, usize) = (20, 100);

/// A page of a list.
#[derive(Debug, Serialize)]
pub(super) struct Page<T> {
    items: Vec<T>,
    total: usize,
    next: Option<String>,
}

/// Something in a list, which is in the order of the ids.
pub(super) trait Listed {
    fn id(&self) -> &str;
}

/// The page of `all` after the id `cursor`. Ids count up, so a cursor holds when what it names is gone.
pub(super) fn page<T: Listed>(
    all: impl Iterator<Item = T>,
    limit: Option<usize>,
    cursor: Option<&str>,
) -> Result<Json<Page<T>>, Problem> {
    let (usual, most) = LIMITS;
    let limit = limit.unwrap_or(usual);
    if !(1..=most).contains(&limit) {
        let detail = format!("limit is {limit}; it can be 1 to {most}");
        return Err(Problem::new(StatusCode::BAD_REQUEST, detail));
    }
    let all: Vec<T> = all.collect();
    let total = all.len();
    let order = |id: &str| (id.len(), id.to_owned());
    let after = cursor.map(order);
    let mut left =
        all.into_iter().filter(|item| after.as_ref().is_none_or(|after| order(item.id()) > *after));
    let items: Vec<T> = left.by_ref().take(limit).collect();
    let next = left.next().and(items.last()).map(|last| last.id().to_owned());
    Ok(Json(Page { items, total, next }))
}
