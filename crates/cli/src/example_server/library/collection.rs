//! What the library holds.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use super::loans::{self, Loan};
use super::page::Listed;

/// The most books: twenty times those it starts with, so that nobody fills the memory by adding some.
pub(super) const MAX_BOOKS: usize = 1_000;

/// The library, shared by all requests.
#[derive(Clone, Default)]
pub(super) struct Library(Arc<Mutex<Collection>>);

/// Everything in it, each list in the order of its ids.
pub(super) struct Collection {
    pub(super) books: Vec<Book>,
    pub(super) authors: Vec<Author>,
    pub(super) members: Vec<Member>,
    pub(super) loans: Vec<Loan>,
    /// The number of the last book that was added; none has it again.
    last_book: usize,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Book {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) author_id: String,
    pub(super) year: i32,
    pub(super) genre: Genre,
    pub(super) copies: u32,
    pub(super) available: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Genre {
    Novel,
    Story,
    Poetry,
    Drama,
    ScienceFiction,
    Essay,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Author {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) born: i32,
    pub(super) country: String,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Member {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) email: String,
}

impl Library {
    /// Everything, for one request at a time; none waits while it has it.
    pub(super) fn open(&self) -> MutexGuard<'_, Collection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Collection {
    pub(super) fn book(&mut self, id: &str) -> Option<&mut Book> {
        self.books.iter_mut().find(|book| book.id == id)
    }

    pub(super) fn new_book_id(&mut self) -> String {
        self.last_book += 1;
        book_id(self.last_book)
    }
}

impl Default for Collection {
    fn default() -> Self {
        // It is a part of this program: the tests read it.
        let stock: Stock = serde_json::from_str(include_str!("collection.json")).unwrap_or_default();
        let mut collection = Self {
            books: Vec::new(),
            authors: Vec::new(),
            members: (1..).zip(stock.members).map(|(number, name)| member(number, name)).collect(),
            loans: Vec::new(),
            last_book: 0,
        };
        for (number, entry) in (1_usize..).zip(stock.authors) {
            let author_id = format!("au_{number:02}");
            for (title, year, genre) in entry.books {
                let id = collection.new_book_id();
                let copies = 1 + u32::from(collection.last_book.is_multiple_of(3));
                let author_id = author_id.clone();
                collection.books.push(Book { id, title, author_id, year, genre, copies, available: copies });
            }
            let (name, born, country) = (entry.name, entry.born, entry.country);
            collection.authors.push(Author { id: author_id, name, born, country });
        }
        loans::make_up(&mut collection);
        collection
    }
}

fn book_id(number: usize) -> String {
    format!("bk_{number:03}")
}

fn member(number: usize, name: String) -> Member {
    let email = format!("{}@example.com", name.to_lowercase().replace(' ', "."));
    Member { id: format!("me_{number:02}"), name, email }
}

/// The file that the library starts with.
#[derive(Default, Deserialize)]
struct Stock {
    authors: Vec<StockAuthor>,
    members: Vec<String>,
}

#[derive(Deserialize)]
struct StockAuthor {
    name: String,
    born: i32,
    country: String,
    books: Vec<(String, i32, Genre)>,
}

macro_rules! listed {
    ($($type:ty),*) => {
        $(impl Listed for $type {
            fn id(&self) -> &str {
                &self.id
            }
        })*
    };
}

listed!(Book, Author, Member, Loan);
