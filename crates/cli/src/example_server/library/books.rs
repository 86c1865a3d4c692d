//! `/books`

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use serde::Deserialize;

use super::collection::{Book, Genre, Library, MAX_BOOKS};
use super::extract::{Body, Parameters};
use super::page::{Page, page};
use super::problem::Problem;

/// The longest title, in characters; as in the document.
const MAX_TITLE_CHARS: usize = 200;

/// The most copies of one book; as in the document.
const MAX_COPIES: u32 = 100;

#[derive(Deserialize)]
pub(super) struct Filter {
    q: Option<String>,
    author_id: Option<String>,
    genre: Option<Genre>,
    published_before: Option<i32>,
    available: Option<bool>,
    limit: Option<usize>,
    cursor: Option<String>,
}

impl Filter {
    fn passes(&self, book: &Book) -> bool {
        let title = book.title.to_lowercase();
        self.q.iter().flat_map(|q| q.split_whitespace()).all(|word| title.contains(&word.to_lowercase()))
            && self.author_id.as_ref().is_none_or(|author| *author == book.author_id)
            && self.genre.is_none_or(|genre| genre == book.genre)
            && self.published_before.is_none_or(|year| book.year < year)
            && self.available.is_none_or(|available| available == (book.available > 0))
    }
}

pub(super) async fn list(
    State(library): State<Library>,
    Parameters(filter): Parameters<Filter>,
) -> Result<Json<Page<Book>>, Problem> {
    let library = library.open();
    let found = library.books.iter().filter(|book| filter.passes(book)).cloned();
    page(found, filter.limit, filter.cursor.as_deref())
}

pub(super) async fn get(
    State(library): State<Library>,
    Path(id): Path<String>,
) -> Result<Json<Book>, Problem> {
    let found = library.open().book(&id).cloned();
    found.map(Json).ok_or_else(|| Problem::missing("book", &id))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct New {
    title: String,
    author_id: String,
    year: i32,
    genre: Genre,
    #[serde(default = "one")]
    copies: u32,
}

fn one() -> u32 {
    1
}

pub(super) async fn create(
    State(library): State<Library>,
    Body(new): Body<New>,
) -> Result<impl IntoResponse, Problem> {
    let title = checked_title(new.title)?;
    let (year, copies) = (checked_year(new.year)?, checked_copies(new.copies)?);
    let mut library = library.open();
    if !library.authors.iter().any(|author| author.id == new.author_id) {
        return Err(Problem::field("author_id", format!("there is no author {:?}", new.author_id)));
    }
    if library.books.iter().any(|book| book.author_id == new.author_id && book.title == title) {
        return Err(Problem::conflict(format!(
            "there is {title:?} of this author; change its copies instead"
        )));
    }
    if library.books.len() >= MAX_BOOKS {
        return Err(Problem::conflict(format!("the library is full: it holds {MAX_BOOKS} books")));
    }
    let id = library.new_book_id();
    let location = [(header::LOCATION, format!("/v1/books/{id}"))];
    let (author_id, genre) = (new.author_id, new.genre);
    let book = Book { id, title, author_id, year, genre, copies, available: copies };
    library.books.push(book.clone());
    Ok((StatusCode::CREATED, location, Json(book)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Changes {
    title: Option<String>,
    year: Option<i32>,
    genre: Option<Genre>,
    copies: Option<u32>,
}

pub(super) async fn update(
    State(library): State<Library>,
    Path(id): Path<String>,
    Body(changes): Body<Changes>,
) -> Result<Json<Book>, Problem> {
    let title = changes.title.map(checked_title).transpose()?;
    let year = changes.year.map(checked_year).transpose()?;
    let copies = changes.copies.map(checked_copies).transpose()?;
    if title.is_none() && year.is_none() && copies.is_none() && changes.genre.is_none() {
        let detail = "nothing to change is given; there are: title, year, genre, copies";
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail.to_owned()));
    }
    let mut library = library.open();
    let book = library.book(&id).ok_or_else(|| Problem::missing("book", &id))?;
    if let Some(copies) = copies {
        let lent = book.copies - book.available;
        let Some(available) = copies.checked_sub(lent) else {
            return Err(Problem::conflict(format!("{lent} of its copies are lent; there cannot be fewer")));
        };
        (book.copies, book.available) = (copies, available);
    }
    book.title = title.unwrap_or_else(|| std::mem::take(&mut book.title));
    book.year = year.unwrap_or(book.year);
    book.genre = changes.genre.unwrap_or(book.genre);
    Ok(Json(book.clone()))
}

pub(super) async fn delete(
    State(library): State<Library>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let mut library = library.open();
    let book = library.book(&id).ok_or_else(|| Problem::missing("book", &id))?;
    let lent = book.copies - book.available;
    if lent > 0 {
        return Err(Problem::conflict(format!("{lent} of its copies are lent; they must be returned first")));
    }
    library.books.retain(|book| book.id != id);
    Ok(StatusCode::NO_CONTENT)
}

fn checked_title(title: String) -> Result<String, Problem> {
    match title.chars().count() {
        1..=MAX_TITLE_CHARS => Ok(title),
        length => Err(Problem::field(
            "title",
            format!("it has {length} characters; 1 to {MAX_TITLE_CHARS} are allowed"),
        )),
    }
}

fn checked_year(year: i32) -> Result<i32, Problem> {
    match year {
        -3000..=2026 => Ok(year),
        _ => Err(Problem::field("year", format!("it is {year}; -3000 to 2026 are allowed"))),
    }
}

fn checked_copies(copies: u32) -> Result<u32, Problem> {
    match copies {
        1..=MAX_COPIES => Ok(copies),
        _ => Err(Problem::field("copies", format!("they are {copies}; 1 to {MAX_COPIES} are allowed"))),
    }
}
