//! Results that do not fit: what is shown is JSON within the budget, and the list of cuts says exactly what is missing.

use codemode::{CutKind, Output, Run, Runtime, SurfaceOptions, Truncation, Usage};
use serde_json::{Map, Value, json};

const RUN: &str = "0123456789abcdef0123456789abcdef";

fn tokens(text: &str) -> usize {
    tiktoken_rs::o200k_base_singleton().encode_ordinary(text).len()
}

async fn runtime(tokens: u64) -> Runtime {
    let surface = SurfaceOptions::default().result_tokens(tokens);
    Runtime::builder().surface(surface).build().await.unwrap()
}

fn present(runtime: &Runtime, result: Value) -> (Value, Option<Truncation>) {
    let output = Output::Completed {
        run_id: RUN.into(),
        result,
        logs: Vec::new(),
        calls: Vec::new(),
        left_out: None,
        truncated: None,
    };
    let run = Run {
        output,
        stdout: String::new(),
        stderr: String::new(),
        usage: Usage::default(),
        principal: None,
    };
    match runtime.present(run) {
        Output::Completed { result, truncated, .. } => (result, truncated),
        other => panic!("{other:?}"),
    }
}

/// Cuts `whole`, checks all that must hold, and gives back what is shown.
fn check(runtime: &Runtime, budget: u64, whole: &Value) -> (Value, Option<Truncation>) {
    let (shown, truncation) = present(runtime, whole.clone());
    assert_eq!(present(runtime, whole.clone()), (shown.clone(), truncation.clone()), "the same each time");
    let json = json!({ "result": shown, "truncated": truncation }).to_string();
    let allowed = budget.max(160) as usize * 103 / 100;
    assert!(tokens(&json) <= allowed, "{} of {budget}: {json}", tokens(&json));
    assert!(serde_json::from_str::<Value>(&json).is_ok());
    let mut missing = Vec::new();
    compare(whole, &shown, "$", &mut missing);
    let (listed, unlisted) =
        truncation.as_ref().map_or((&[][..], 0), |truncation| (&truncation.cuts[..], truncation.unlisted));
    assert_eq!(listed.len() + unlisted, missing.len(), "{truncation:?} {missing:?}");
    for cut in listed {
        let found = (cut.path.clone(), cut.kind, cut.kept, cut.total);
        assert!(missing.contains(&found), "{found:?} {missing:?}");
    }
    assert_eq!(truncation.is_none(), whole == &shown);
    if let Some(truncation) = &truncation {
        assert_eq!(truncation.whole.as_deref(), Some(&*format!("codemode.result(\"{RUN}\")")));
    }
    (shown, truncation)
}

/// Collects what `shown` lacks of `whole`.
fn compare(whole: &Value, shown: &Value, path: &str, missing: &mut Vec<(String, CutKind, usize, usize)>) {
    let units = |text: &str| text.encode_utf16().count();
    match (whole, shown) {
        (whole, shown) if whole == shown => {}
        (Value::String(whole), Value::String(shown)) => {
            let (kept, rest) = shown.rsplit_once("… ").unwrap();
            let left_out: usize = rest.strip_suffix(" more characters").unwrap().parse().unwrap();
            assert!(whole.starts_with(kept));
            assert_eq!(units(whole), units(kept) + left_out);
            missing.push((path.into(), CutKind::String, units(kept), units(whole)));
        }
        (Value::Array(whole), Value::Array(shown)) => {
            let last = shown.last().and_then(Value::as_str).and_then(|last| last.strip_prefix("… "));
            let left_out = last.and_then(|last| last.strip_suffix(" more")?.parse::<usize>().ok());
            let kept = if left_out.is_some() { shown.len() - 1 } else { shown.len() };
            assert_eq!(whole.len(), kept + left_out.unwrap_or(0));
            if left_out.is_some() {
                missing.push((path.into(), CutKind::Array, kept, whole.len()));
            }
            for index in 0..kept {
                compare(&whole[index], &shown[index], &format!("{path}[{index}]"), missing);
            }
        }
        (Value::Object(whole), Value::Object(shown)) => {
            let kept: Vec<_> = shown.keys().filter(|key| whole.contains_key(*key)).collect();
            if kept.len() < whole.len() {
                assert_eq!(shown["…"], format!("{} more keys", whole.len() - kept.len()));
                missing.push((path.into(), CutKind::Object, kept.len(), whole.len()));
            }
            for key in kept {
                let identifier = key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
                let identifier = identifier && !key.is_empty() && !key.as_bytes()[0].is_ascii_digit();
                let step = if identifier { format!(".{key}") } else { format!("[{}]", json!(key)) };
                compare(&whole[key], &shown[key], &format!("{path}{step}"), missing);
            }
        }
        (whole, shown) => panic!("{path}: {whole} became {shown}"),
    }
}

