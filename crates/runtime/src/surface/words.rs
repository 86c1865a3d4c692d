//! Every sentence that a model reads before it writes a program. Each is paid for in every conversation.

use codemode_catalog::Catalog;

use super::tokens::{TOKEN, cost};

/// Tokens of the connectors' names. A dozen names; a model searches anyway where there are more.
const NAMES_TOKENS: u64 = 50;

/// What the program is written against, in all shapes.
const GLOBALS: &str = "Runs a TypeScript program that calls tools, and returns its one result. Loop, filter and join in \
    code; return only what you need.\n\
    In scope: an object per connector, whose async functions are the tools and take one object; `input`; \
    `codemode.search(query)`, `codemode.describe(path)`. Top-level await and return work; make independent calls \
    with Promise.all. No fetch, no imports. A failed call throws an Error.";

const EXAMPLE: &str = "const issues = await github.list_issues({ repo: \"a/b\" });\n\
    return issues.filter(i => i.comments > 9).map(i => i.title);";

/// What `search` says of itself.
pub(super) const SEARCH: &str = "Finds tools that programs for `execute` can call. Say what the tool should do. \
    `detail`: name (one line each), signature (default), full (types with documentation).";

/// What `docs` says of itself.
pub(super) const DOCS: &str =
    "Searches what is written about the connectors, such as manuals and rules: passages with their sources.";

/// The description of `execute` beside `search`.
pub(super) fn execute(catalog: &Catalog) -> String {
    format!(
        "{GLOBALS}\nConnectors: {}. Look tools up with `search` before you call them.\n{EXAMPLE}",
        names(catalog)
    )
}

/// The description of `execute` where there is nothing to search.
pub(super) fn execute_inlined(declarations: &str) -> String {
    format!("{GLOBALS}\nThese are all tools:\n{declarations}")
}

/// The description of the one tool `codemode`.
pub(super) fn single(catalog: &Catalog) -> String {
    format!(
        "{GLOBALS}\nConnectors: {}. First run a program that returns `await codemode.search(\"what to do\")`, then one \
         that calls what it found.\n{EXAMPLE}",
        names(catalog)
    )
}

/// What goes into the system prompt. `find` is how tools are found, `run` the tool that runs a program.
pub(super) fn system_prompt(find: &str, run: &str) -> String {
    format!(
        "You reach other systems by writing TypeScript programs for `{run}`. {find}Do as much as you can in one program: \
         results of calls stay in it, and only what it returns comes back. When it fails, mend what the error names; calls \
         already made took effect. A long result is cut: `truncated.whole` gives a later program all of it."
    )
}

/// What goes into the system prompt where everything is passed on: what the upstreams say of themselves.
pub(super) fn upstreams(catalog: &Catalog) -> String {
    let about: Vec<(&str, &str)> =
        catalog.connectors().filter_map(|name| Some((name, catalog.about(name)?))).collect();
    match about.as_slice() {
        [(_, only)] => (*only).to_owned(),
        several => {
            several.iter().map(|(name, about)| format!("{name}: {about}")).collect::<Vec<_>>().join("\n\n")
        }
    }
}

/// What the system prompt says of finding tools, by shape.
pub(super) const FIND_PAIR: &str = "Find tools with `search` first; never guess names or arguments. ";
pub(super) const FIND_SINGLE: &str =
    "Find tools with `codemode.search` in a program first; never guess names or arguments. ";
pub(super) const FIND_INLINED: &str = "All tools are declared in its description. ";

/// The connectors' names in their order, as far as there is room.
fn names(catalog: &Catalog) -> String {
    let mut left = NAMES_TOKENS * TOKEN;
    let all = catalog.connectors().len();
    let fitting = catalog.connectors().map_while(|name| {
        left = left.checked_sub(cost(name) + TOKEN)?;
        Some(name)
    });
    let mut names: Vec<String> = fitting.map(str::to_owned).collect();
    match (names.len(), all) {
        (0, 0) => names.push("none".to_owned()),
        (shown, all) if shown < all => names.push(format!("{} more", all - shown)),
        _ => {}
    }
    names.join(", ")
}
