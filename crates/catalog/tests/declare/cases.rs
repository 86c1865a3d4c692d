//! `cases/declare`.

use std::fs;
use std::path::Path;

use codemode_catalog::{Catalog, Declarations, Declared, Detail, Tool};
use serde::Deserialize;
use serde_json::Value;

use crate::compiler;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// What the case is about.
    #[serde(rename = "about")]
    _about: String,
    tools: Vec<Tool>,
    #[serde(default)]
    definitions: Option<Value>,
    /// A schema of observed results, by tool.
    #[serde(default)]
    observed: serde_json::Map<String, Value>,
    #[serde(default = "unlimited")]
    max_chars: usize,
    /// Statements that must compile beside the declarations.
    #[serde(default)]
    right: Vec<String>,
    /// Statements none of which may compile.
    #[serde(default)]
    wrong: Vec<String>,
}

fn unlimited() -> usize {
    usize::MAX
}

#[test]
fn declarations_are_as_written_down_and_compile() {
    let mut files = Vec::new();
    let mut folders: Vec<_> = fs::read_dir(compiler::workspace().join("cases/declare"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    folders.sort();
    for folder in &folders {
        let name = folder.file_name().unwrap().to_str().unwrap();
        let text = fs::read_to_string(folder.join("connector.json")).unwrap();
        let case: Case = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let mut catalog = Catalog::default();
        catalog.insert(name, case.tools).unwrap();
        let tools = catalog.tools(name).iter().map(|entry| Declared {
            observed: case.observed.get(&entry.identifier),
            ..Declared::from(entry)
        });
        let declarations = Declarations::new(name, tools, case.definitions.as_ref());
        let full = declarations.all(Detail::Full, case.max_chars);
        let mut brief = declarations.all(Detail::Name, case.max_chars);
        brief += &format!("\n\n{}\n", declarations.all(Detail::Signature, case.max_chars));
        for warning in declarations.warnings() {
            brief += &format!("\nwarning: {warning}");
        }
        expect(&folder.join("full.d.ts"), &full);
        expect(&folder.join("brief.txt"), &(brief.trim_end().to_owned() + "\n"));
        let mut program = format!("async () => {{\n{}\n", case.right.join("\n"));
        for wrong in &case.wrong {
            program += &format!("// @ts-expect-error\n{wrong}\n");
        }
        files.push((format!("{name}.d.ts"), full));
        files.push((format!("{name}.program.ts"), format!("{program}}};\nexport {{}};\n")));
        for tool in declarations.identifiers() {
            let one = declarations.one(tool, Detail::Full, usize::MAX).unwrap();
            files.push((format!("{name}.{tool}.ts"), format!("{one}export {{}};\n")));
        }
    }
    if let Some(mistakes) = compiler::check("cases", &files) {
        assert_eq!(mistakes, Vec::<String>::new());
    }
}

fn expect(file: &Path, written: &str) {
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        return fs::write(file, written).unwrap();
    }
    let expected = fs::read_to_string(file).unwrap_or_default();
    assert_eq!(written, expected, "{}; UPDATE_EXPECT=1 writes it anew", file.display());
}
