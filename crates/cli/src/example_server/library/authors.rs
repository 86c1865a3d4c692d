//! `/authors`

use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;

use super::collection::{Author, Library};
use super::extract::Parameters;
use super::page::{Page, page};
use super::problem::Problem;

#[derive(Deserialize)]
pub(super) struct Filter {
    q: Option<String>,
    country: Option<String>,
    limit: Option<usize>,
    cursor: Option<String>,
}

pub(super) async fn list(
    State(library): State<Library>,
    Parameters(filter): Parameters<Filter>,
) -> Result<Json<Page<Author>>, Problem> {
    let library = library.open();
    let wanted = filter.q.map(|q| q.to_lowercase());
    let found = library
        .authors
        .iter()
        .filter(|author| wanted.as_ref().is_none_or(|q| author.name.to_lowercase().contains(q)))
        .filter(|author| {
            filter.country.as_ref().is_none_or(|any| any.split(',').any(|one| one == author.country))
        });
    page(found.cloned(), filter.limit, filter.cursor.as_deref())
}

pub(super) async fn get(
    State(library): State<Library>,
    Path(id): Path<String>,
) -> Result<Json<Author>, Problem> {
    let library = library.open();
    let found = library.authors.iter().find(|author| author.id == id);
    found.cloned().map(Json).ok_or_else(|| Problem::missing("author", &id))
}
