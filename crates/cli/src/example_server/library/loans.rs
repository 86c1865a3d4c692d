//! `/loans`

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use super::collection::{Collection, Library};
use super::extract::{Body, Parameters};
use super::page::{Page, page};
use super::problem::Problem;
use crate::example_server::orders::{date, mixed};

/// Today, as a day of 2026 counted from 0: always 15 June, so that what is overdue stays so.
const TODAY: u32 = 165;

/// For how many days a book is lent.
const DAYS: u32 = 28;

/// How many loans there are to begin with.
const MADE_UP: u32 = 90;

/// The most loans, returned ones included: a hundred times those made up.
const MAX_LOANS: usize = 10_000;

/// A loan. Days are counted as [`TODAY`] is.
#[derive(Debug, Clone)]
pub(super) struct Loan {
    pub(super) id: String,
    book_id: String,
    member_id: String,
    lent: u32,
    returned: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Open,
    Overdue,
    Returned,
}

/// A loan as the API shows it.
#[derive(Serialize)]
struct Shown<'a> {
    id: &'a str,
    book_id: &'a str,
    member_id: &'a str,
    state: Status,
    lent_on: String,
    due_on: String,
    returned_on: Option<String>,
    days_late: u32,
}

impl Loan {
    fn due(&self) -> u32 {
        self.lent + DAYS
    }

    fn days_late(&self) -> u32 {
        self.returned.unwrap_or(TODAY).saturating_sub(self.due())
    }

    fn state(&self) -> Status {
        match self.returned {
            Some(_) => Status::Returned,
            None if self.days_late() > 0 => Status::Overdue,
            None => Status::Open,
        }
    }
}

impl Serialize for Loan {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let shown = Shown {
            id: &self.id,
            book_id: &self.book_id,
            member_id: &self.member_id,
            state: self.state(),
            lent_on: date(self.lent),
            due_on: date(self.due()),
            returned_on: self.returned.map(date),
            days_late: self.days_late(),
        };
        shown.serialize(serializer)
    }
}

/// Lends books as they might have been until today: most are back.
pub(super) fn make_up(collection: &mut Collection) {
    for number in 1..=MADE_UP {
        let any = |purpose, of: usize| mixed(number, purpose) as usize % of.max(1);
        let (book, member) = (any(1, collection.books.len()), any(2, collection.members.len()));
        let (Some(book), Some(member)) = (collection.books.get_mut(book), collection.members.get(member))
        else {
            continue;
        };
        let lent = mixed(number, 3) % TODAY;
        let back = lent + 3 + mixed(number, 4) % (2 * DAYS);
        let out = book.available > 0 && (back >= TODAY || mixed(number, 5).is_multiple_of(8));
        book.available -= u32::from(out);
        collection.loans.push(Loan {
            id: loan_id(number as usize),
            book_id: book.id.clone(),
            member_id: member.id.clone(),
            lent,
            returned: (!out).then_some(back.min(TODAY - 1)),
        });
    }
}

#[derive(Deserialize)]
pub(super) struct Filter {
    state: Option<Status>,
    member_id: Option<String>,
    book_id: Option<String>,
    limit: Option<usize>,
    cursor: Option<String>,
}

pub(super) async fn list(
    State(library): State<Library>,
    Parameters(filter): Parameters<Filter>,
) -> Result<Json<Page<Loan>>, Problem> {
    let library = library.open();
    let found = library
        .loans
        .iter()
        .filter(|loan| filter.state.is_none_or(|state| state == loan.state()))
        .filter(|loan| filter.member_id.as_ref().is_none_or(|member| *member == loan.member_id))
        .filter(|loan| filter.book_id.as_ref().is_none_or(|book| *book == loan.book_id));
    page(found.cloned(), filter.limit, filter.cursor.as_deref())
}

pub(super) async fn get(
    State(library): State<Library>,
    Path(id): Path<String>,
) -> Result<Json<Loan>, Problem> {
    let library = library.open();
    let found = library.loans.iter().find(|loan| loan.id == id);
    found.cloned().map(Json).ok_or_else(|| Problem::missing("loan", &id))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct New {
    book_id: String,
    member_id: String,
}

pub(super) async fn lend(
    State(library): State<Library>,
    Body(New { book_id, member_id }): Body<New>,
) -> Result<(StatusCode, Json<Loan>), Problem> {
    let mut library = library.open();
    if !library.members.iter().any(|member| member.id == member_id) {
        return Err(Problem::field("member_id", format!("there is no member {member_id:?}")));
    }
    if library.loans.len() >= MAX_LOANS {
        return Err(Problem::conflict(format!("the register is full: it holds {MAX_LOANS} loans")));
    }
    let has = |loan: &Loan| loan.returned.is_none() && loan.book_id == book_id && loan.member_id == member_id;
    let has_it = library.loans.iter().any(has);
    let id = loan_id(library.loans.len() + 1);
    let Some(book) = library.book(&book_id) else {
        return Err(Problem::field("book_id", format!("there is no book {book_id:?}")));
    };
    if has_it {
        return Err(Problem::conflict(format!("member {member_id} has book {book_id} already")));
    }
    if book.available == 0 {
        return Err(Problem::conflict(format!("every copy of {book_id} is lent")));
    }
    book.available -= 1;
    let loan = Loan { id, book_id, member_id, lent: TODAY, returned: None };
    library.loans.push(loan.clone());
    Ok((StatusCode::CREATED, Json(loan)))
}

pub(super) async fn take_back(
    State(library): State<Library>,
    Path(id): Path<String>,
) -> Result<Json<Loan>, Problem> {
    let mut library = library.open();
    let found = library.loans.iter_mut().find(|loan| loan.id == id);
    let loan = found.ok_or_else(|| Problem::missing("loan", &id))?;
    if let Some(day) = loan.returned {
        return Err(Problem::conflict(format!("it was returned on {}", date(day))));
    }
    loan.returned = Some(TODAY);
    let loan = loan.clone();
    if let Some(book) = library.book(&loan.book_id) {
        book.available += 1;
    }
    Ok(Json(loan))
}

fn loan_id(number: usize) -> String {
    format!("lo_{number:03}")
}
