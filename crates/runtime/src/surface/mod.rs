//! What a model is given: tools, words, and answers within a budget.
//!
//! [`words`] has every sentence a model reads before it writes a program, [`schemas`] what goes in and comes out,
//! [`tools`] puts them together; [`answer`] serves a call of one, [`present`] makes a run's output fit a context.

mod answer;
mod answer_docs;
mod content;
mod inline;
mod listing;
mod measure;
mod misuse;
mod options;
mod part;
mod present;
mod results;
mod running;
mod schemas;
mod tokens;
mod tools;
mod truncate;
mod truncation;
mod words;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

pub use answer::Answer;
pub use misuse::Misuse;
pub use options::{Shape, SurfaceOptions};
pub(crate) use part::Part;
pub(crate) use results::ResultStore;
pub use tools::ModelTool;
pub use truncation::{Cut, CutKind, Truncation};

use codemode_catalog::Catalog;
use misuse::Arguments;
use tools::Made;

use crate::docs::Library;
pub(crate) use tools::OWN_NAMES;

/// What is kept of the surface of one runtime.
pub(crate) struct Surface {
    options: SurfaceOptions,
    /// Where it is remembered between processes whether declarations were inlined.
    file: Option<PathBuf>,
    /// Made once a catalog: a list of tools that changed while a conversation goes on would cost it the prompt cache.
    made: Mutex<Option<Arc<Made>>>,
    arguments: OnceLock<Arguments>,
    /// What is written about the catalog, made when it is first searched.
    library: Mutex<Option<(Arc<Catalog>, Arc<Library>)>>,
}

impl Surface {
    pub(crate) fn new(options: SurfaceOptions, state: Option<&Path>) -> Self {
        let file = state.map(|folder| folder.join("surface.json"));
        Self { options, file, made: Mutex::default(), arguments: OnceLock::new(), library: Mutex::default() }
    }

    /// What was said about it.
    pub(crate) fn options(&self) -> &SurfaceOptions {
        &self.options
    }

    /// The same for a view. What was decided of other tools says nothing of its own.
    pub(crate) fn of_view(&self, shape: Option<Shape>) -> Self {
        let shape = shape.unwrap_or(self.options.shape);
        Self::new(self.options.clone().shape(shape), None)
    }
}
