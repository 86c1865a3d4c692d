//! What the order of results depends on, in numbers.

/// How many fields a tool has.
pub(crate) const FIELDS: usize = 7;

/// A part of a tool that is searched; the position of its weight in [`Ranking`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    Name,
    Title,
    Description,
    Parameters,
    ParameterDescriptions,
    Connector,
    Tags,
}

/// The weights of search. [`Ranking::default`] is meant for every catalog; what each mechanism is worth on labelled
/// sets is printed by the benchmark `retrieval`, which is what this type is public for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ranking {
    /// The weight of a word in: name, title, description, parameter names, parameter descriptions and enum values,
    /// connector, tags.
    pub weights: [f32; FIELDS],
    /// How much a long field is held against each word in it, 0 to 1, in the same order.
    pub length: [f32; FIELDS],
    /// BM25's `k1`: how slowly a word that occurs again stops to count.
    pub saturation: f32,
    /// What a synonym counts against the word itself; 0 is none.
    pub synonyms: f32,
    /// What a word resembling an unknown one counts, at most; 0 is none.
    pub spelling: f32,
    /// What `search` counts where the query names something; 0 is none.
    ///
    /// A query with a proper name in it that no tool mentions ("songs by Nina Simone") needs a tool that looks
    /// such things up by name, although it does not say so.
    pub lookup: f32,
    /// What the clauses of a query count that asks for several things, against the whole; 0 is none.
    pub clauses: f32,
    /// What it counts that a query says every word of a tool's name, against the rest; 0 is nothing.
    pub coverage: f32,
    /// Whether words are reduced to their stems, stop words dropped.
    pub stem: bool,
}

impl Default for Ranking {
    fn default() -> Self {
        Self {
            weights: [3.0, 2.0, 1.0, 0.7, 0.3, 1.0, 0.5],
            length: [0.5, 0.5, 0.75, 0.5, 0.75, 0.3, 0.5],
            saturation: 2.0,
            synonyms: 0.5,
            spelling: 0.4,
            lookup: 0.8,
            clauses: 0.5,
            coverage: 0.5,
            stem: true,
        }
    }
}
