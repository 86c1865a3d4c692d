//! Labelled sets: tools, and queries with the tools that answer them.
//!
//! A set is a folder with `tools.jsonl` and `queries.jsonl`; the sets are looked for in `$CODEMODE_RETRIEVAL` or, beside
//! the repository, in `../shared/data/retrieval`. They are other people's and not part of the repository.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use codemode_catalog::{Catalog, Index, Query, Tool};
use serde_json::{Map, Value, json};

/// A labelled set.
pub struct Set {
    /// The folder's name.
    pub name: &'static str,
    /// Its tools, as (connector, tool).
    pub tools: Vec<(String, Tool)>,
    /// Its queries, with the places of the tools that answer them.
    pub queries: Vec<(String, Vec<usize>)>,
}

/// The quality of rankings over the queries of a set, each a mean from 0 to 1.
#[derive(Debug, Clone, Copy, Default)]
pub struct Quality {
    /// Whether the first result is right.
    pub hit_at_1: f64,
    /// How many of the right tools are among the first 5.
    pub recall_at_5: f64,
    /// How many of the right tools are among the first 10.
    pub recall_at_10: f64,
    /// One over the place of the first right tool.
    pub mrr: f64,
}

/// The folder of all sets, if it is there.
pub fn folder() -> Option<PathBuf> {
    let beside = || {
        Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().find_map(|up| {
            let sets = up.join("../shared/data/retrieval");
            sets.is_dir().then_some(sets)
        })
    };
    std::env::var_os("CODEMODE_RETRIEVAL").map(PathBuf::from).or_else(beside)
}

impl Set {
    /// Reads the set `name`, of its queries every `every`th.
    pub fn read(folder: &Path, name: &'static str, every: usize) -> Self {
        let mut places = HashMap::new();
        let tools: Vec<(String, Tool)> = lines(&folder.join(name).join("tools.jsonl"))
            .enumerate()
            .map(|(place, line)| {
                places.insert(line["id"].as_str().unwrap().to_owned(), place);
                (line["server"].as_str().unwrap_or_default().to_owned(), tool(&line))
            })
            .collect();
        let queries = lines(&folder.join(name).join("queries.jsonl"))
            .step_by(every)
            .map(|line| {
                let relevant = line["relevant"].as_array().unwrap();
                let relevant = relevant.iter().map(|id| places[id.as_str().unwrap()]).collect();
                (line["query"].as_str().unwrap().to_owned(), relevant)
            })
            .collect();
        Self { name, tools, queries }
    }

    /// Ranks every query by `rank`, which answers with the places of tools.
    pub fn quality(&self, mut rank: impl FnMut(&str) -> Vec<usize>) -> Quality {
        let mut sum = Quality::default();
        for (query, relevant) in &self.queries {
            let ranked = rank(query);
            let right = |first: usize| {
                ranked.iter().take(first).filter(|place| relevant.contains(place)).count() as f64
            };
            sum.hit_at_1 += right(1);
            sum.recall_at_5 += right(5) / relevant.len() as f64;
            sum.recall_at_10 += right(10) / relevant.len() as f64;
            let first = ranked.iter().position(|place| relevant.contains(place));
            sum.mrr += first.map_or(0.0, |place| 1.0 / (place + 1) as f64);
        }
        let queries = self.queries.len() as f64;
        Quality {
            hit_at_1: sum.hit_at_1 / queries,
            recall_at_5: sum.recall_at_5 / queries,
            recall_at_10: sum.recall_at_10 / queries,
            mrr: sum.mrr / queries,
        }
    }

    /// The set's tools as a catalog, and which tool is at which path.
    pub fn catalog(&self) -> (Catalog, HashMap<String, usize>) {
        let mut connectors: Vec<(String, Vec<usize>)> = Vec::new();
        for (place, (server, _)) in self.tools.iter().enumerate() {
            let name = connector_name(server);
            match connectors.iter_mut().find(|(known, _)| *known == name) {
                Some((_, places)) => places.push(place),
                None => connectors.push((name, vec![place])),
            }
        }
        let (mut catalog, mut paths) = (Catalog::default(), HashMap::new());
        for (name, places) in connectors {
            let mut numbered = HashMap::new();
            let tools = places.iter().map(|&place| {
                let mut tool = self.tools[place].1.clone();
                // Some sets have several operations of one name; a catalog would keep the first only.
                while numbered.insert(tool.name.clone(), place).is_some() {
                    tool.name.push('_');
                }
                tool
            });
            catalog.insert(&name, tools.collect::<Vec<Tool>>()).unwrap();
            for entry in catalog.tools(&name) {
                paths.insert(format!("{name}.{}", entry.identifier), numbered[&entry.tool.name]);
            }
        }
        (catalog, paths)
    }
}

/// Ranks by `index`, whose tools are at `paths`.
pub fn by_index<'a>(
    index: &'a Index,
    paths: &'a HashMap<String, usize>,
) -> impl FnMut(&str) -> Vec<usize> + 'a {
    move |query| index.search(&Query::new(query)).results.iter().map(|hit| paths[&hit.path]).collect()
}

fn tool(line: &Value) -> Tool {
    let schema = match line.get("params").and_then(Value::as_array) {
        Some(names) => {
            let properties: Map<String, Value> =
                names.iter().filter_map(|name| Some((name.as_str()?.to_owned(), json!({})))).collect();
            json!({ "type": "object", "properties": properties })
        }
        None => line["input_schema"].clone(),
    };
    let description = line["description"].as_str().unwrap_or_default();
    Tool::new(line["name"].as_str().unwrap(), description).with_input_schema(schema)
}

fn connector_name(server: &str) -> String {
    let name = codemode_catalog::identifier(server);
    if name.trim_matches('_').is_empty() {
        return "host".to_owned();
    }
    // `fetch` is a server in one set and a global of every program.
    let free = Catalog::default().insert(&name, Vec::new()).is_ok();
    if free { name } else { format!("{name}_server") }
}

fn lines(path: &Path) -> impl Iterator<Item = Value> {
    let text = std::fs::read_to_string(path).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    lines.into_iter()
}
