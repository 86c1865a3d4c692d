//! Schemas that nobody would write, put together by chance (the same each time): the compiler must take them all.

use codemode_catalog::{Declarations, Declared, Detail, Tool};
use serde_json::{Map, Value, json};

use crate::compiler;

const CONNECTORS: u64 = 400;
const TYPES: u64 = 8;
const KEYS: [&str; 10] = ["a", "b", "kind", "constructor", "__proto__", "a-b", "1", "new", "", "é\u{2028}*/"];

/// Numbers that are the same on every machine.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap()
    }

    fn key(&mut self) -> &'static str {
        KEYS[self.index(KEYS.len())]
    }

    fn several(&mut self, most: u64, depth: u64) -> Vec<Value> {
        (0..self.below(most + 1)).map(|_| self.schema(depth)).collect()
    }

    fn by_key(&mut self, depth: u64) -> Map<String, Value> {
        (0..self.below(4)).map(|_| (self.key().to_owned(), self.schema(depth))).collect()
    }

    fn schema(&mut self, depth: u64) -> Value {
        let (words, odd) =
            (json!(["a", "b", 1, null, true]), json!([{"k": [1]}, "*/", -0.5, false, "\u{2029}"]));
        let mut schema = Map::new();
        let most = if depth == 0 { 6 } else { 20 };
        for _ in 0..=self.below(3) {
            let (key, value) = match self.below(most) {
                0 | 1 => ("$ref", json!(format!("#/$defs/T{}", self.below(TYPES)))),
                2 => ("type", json!(["string", "object", "array", "null", "integer"][self.index(5)])),
                3 => ("enum", [&words, &odd][self.index(2)].clone()),
                4 => ("description", json!("*/ @ts-ignore\r\u{2028}`")),
                5 => ("required", json!([self.key(), self.key()])),
                6..=8 => ("properties", Value::Object(self.by_key(depth - 1))),
                9 => ("patternProperties", Value::Object(self.by_key(depth - 1))),
                10 => ("additionalProperties", self.schema(depth - 1)),
                11 | 12 => ("items", self.schema(depth - 1)),
                13 => ("prefixItems", json!(self.several(3, depth - 1))),
                14 => ("minItems", json!(self.below(3))),
                15 => ("allOf", json!(self.several(3, depth - 1))),
                16 => ("anyOf", json!(self.several(3, depth - 1))),
                17 => ("oneOf", json!(self.several(4, depth - 1))),
                18 => ("discriminator", json!({"propertyName": self.key()})),
                _ => (["nullable", "readOnly", "writeOnly"][self.index(3)], json!(true)),
            };
            schema.insert(key.to_owned(), value);
        }
        Value::Object(schema)
    }
}

#[test]
fn the_compiler_takes_whatever_chance_puts_together() {
    let mut files = Vec::new();
    for seed in 0..CONNECTORS {
        let mut chance = Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let types: Map<String, Value> = (0..TYPES).map(|n| (format!("T{n}"), chance.schema(3))).collect();
        let definitions = json!({"$defs": types});
        let tools: Vec<(String, Tool)> = (0..4)
            .map(|n| {
                let tool = Tool::new("x", "*/ @ts-expect-error").with_input_schema(chance.schema(3));
                (format!("f{n}"), tool.with_output_schema(chance.schema(3)))
            })
            .collect();
        let declared = tools.iter().map(|(identifier, tool)| Declared { identifier, tool, observed: None });
        let declarations = Declarations::new("x", declared, Some(&definitions));
        for max_chars in [usize::MAX, 600] {
            let text = declarations.all(Detail::Full, max_chars) + "export {};\n";
            files.push((format!("{seed}.{max_chars}.ts"), text));
        }
    }
    if let Some(mistakes) = compiler::check("arbitrary", &files) {
        eprintln!("{} mistakes in {} arbitrary connectors", mistakes.len(), files.len());
        assert!(mistakes.is_empty(), "{}", mistakes.iter().take(30).cloned().collect::<Vec<_>>().join("\n"));
    }
}
