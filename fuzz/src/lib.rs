//! What fuzz targets share: how one is declared, what an input may cost, and changes to JSON that stay JSON.
//!
//! A target is one file in `src/bin`, with a function of the input's bytes that must hold whatever they are:
//!
//! ```ignore
//! #![cfg_attr(feature = "libfuzzer", no_main)]
//! codemode_fuzz::target!(run, json: ["type", "properties"]);
//! fn run(data: &[u8]) { … }
//! ```
//!
//! and a folder `corpus/<its name>` of small inputs to start from. `json:` is for targets that read JSON: inputs are then
//! changed as trees, with these words as keys and strings. `.ci/fuzz` runs every target there is.

mod bounded;
mod json;
#[cfg(not(feature = "libfuzzer"))]
mod plain;

pub use bounded::bounded;
pub use json::change;
#[cfg(feature = "libfuzzer")]
pub use libfuzzer_sys;
#[cfg(not(feature = "libfuzzer"))]
pub use plain::run as plain;

/// Makes a fuzz target of a function of bytes.
#[cfg(feature = "libfuzzer")]
#[macro_export]
macro_rules! target {
    ($run:path) => {
        $crate::libfuzzer_sys::fuzz_target!(|data: &[u8]| $crate::bounded($run, data));
    };
    ($run:path, json: $words:expr) => {
        $crate::target!($run);
        $crate::libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max: usize, seed: u32| {
            let changed = data.get(..size).and_then(|data| $crate::change(data, &$words, max, seed.into()));
            match changed.as_deref().and_then(|text| Some((text, data.get_mut(..text.len())?))) {
                Some((text, place)) => {
                    place.copy_from_slice(text);
                    text.len()
                }
                None => $crate::libfuzzer_sys::fuzzer_mutate(data, size, max),
            }
        });
    };
}

/// Makes a fuzz target of a function of bytes.
#[cfg(not(feature = "libfuzzer"))]
#[macro_export]
macro_rules! target {
    ($run:path) => {
        $crate::target!($run, json: []);
    };
    ($run:path, json: $words:expr) => {
        fn main() -> std::process::ExitCode {
            $crate::plain($run, &$words)
        }
    };
}
