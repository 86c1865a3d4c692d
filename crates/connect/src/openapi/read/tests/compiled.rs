//! Every tool and operation of the published documents that lie beside the workspace, through the real compiler.

use std::fs;
use std::time::{Duration, Instant};

use codemode_catalog::{Catalog, Declarations, Declared, Definitions, Detail, Tool, identifier};
use serde_json::Value;

use super::{compiler, published};
use crate::openapi::read::read;

/// One tool in so many is also declared alone, at the length a model is given.
const ALONE: usize = 25;
const ALONE_CHARS: usize = 24_000;

#[test]
fn the_compiler_takes_every_published_tool() {
    let Some(found) = connectors() else { return };
    let mut files = Vec::new();
    let (mut total, mut connectors) = (0, 0);
    for (name, tools, document) in found {
        let (count, started) = (tools.len(), Instant::now());
        let mut catalog = Catalog::default();
        catalog.insert(&name, tools).unwrap();
        let inserted = started.elapsed();
        let entries = catalog.tools(&name);
        let declarations = Declarations::new(
            &name,
            entries.iter().map(Declared::from),
            document.as_ref().map(Definitions::get),
        );
        let read = started.elapsed() - inserted;
        let full = declarations.all(Detail::Full, usize::MAX);
        let written = started.elapsed() - inserted - read;
        if count >= 30 {
            report(&declarations, count, [inserted, read, written], &full);
        }
        for (index, tool) in declarations.identifiers().enumerate().filter(|(index, _)| index % ALONE == 0) {
            let one = declarations.one(tool, Detail::Full, ALONE_CHARS).unwrap();
            files.push((format!("{name}.{index}.ts"), format!("{one}export {{}};\n")));
        }
        files.push((format!("{name}.d.ts"), full));
        total += entries.len();
        connectors += 1;
    }
    for (name, text) in PROGRAMS {
        files.push(((*name).to_owned(), format!("async () => {{\n{text}\n}};\nexport {{}};\n")));
    }
    let started = Instant::now();
    let Some(mistakes) = compiler::check("corpus", &files) else { return };
    eprintln!(
        "{} mistakes in {total} operations of {connectors} connectors, compiled in {:?}",
        mistakes.len(),
        started.elapsed()
    );
    assert!(mistakes.is_empty(), "{}", mistakes.iter().take(40).cloned().collect::<Vec<_>>().join("\n"));
}

fn report(declarations: &Declarations, count: usize, times: [Duration; 3], full: &str) {
    let [inserted, read, written] = times.map(|time| time.as_millis());
    let lines = declarations.all(Detail::Signature, usize::MAX);
    let longest = lines.lines().map(str::len).max().unwrap_or_default();
    let signatures = lines.len() / count;
    let names = declarations.all(Detail::Name, usize::MAX).len() / count;
    let mut alone: Vec<usize> = declarations
        .identifiers()
        .map(|tool| declarations.one(tool, Detail::Full, ALONE_CHARS).unwrap().len())
        .collect();
    alone.sort_unstable();
    let first = declarations.identifiers().next().unwrap_or_default();
    eprintln!(
        "{:>5} operations: insert {inserted} ms, read {read} ms, write {written} ms; bytes each: {names} named, \
         {signatures} as signatures (longest {longest}), {} in full, {} median alone; {} warnings ({first} …)",
        count,
        full.len() / count,
        alone[count / 2],
        declarations.warnings().len(),
    );
}

/// A connector's name, tools and the definitions that they refer into.
type Offer = (String, Vec<Tool>, Option<Definitions>);

fn connectors() -> Option<Vec<Offer>> {
    let documents = published::documents()?;
    let servers = compiler::workspace().join("../shared/data/mcp_servers_tools_list.json");
    let servers: serde_json::Map<String, Value> =
        fs::read(servers).map(|bytes| serde_json::from_slice(&bytes).unwrap()).unwrap_or_default();
    let mut found: Vec<_> = servers
        .into_iter()
        .map(|(name, tools)| (identifier(&name), serde_json::from_value(tools).unwrap(), None))
        .filter(|(name, ..)| name != "fetch")
        .collect();
    for (number, (file, bytes)) in documents.iter().enumerate() {
        let Ok(document) = read(bytes) else { continue };
        let stem = file.split('.').next().unwrap_or_default();
        // Names repeat from folder to folder.
        let name = match stem {
            "github" | "stripe" | "google-calendar" => identifier(stem),
            _ => format!("{}_{number}", identifier(stem)),
        };
        found.push((name, document.api.tools, Some(Definitions::from_json(document.definitions))));
    }
    Some(found)
}

/// Programs against real tools; a line that must not compile says so to the compiler.
const PROGRAMS: &[(&str, &str)] = &[
    (
        "mcp.program.ts",
        r#"const text = await filesystem.read_text_file({path: "a", head: 3});
// @ts-expect-error
await filesystem.read_text_file({path: 3});
// @ts-expect-error
await filesystem.read_text_file({});
// @ts-expect-error
await filesystem.read_text_file({path: "a", tails: 3});
await memory.create_entities({entities: [{name: "a", entityType: "b", observations: ["c"]}]});
// @ts-expect-error
await memory.create_entities({entities: [{name: "a", entityType: "b", observations: "c"}]});
const branch: unknown = await git.git_status({repo_path: "."});"#,
    ),
    (
        "github.program.ts",
        r#"const issue = await github.issues_create({owner: "a", repo: "b", body: {title: "c", labels: ["d", {name: "e"}]}});
const number: number = issue.number;
const login: string | undefined = issue.user?.login;
// @ts-expect-error
const wrong: string = issue.number;
// @ts-expect-error
await github.issues_create({owner: "a", repo: "b", body: {}});
// @ts-expect-error
await github.issues_create({owner: "a", body: {title: "c"}});
for (const repository of await github.repos_list_for_org({org: "a", sort: "updated"})) repository.full_name.trim();
// @ts-expect-error
await github.repos_list_for_org({org: "a", sort: "sideways"});"#,
    ),
    (
        "stripe.program.ts",
        r#"const customer = await stripe.GetCustomersCustomer({customer: "a"});
if ("email" in customer) customer.email?.trim();
// @ts-expect-error
await stripe.GetCustomersCustomer({});
const events = await google_calendar.calendar_events_list({calendarId: "primary", maxResults: 5});
for (const event of events.items ?? []) event.summary?.trim();
// @ts-expect-error
await google_calendar.calendar_events_list({calendarId: "primary", maxResults: "5"});"#,
    ),
];
