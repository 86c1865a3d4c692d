//! The shared collection of hostile programs: each compiles or is refused.

use std::{fs, path::Path};

use codemode_program::{Limits, RejectionKind, compile};

use crate::depth::on_small_stack;

#[test]
fn attacks() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/cases/attacks");
    let Ok(entries) = fs::read_dir(&folder) else {
        eprintln!("SKIPPED: the shared attack programs are not at {}", folder.display());
        return;
    };
    let mut seen = 0;
    for path in
        entries.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|e| e == "js"))
    {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let source = fs::read_to_string(&path).unwrap();
        let outcome = on_small_stack(move || compile(&source, &Limits::default()));
        let kind = outcome.as_ref().err().map(|rejection| rejection.kind);
        match name.as_str() {
            "A06_import" | "A07_import_meta" => assert_eq!(kind, Some(RejectionKind::Module), "{name}"),
            "M19_source_huge" => assert_eq!(kind, Some(RejectionKind::TooLarge), "{name}"),
            _ => assert!(matches!(kind, None | Some(RejectionKind::TooDeep)), "{name}: {outcome:?}"),
        }
        seen += 1;
    }
    assert!(seen >= 81, "only {seen} attack programs were found");
}
