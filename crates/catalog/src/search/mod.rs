//! Finding tools by what they do.
//!
//! The ranking is BM25F: a word counts more where it is rare among all tools, where it stands in a name rather than in
//! a description, and where its field is short. Words are split out of identifiers and stemmed. What a query says in
//! other words than a tool is met by a table of synonyms and, where no tool has the word, by spelling. Every mechanism has
//! its weight in [`Ranking`].

mod answer;
mod document;
mod found;
mod index;
mod postings;
mod query;
mod ranking;
mod score;
mod stem;
mod stop;
mod synonyms;
mod vocabulary;
mod words;

pub use found::{Found, Hit, Kind, Query};
pub use index::Index;
pub use ranking::Ranking;