/// Numbers that are the same on every machine.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn length(&mut self, limit: u64) -> usize {
        // Mostly short, at times as long as may be.
        let bound = 1 + self.below(limit);
        usize::try_from(self.below(bound)).unwrap()
    }

    fn text(&mut self) -> String {
        const PARTS: [&str; 12] = [
            "the quick brown fox ",
            "Zm9vYmFyYmF6",
            "{\"a\": [1, 2]}\n",
            "公园散步今天",
            "👩‍💻🔥",
            "const x = f(y);\n",
            "2026-11-20T12:30:00Z ",
            "9f86d081884c",
            "é\u{0}\t\\",
            "https://example.com/a?b=c ",
            "ツール",
            "12345.678, ",
        ];
        let limit = [3, 10, 100, 1_000][usize::try_from(self.below(4)).unwrap()];
        let (length, mixed) = (self.length(limit), self.below(2) == 0);
        let mut part = PARTS[usize::try_from(self.below(12)).unwrap()];
        let mut text = String::new();
        for _ in 0..length {
            if mixed {
                part = PARTS[usize::try_from(self.below(12)).unwrap()];
            }
            text.push_str(part);
        }
        text
    }

    fn key(&mut self) -> String {
        match self.below(40) {
            0 => "a key that is long ".repeat(self.length(100)),
            1 => "9".into(),
            2 => "\"quoted\" and 散步".into(),
            n => format!("key_{}", n * 1_000 + self.below(1_000)),
        }
    }

    fn value(&mut self, depth: u64) -> Value {
        match self.below(if depth == 0 { 6 } else { 12 }) {
            0 => Value::Null,
            1 => json!(self.below(2) == 0),
            2 => json!(self.below(1_000_000)),
            3 => json!(self.below(1_000_000) as f64 / 977.0),
            4 | 5 => Value::String(self.text()),
            6..=8 => (0..self.length(25)).map(|_| self.value(depth - 1)).collect(),
            _ => (0..self.length(25))
                .map(|_| (self.key(), self.value(depth - 1)))
                .collect::<Map<_, _>>()
                .into(),
        }
    }
}

#[tokio::test]
async fn whatever_is_cut_stays_within_the_budget_and_is_told_exactly() {
    let mut cut = 0;
    for (budget, values) in [(0, 40), (160, 60), (400, 60), (1_500, 40), (6_000, 20)] {
        let runtime = runtime(budget).await;
        for seed in 0..values {
            let value = Chance(seed * 7_919 + budget).value(4);
            let value = if value.is_object() || value.is_array() { value } else { json!([value, value]) };
            cut += usize::from(check(&runtime, budget, &value).1.is_some());
        }
    }
    assert!(cut > 60, "{cut}");
}

#[tokio::test]
async fn what_fits_is_left_alone() {
    let runtime = runtime(6_000).await;
    for value in
        [json!(null), json!([]), json!({}), json!("x".repeat(3_000)), json!((0..1_000).collect::<Vec<_>>())]
    {
        assert_eq!(check(&runtime, 6_000, &value), (value, None));
    }
}

