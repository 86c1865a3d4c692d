//! `/members`

use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;

use super::collection::{Library, Member};
use super::extract::Parameters;
use super::page::{Page, page};
use super::problem::Problem;

#[derive(Deserialize)]
pub(super) struct Filter {
    limit: Option<usize>,
    cursor: Option<String>,
}

pub(super) async fn list(
    State(library): State<Library>,
    Parameters(filter): Parameters<Filter>,
) -> Result<Json<Page<Member>>, Problem> {
    page(library.open().members.iter().cloned(), filter.limit, filter.cursor.as_deref())
}

pub(super) async fn get(
    State(library): State<Library>,
    Path(id): Path<String>,
) -> Result<Json<Member>, Problem> {
    let library = library.open();
    let found = library.members.iter().find(|member| member.id == id);
    found.cloned().map(Json).ok_or_else(|| Problem::missing("member", &id))
}
