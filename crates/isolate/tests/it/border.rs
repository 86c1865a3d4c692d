//! The border as the WebAssembly module declares it: five imports, and exports that start nothing anew.

/// `c/host.h`, in any order.
const IMPORTS: [&str; 5] = ["defer", "finish", "print", "sync", "take"];

#[test]
fn the_imports_are_the_five_of_the_border_and_none_of_wasi() {
    let mut imports = Vec::new();
    let mut reader = section(2);
    for _ in 0..reader.number() {
        let (module, name) = (reader.name(), reader.name());
        let kind = reader.byte();
        assert_eq!(kind, 0, "{module}.{name} is no function");
        reader.number();
        imports.push((module, name));
    }
    imports.sort();
    let expected: Vec<_> = IMPORTS.iter().map(|name| ("codemode".to_owned(), (*name).to_owned())).collect();
    assert_eq!(imports, expected);
}

#[test]
fn the_exports_are_two_entries_three_questions_and_the_memory() {
    let mut exports = Vec::new();
    let mut reader = section(7);
    for _ in 0..reader.number() {
        let name = reader.name();
        let kind = ["function", "table", "memory", "global"][usize::from(reader.byte())];
        reader.number();
        exports.push(format!("{kind} {name}"));
    }
    exports.sort();
    // In particular nothing that would run init again over a live heap.
    let figures = ["function heap_peak", "function resume", "function start", "function stop_requested"];
    assert_eq!(exports[..4], figures);
    assert_eq!(exports[4..], ["function waiting_at", "memory memory"]);
}

#[test]
fn nothing_runs_when_the_module_is_instantiated() {
    assert!(sections().all(|(id, _)| id != 8), "there is a start section");
}

/// The content of a section by its number.
fn section(id: u8) -> Reader<'static> {
    sections()
        .find(|(found, _)| *found == id)
        .map(|(_, content)| Reader(content))
        .expect("the section exists")
}

fn sections() -> impl Iterator<Item = (u8, &'static [u8])> {
    let mut reader = Reader(codemode_guest::WASM.strip_prefix(b"\0asm\x01\0\0\0").expect("a core module"));
    std::iter::from_fn(move || {
        (!reader.0.is_empty()).then(|| {
            let id = reader.byte();
            let len = reader.number();
            (id, reader.bytes(len))
        })
    })
}

/// As much of the binary format as the above takes.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn bytes(&mut self, len: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(len);
        self.0 = rest;
        taken
    }

    fn byte(&mut self) -> u8 {
        self.bytes(1)[0]
    }

    /// An unsigned LEB128 number.
    fn number(&mut self) -> usize {
        let mut value = 0;
        for shift in (0..).step_by(7) {
            let byte = self.byte();
            value |= usize::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                break;
            }
        }
        value
    }

    fn name(&mut self) -> String {
        let len = self.number();
        String::from_utf8(self.bytes(len).to_vec()).unwrap()
    }
}
