//! Every tool and operation of the published documents that lie beside the workspace, through the real compiler.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use codemode_catalog::{Catalog, Declarations, Declared, Detail, Tool, identifier};
use serde_json::Value;

use crate::{compiler, lower};

/// One tool in so many is also declared alone, at the length a model is given.
const ALONE: usize = 25;
const ALONE_CHARS: usize = 24_000;

#[test]
fn the_compiler_takes_every_published_tool() {
    let data = compiler::workspace().join("../shared/data");
    if !data.exists() {
        eprintln!("SKIPPED: there are no published documents beside the workspace; none was declared");
        return;
    }
    let mut files = Vec::new();
    let (mut total, mut connectors) = (0, 0);
    for (name, tools, document) in connectors_in(&data) {
        let (count, started) = (tools.len(), Instant::now());
        let mut catalog = Catalog::default();
        catalog.insert(&name, tools).unwrap();
        let inserted = started.elapsed();
        let entries = catalog.tools(&name);
        let declarations = Declarations::new(&name, entries.iter().map(Declared::from), document.as_ref());
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

/// Each connector's name, tools and the document that they refer into.
fn connectors_in(data: &Path) -> Vec<(String, Vec<Tool>, Option<Value>)> {
    let servers = fs::read(data.join("mcp_servers_tools_list.json")).unwrap();
    let servers: serde_json::Map<String, Value> = serde_json::from_slice(&servers).unwrap();
    let mut found: Vec<_> = servers
        .into_iter()
        .map(|(name, tools)| (identifier(&name), serde_json::from_value(tools).unwrap(), None))
        .filter(|(name, ..)| name != "fetch")
        .collect();
    let mut left = vec![data.join("openapi")];
    let mut files: Vec<PathBuf> = Vec::new();
    while let Some(folder) = left.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                left.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    for (number, file) in files.iter().enumerate() {
        let json = match file.extension().and_then(|extension| extension.to_str()) {
            Some("json") => fs::read(file).unwrap(),
            Some("yaml") => match json_of(file) {
                Some(json) => json,
                None => {
                    eprintln!("SKIPPED: no python3 with PyYAML to read {}", file.display());
                    continue;
                }
            },
            _ => continue,
        };
        let document: Value = serde_json::from_slice(&json).unwrap();
        let stem = file.file_stem().unwrap().to_str().unwrap();
        // Names repeat from folder to folder.
        let name = match stem {
            "github" | "stripe" | "google-calendar" => identifier(stem),
            _ => format!("{}_{number}", identifier(stem)),
        };
        found.push((name, lower::operations(&document), Some(document)));
    }
    found
}

/// A YAML document as JSON; one document is not worth a dependency.
fn json_of(file: &Path) -> Option<Vec<u8>> {
    let script = "import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1])), default=str))";
    let ran = std::process::Command::new("python3").args(["-c", script]).arg(file).output().ok()?;
    ran.status.success().then_some(ran.stdout)
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
