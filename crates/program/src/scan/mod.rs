//! An upper bound on how deep a text's syntax tree can be, found without recursion.
//!
//! The parser, the passes after it and the printer recurse once or a few times for every level of the tree. This scan
//! reads the text once, before any of them, and counts levels in a way that is never too low: [`levels`] argues each
//! rule. It tells strings, comments, templates and regular expressions apart as long as that can be decided from the
//! tokens alone; where it cannot ([`lexer`] says where), everything that follows counts as one level a token.

mod levels;
mod lexer;

pub(crate) use levels::{Excess, measure};

#[cfg(test)]
mod tests;
