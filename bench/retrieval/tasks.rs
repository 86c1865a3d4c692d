//! Whole tasks, for queries that need several tools: the labelled steps of one task, joined.

use std::path::Path;

use crate::sets::Set;

/// The tasks whose steps are the queries of `steps`; a step's id is `task#number`.
pub fn whole_tasks(steps: &Set, folder: &Path) -> Set {
    let text = std::fs::read_to_string(folder.join(steps.name).join("queries.jsonl")).unwrap();
    let mut tasks: Vec<(String, String, Vec<usize>)> = Vec::new();
    for (line, (query, relevant)) in text.lines().zip(&steps.queries) {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let id = line["id"].as_str().unwrap().split('#').next().unwrap().to_owned();
        match tasks.iter_mut().find(|(known, _, _)| *known == id) {
            Some((_, task, all)) => {
                *task = format!("{}, then {query}", task.trim_end_matches('.'));
                all.extend(relevant.iter().filter(|one| !all.contains(one)).copied().collect::<Vec<_>>());
            }
            None => tasks.push((id, query.clone(), relevant.clone())),
        }
    }
    let queries =
        tasks.into_iter().filter(|(_, _, all)| all.len() > 1).map(|(_, task, all)| (task, all)).collect();
    Set { name: "steps joined to tasks", tools: steps.tools.clone(), queries }
}
