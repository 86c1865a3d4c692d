//! Benchmarks of codemode; they are in `benches/`, and `README.md` says what each figure means.
