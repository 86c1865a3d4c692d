//! How well search finds the right tool, against plain BM25, on labelled sets; and how fast it is.
//!
//! ```sh
//! cargo bench -p codemode-bench --bench retrieval            # the table, and the timings
//! cargo bench -p codemode-bench --bench retrieval -- ablate  # also what each mechanism is worth
//! ```
//!
//! The sets are looked for in `$CODEMODE_RETRIEVAL` or, beside the repository, in `../shared/data/retrieval`; the API
//! descriptions for the timings in `$CODEMODE_OPENAPI` or `../shared/data/openapi`.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout, unreachable_pub)]

mod baseline;
mod operations;
#[path = "../../crates/catalog/tests/search/sets.rs"]
mod sets;
mod tasks;

use codemode_catalog::{Index, Ranking};

use baseline::Baseline;
use sets::{Quality, Set, by_index};

/// The sets search was designed on, then those it was only checked on.
const SETS: [&str; 5] =
    ["livemcpbench_steps", "restbench_spotify", "mcpproxy_golden", "restbench_tmdb", "metatool_single"];

/// How many of [`SETS`] search was designed on.
const DESIGNED_ON: usize = 2;

fn main() {
    let ablate = std::env::args().any(|argument| argument == "ablate");
    let Some(folder) = sets::folder() else {
        println!("no labelled sets: set CODEMODE_RETRIEVAL");
        return;
    };
    let sets: Vec<Set> = SETS.iter().map(|name| Set::read(&folder, name, 1)).collect();
    let tasks = tasks::whole_tasks(&sets[0], &folder);

    println!("{:<22} {:>7}  {:^29}  {:^29}", "", "queries", "plain BM25", "search");
    println!("{:<22} {:>7}  {} {}", "", "", HEAD, HEAD);
    let mut means = [Quality::default(); 2];
    for set in &sets {
        let both = [plain(set), searched(set, Ranking::default())];
        print_row(set, both);
        means.iter_mut().zip(both).for_each(|(mean, one)| add(mean, one, SETS.len()));
    }
    println!("{:<22} {:>7}  {} {}", "mean", "", row(means[0]), row(means[1]));
    print_row(&tasks, [plain(&tasks), searched(&tasks, Ranking::default())]);
    if ablate {
        self::ablate(&sets, &tasks);
    }
    operations::time();
}

const HEAD: &str = " hit@1   R@5  R@10   MRR ";

fn ablate(sets: &[Set], tasks: &Set) {
    println!("\nR@5 with one thing changed (designed on the first {DESIGNED_ON} sets)");
    let names: Vec<&str> = SETS.iter().map(|name| &name[..12.min(name.len())]).collect();
    println!("{:<24} {}  mean  others tasks", "", names.join(" "));
    for (label, ranking) in variants() {
        let found: Vec<f64> = sets.iter().map(|set| searched(set, ranking).recall_at_5).collect();
        let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len() as f64;
        let cells: String = found.iter().map(|one| format!("{one:>12.3} ")).collect();
        let whole = searched(tasks, ranking).recall_at_5;
        println!("{label:<24} {cells} {:.4} {:.4} {whole:.3}", mean(&found), mean(&found[DESIGNED_ON..]));
    }
}

fn variants() -> Vec<(&'static str, Ranking)> {
    let default = Ranking::default();
    let mut variants = vec![
        ("default", default),
        ("no synonyms", Ranking { synonyms: 0.0, ..default }),
        ("no spelling", Ranking { spelling: 0.0, ..default }),
        ("no lookup", Ranking { lookup: 0.0, ..default }),
        ("no clauses", Ranking { clauses: 0.0, ..default }),
        ("no coverage", Ranking { coverage: 0.0, ..default }),
        ("no stems or stop words", Ranking { stem: false, ..default }),
        ("saturation 1.2", Ranking { saturation: 1.2, ..default }),
    ];
    let fields = [(0, 1.0, "name as 1"), (2, 0.0, "no description"), (3, 0.0, "no parameters")];
    for (field, weight, label) in
        fields.into_iter().chain([(4, 0.0, "no param. descriptions"), (5, 0.0, "no connector")])
    {
        let mut weights = default.weights;
        weights[field] = weight;
        variants.push((label, Ranking { weights, ..default }));
    }
    variants
}

fn plain(set: &Set) -> Quality {
    let baseline = Baseline::new(set);
    set.quality(|query| baseline.rank(query))
}

fn searched(set: &Set, ranking: Ranking) -> Quality {
    let (catalog, paths) = set.catalog();
    let index = Index::with_ranking(&catalog, ranking);
    set.quality(by_index(&index, &paths))
}

fn add(mean: &mut Quality, one: Quality, sets: usize) {
    let sets = sets as f64;
    mean.hit_at_1 += one.hit_at_1 / sets;
    mean.recall_at_5 += one.recall_at_5 / sets;
    mean.recall_at_10 += one.recall_at_10 / sets;
    mean.mrr += one.mrr / sets;
}

fn print_row(set: &Set, [plain, search]: [Quality; 2]) {
    println!("{:<22} {:>7}  {} {}", set.name, set.queries.len(), row(plain), row(search));
}

fn row(one: Quality) -> String {
    format!("{:>6.3}{:>6.3}{:>6.3}{:>6.3} ", one.hit_at_1, one.recall_at_5, one.recall_at_10, one.mrr)
}