#[tokio::test]
async fn the_largest_is_cut_first() {
    let runtime = runtime(500).await;
    let value = json!({ "id": 7, "title": "short", "body": "long words ".repeat(2_000), "tags": ["a", "b"], "nested": { "note": "kept" } });
    let (shown, truncation) = check(&runtime, 500, &value);
    for key in ["id", "title", "tags", "nested"] {
        assert_eq!(shown[key], value[key]);
    }
    let cuts = truncation.unwrap().cuts;
    assert_eq!((cuts.len(), &*cuts[0].path, cuts[0].total), (1, "$.body", 22_000));
    assert!(cuts[0].kept > 1_000, "{cuts:?}");
}

#[tokio::test]
async fn records_keep_their_keys_and_lists_their_first() {
    let runtime = runtime(2_000).await;
    let issue = |number: u64| json!({ "number": number, "state": "open", "body": "a report of many words ".repeat(100) });
    let value = json!({ "total": 500, "items": (0..500).map(issue).collect::<Vec<_>>() });
    let (shown, truncation) = check(&runtime, 2_000, &value);
    let items = shown["items"].as_array().unwrap();
    assert!(items.len() > 15, "{}", items.len());
    assert_eq!(items.last().unwrap(), &json!(format!("… {} more", 501 - items.len())));
    for (number, item) in items[..items.len() - 1].iter().enumerate() {
        assert_eq!((&item["number"], &item["state"]), (&json!(number), &json!("open")));
        assert!(item["body"].as_str().unwrap().starts_with("a report"));
    }
    let truncation = truncation.unwrap();
    assert_eq!((&*truncation.cuts[0].path, truncation.cuts[0].total), ("$.items", 500));
    assert!(truncation.tokens > 100_000 && truncation.unlisted > 0, "{truncation:?}");
}

#[tokio::test]
async fn deep_and_wide_values_are_cut_too() {
    for budget in [160, 6_000] {
        let runtime = runtime(budget).await;
        let deep = |levels: usize, leaf: Value| {
            (0..levels).fold(
                leaf,
                |inner, level| if level % 2 == 0 { json!([inner]) } else { json!({ "a": inner }) },
            )
        };
        check(&runtime, budget, &deep(100, json!("x ".repeat(20_000))));
        check(&runtime, budget, &deep(120, json!((0..9_000).collect::<Vec<_>>())));
        let (shown, truncation) = check(&runtime, budget, &deep(1_000, json!(1)));
        assert!(truncation.is_some() && shown != Value::Null);
        check(&runtime, budget, &json!(vec![0; 500_000]));
        check(&runtime, budget, &json!(vec![json!({}); 100_000]));
        let map: Map<String, Value> =
            (0..100_000).map(|n| (format!("id-{n}"), json!({ "n": n, "s": "some text" }))).collect();
        check(&runtime, budget, &map.into());
        check(&runtime, budget, &json!({ "k".repeat(500_000): 1, "b": 2 }));
        check(&runtime, budget, &json!({ "k ".repeat(500_000): 1 }));
        check(&runtime, budget, &json!("字".repeat(300_000)));
        check(&runtime, budget, &json!("a".repeat(1_000_000)));
        check(&runtime, budget, &json!("\u{1}\"\\".repeat(100_000)));
    }
}

#[tokio::test]
async fn characters_are_counted_as_a_program_counts_them() {
    let runtime = runtime(200).await;
    let (_, truncation) = check(&runtime, 200, &json!("🔥".repeat(1_000)));
    let cut = &truncation.unwrap().cuts[0];
    assert_eq!((cut.total, cut.kept % 2), (2_000, 0));
}

#[tokio::test]
async fn an_object_that_has_the_key_of_the_ellipsis_keeps_it() {
    let runtime = runtime(160).await;
    let value = json!({ "…": "mine", "text": "many words ".repeat(1_000) });
    let (shown, _) = present(&runtime, value);
    assert_eq!(shown["…"], "mine");
}
