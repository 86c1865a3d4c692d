//! Ten tasks, each as scripted calls and as a program.

use serde_json::{Value, json};

use crate::direct::Conversation;

pub struct Task {
    pub title: &'static str,
    /// What a person asks for.
    pub ask: &'static str,
    /// What a model searches for where tools are not declared.
    pub queries: &'static [&'static str],
    /// The tools that it needs, as programs call them.
    pub tools: &'static [&'static str],
    /// `ROOT` stands for the folder of the files.
    pub program: &'static str,
}

/// A file and what makes its text.
type File = (&'static str, fn() -> String);

/// The files that there are.
pub const FILES: [File; 5] = [
    ("cities.txt", || "San Francisco\nTokyo\nLondon\n".to_owned()),
    ("alpha.md", || notes("alpha", 40)),
    ("beta.md", || notes("beta", 60)),
    ("gamma.md", || notes("gamma", 80)),
    ("delta.md", || notes("delta", 100)),
];

fn notes(name: &str, lines: usize) -> String {
    let line = |n: usize| {
        let mark = if n % 7 == 3 { "TODO: " } else { "" };
        format!("{mark}Line {n} of the notes on {name}, which say what was decided and by whom.\n")
    };
    (0..lines).map(line).collect()
}

pub const TASKS: &[Task] = &[
    Task {
        title: "1 one call",
        ask: "How warm is it in Tokyo, in Fahrenheit?",
        queries: &["current temperature in a city"],
        tools: &["weather.get_weather"],
        program: "return (await weather.get_weather({ city: 'Tokyo' })).temp_f",
    },
    Task {
        title: "2 two calls at once, then one",
        ask: "What is the difference in Celsius between San Francisco and Tokyo? Use the calculator.",
        queries: &["current temperature of a city; calculate an expression"],
        tools: &["weather.get_weather", "weather.calculate"],
        program: "const [a, b] = await Promise.all(['San Francisco', 'Tokyo'].map(city => weather.get_weather({ city })));\n\
                  return (await weather.calculate({ expression: `(${b.temp_f} - ${a.temp_f}) * 5 / 9` })).result",
    },
    Task {
        title: "3 sum over a list",
        ask: "What did orders of 2026-12-20 and later that were refunded come to?",
        queries: &["list orders since a date"],
        tools: &["orders.list"],
        program: "const all = await orders.list({ since: '2026-12-20' });\n\
                  return Math.round(all.filter(o => o.status === 'refunded').reduce((sum, o) => sum + o.total * 100, 0)) / 100",
    },
    Task {
        title: "4 join the largest five",
        ask: "Who made the five largest orders of 2026-12-20 and later? Name and total, largest first.",
        queries: &["list orders since a date; get customers by ids"],
        tools: &["orders.list", "customers.batchGet"],
        program: "const all = await orders.list({ since: '2026-12-20' });\n\
                  const top = all.sort((a, b) => b.total - a.total || a.id.localeCompare(b.id)).slice(0, 5);\n\
                  const who = await customers.batchGet({ ids: top.map(o => o.customerId) });\n\
                  return top.map(o => ({ name: who[o.customerId].name, total: o.total }))",
    },
    Task {
        title: "5 join and group a whole list",
        ask: "How many orders of 2026-12-20 and later does each country have?",
        queries: &["list orders since a date; get customers by ids"],
        tools: &["orders.list", "customers.batchGet"],
        program: "const all = await orders.list({ since: '2026-12-20' });\n\
                  const who = await customers.batchGet({ ids: [...new Set(all.map(o => o.customerId))] });\n\
                  const count = {};\n\
                  for (const o of all) count[who[o.customerId].country] = (count[who[o.customerId].country] ?? 0) + 1;\n\
                  return Object.fromEntries(Object.entries(count).sort())",
    },
    Task {
        title: "6 read and count in every file",
        ask: "How many lines of each .md file in ROOT begin with TODO?",
        queries: &["list a directory; read a text file"],
        tools: &["files.list_directory", "files.read_text_file"],
        program: "const { content } = await files.list_directory({ path: 'ROOT' });\n\
                  const names = content.split('\\n').filter(l => l.endsWith('.md') && l.startsWith('[FILE] ')).map(l => l.slice(7)).sort();\n\
                  const texts = await Promise.all(names.map(name => files.read_text_file({ path: `ROOT/${name}` })));\n\
                  return Object.fromEntries(names.map((name, n) => [name, texts[n].content.split('\\n').filter(l => l.startsWith('TODO')).length]))",
    },
    Task {
        title: "7 read, then write",
        ask: "Write the temperatures of the cities in ROOT/cities.txt to ROOT/weather.json.",
        queries: &["read a text file; write a file; current temperature of a city"],
        tools: &["files.read_text_file", "files.write_file", "weather.get_weather"],
        program: "const cities = (await files.read_text_file({ path: 'ROOT/cities.txt' })).content.trim().split('\\n');\n\
                  const found = await Promise.all(cities.map(city => weather.get_weather({ city })));\n\
                  const result = Object.fromEntries(cities.map((city, n) => [city, found[n].temp_f]));\n\
                  await files.write_file({ path: 'ROOT/weather.json', content: JSON.stringify(result) });\n\
                  return result",
    },
    Task {
        title: "8 remember what was found",
        ask: "Remember the customers of the first three orders as people, each with their country. How many did you remember?",
        queries: &["list orders; get customers by ids; create entities in memory"],
        tools: &["orders.list", "customers.batchGet", "memory.create_entities"],
        program: "const first = await orders.list({ limit: 3 });\n\
                  const who = Object.values(await customers.batchGet({ ids: first.map(o => o.customerId) }));\n\
                  const { entities } = await memory.create_entities({ entities: who.map(c => ({ name: c.name, entityType: 'person', observations: [c.country] })) });\n\
                  return entities.length",
    },
    Task {
        title: "9 look up and add",
        ask: "Remember of everybody you know that they are customers. How many are there?",
        queries: &["search nodes in memory; add observations"],
        tools: &["memory.search_nodes", "memory.add_observations"],
        program: "const { entities } = await memory.search_nodes({ query: 'person' });\n\
                  await memory.add_observations({ observations: entities.map(e => ({ entityName: e.name, contents: ['is a customer'] })) });\n\
                  return entities.length",
    },
    Task {
        title: "10 one long text through to a file",
        ask: "Copy ROOT/delta.md to ROOT/copy.md.",
        queries: &["read a text file; write a file"],
        tools: &["files.read_text_file", "files.write_file"],
        program: "const { content } = await files.read_text_file({ path: 'ROOT/delta.md' });\n\
                  await files.write_file({ path: 'ROOT/copy.md', content });\n\
                  return 'copied'",
    },
];

const SINCE: &str = "2026-12-20";

/// What a model would do that calls the tools itself and makes no mistake.
pub async fn directly(task: &Task, with: &mut Conversation<'_>) -> Value {
    let root = with.root.to_owned();
    let number = task.title.split(' ').next().unwrap();
    match number {
        "1" => with.one("weather.get-weather", json!({ "city": "Tokyo" })).await["temp_f"].clone(),
        "2" => {
            let cities =
                ["San Francisco", "Tokyo"].map(|city| ("weather.get-weather", json!({ "city": city })));
            let found = with.round(cities.to_vec()).await;
            let expression = format!("({} - {}) * 5 / 9", found[1]["temp_f"], found[0]["temp_f"]);
            with.one("weather.calculate", json!({ "expression": expression })).await["result"].clone()
        }
        "3" => {
            let orders = since(with).await;
            let refunded = orders.iter().filter(|order| order["status"] == "refunded");
            let cents: f64 = refunded.map(|order| order["total"].as_f64().unwrap() * 100.0).sum();
            json!(cents.round() / 100.0)
        }
        "4" => {
            let mut orders = since(with).await;
            let total = |order: &Value| order["total"].as_f64().unwrap();
            let id = |order: &Value| order["id"].as_str().unwrap().to_owned();
            orders.sort_by(|a, b| total(b).total_cmp(&total(a)).then_with(|| id(a).cmp(&id(b))));
            orders.truncate(5);
            let who = customers(with, &orders).await;
            let row =
                |order: &Value| json!({ "name": who[customer(order)]["name"], "total": order["total"] });
            orders.iter().map(row).collect()
        }
        "5" => {
            let orders = since(with).await;
            let who = customers(with, &orders).await;
            let mut count = std::collections::BTreeMap::new();
            for order in &orders {
                *count.entry(who[customer(order)]["country"].as_str().unwrap().to_owned()).or_insert(0) += 1;
            }
            json!(count)
        }
        "6" => {
            let listed = with.one("files.list_directory", json!({ "path": root })).await;
            let names =
                listed["content"].as_str().unwrap().lines().filter_map(|line| line.strip_prefix("[FILE] "));
            let mut names: Vec<&str> = names.filter(|name| name.ends_with(".md")).collect();
            names.sort_unstable();
            let read = |name: &&str| ("files.read_text_file", json!({ "path": format!("{root}/{name}") }));
            let texts = with.round(names.iter().map(read).collect()).await;
            let count = |text: &Value| {
                text["content"].as_str().unwrap().lines().filter(|line| line.starts_with("TODO")).count()
            };
            let counted =
                names.iter().zip(&texts).map(|(name, text)| ((*name).to_owned(), json!(count(text))));
            Value::Object(counted.collect())
        }
        "7" => {
            let text =
                with.one("files.read_text_file", json!({ "path": format!("{root}/cities.txt") })).await;
            let cities: Vec<&str> = text["content"].as_str().unwrap().lines().collect();
            let calls = cities.iter().map(|city| ("weather.get-weather", json!({ "city": city })));
            let found = with.round(calls.collect()).await;
            let pairs =
                cities.iter().zip(&found).map(|(city, found)| ((*city).to_owned(), found["temp_f"].clone()));
            let result = Value::Object(pairs.collect());
            let path = format!("{root}/weather.json");
            with.one("files.write_file", json!({ "path": path, "content": result.to_string() })).await;
            result
        }
        "8" => {
            let orders = with.one("orders.list", json!({ "limit": 3 })).await;
            let who = customers(with, orders.as_array().unwrap()).await;
            let entity = |one: &Value| json!({ "name": one["name"], "entityType": "person", "observations": [one["country"]] });
            let entities: Vec<Value> = who.as_object().unwrap().values().map(entity).collect();
            let made = with.one("memory.create_entities", json!({ "entities": entities })).await;
            json!(made["entities"].as_array().unwrap().len())
        }
        "9" => {
            let found = with.one("memory.search_nodes", json!({ "query": "person" })).await;
            let entities = found["entities"].as_array().unwrap();
            let add = |one: &Value| json!({ "entityName": one["name"], "contents": ["is a customer"] });
            let observations: Vec<Value> = entities.iter().map(add).collect();
            with.one("memory.add_observations", json!({ "observations": observations })).await;
            json!(entities.len())
        }
        "10" => {
            let text = with.one("files.read_text_file", json!({ "path": format!("{root}/delta.md") })).await;
            let arguments = json!({ "path": format!("{root}/copy.md"), "content": text["content"] });
            with.one("files.write_file", arguments).await;
            json!("copied")
        }
        other => panic!("there is no task {other}"),
    }
}

async fn since(with: &mut Conversation<'_>) -> Vec<Value> {
    let listed = with.one("orders.list", json!({ "since": SINCE })).await;
    listed.as_array().unwrap().clone()
}

/// The customers of these orders, each asked for once.
async fn customers(with: &mut Conversation<'_>, orders: &[Value]) -> Value {
    let mut ids: Vec<&str> = Vec::new();
    for order in orders {
        if !ids.contains(&customer(order)) {
            ids.push(customer(order));
        }
    }
    with.one("customers.batchGet", json!({ "ids": ids })).await
}

fn customer(order: &Value) -> &str {
    order["customerId"].as_str().unwrap()
}
