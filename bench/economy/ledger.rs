//! What a conversation costs.

use std::fmt;
use std::time::Duration;

use serde_json::Value;

pub fn tokens(text: &str) -> usize {
    tiktoken_rs::o200k_base_singleton().encode_ordinary(text).len()
}

/// Counts what a model reads and writes. See the top of this program for the model of it.
#[derive(Default)]
pub struct Ledger {
    trips: usize,
    read: usize,
    written: usize,
    /// What the next reply reads.
    context: usize,
    spent: Duration,
}

impl Ledger {
    pub fn new(context: usize) -> Self {
        Self { context, ..Self::default() }
    }

    /// A reply of the model that calls something, and what comes of it.
    pub fn trip(&mut self, calls: &str, results: &str, spent: Duration) {
        let (calls, results) = (tokens(calls), tokens(results));
        self.trips += 1;
        self.read += self.context;
        self.written += calls;
        self.context += calls + results;
        self.spent += spent;
    }

    /// The last reply.
    pub fn answer(&mut self, result: &Value) {
        let result = tokens(&result.to_string());
        self.trips += 1;
        self.read += self.context;
        self.written += result;
        self.context += result;
    }

    pub fn total(&self) -> usize {
        self.read + self.written
    }

    /// Sums up several conversations; their largest context.
    pub fn add(&mut self, other: &Self) {
        self.trips += other.trips;
        self.read += other.read;
        self.written += other.written;
        self.context = self.context.max(other.context);
        self.spent += other.spent;
    }
}

impl fmt::Display for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = self.spent.as_secs_f64() * 1_000.0;
        write!(f, "{:>5} {:>8} {:>8} {ms:>7.1}", self.trips, self.total(), self.context)
    }
}
