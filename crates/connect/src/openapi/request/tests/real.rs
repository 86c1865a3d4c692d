//! The paths of real APIs.

use std::path::PathBuf;

use serde_json::json;

use super::*;

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// Operations are found by their own URLs, also where values hold slashes and spaces.
#[test]
fn operations_of_real_apis_are_found_by_their_urls() {
    for file in ["github.json", "stripe.json", "cloudflare-2024-08-06.json"] {
        let path =
            PathBuf::from(format!("{}/../../../shared/data/openapi/{file}", env!("CARGO_MANIFEST_DIR")));
        let Ok(text) = std::fs::read_to_string(path) else {
            eprintln!("SKIPPED: {file} is not there, so its paths were not tried");
            continue;
        };
        let document: Value = serde_json::from_str(&text).unwrap();
        let operations: Vec<Operation> = document["paths"]
            .as_object()
            .unwrap()
            .iter()
            .flat_map(|(path, item)| {
                METHODS.iter().filter(|method| item.get(**method).is_some()).map(move |method| (path, method))
            })
            .map(|(path, method)| operation(&method.to_uppercase(), path, parameters(path)))
            .collect();
        assert!(operations.len() > 400, "{file}: {}", operations.len());
        // Each value is another, so that no URL is that of two templates by accident.
        for (index, operation) in operations.iter().enumerate().step_by(31) {
            let names = operation.parameters.iter().enumerate();
            let arguments: Value =
                names.map(|(at, p)| (p.property.clone(), json!(format!("Z{at}/é q")))).collect();
            let sent = request(&base(), operation, &arguments).unwrap();
            assert_eq!(reached(&base(), &operations, &sent).index(), Some(index), "{file}: {}", sent.url);
            let raw_arguments =
                json!({"method": operation.method, "path": operation.path, "pathParams": arguments});
            assert_eq!(
                amounts_to(&base(), &operations, &raw_arguments).index(),
                Some(index),
                "{file}: {}",
                sent.url
            );
        }
    }
}

fn parameters(path: &str) -> Vec<WrittenParameter> {
    let mut names: Vec<&str> = path.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect();
    names.dedup();
    names.into_iter().map(|name| parameter(name, Place::Path)).collect()
}
