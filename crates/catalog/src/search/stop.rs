//! English words that say nothing about a tool.

use std::collections::HashSet;
use std::sync::LazyLock;

/// Function words, and the words with which people ask a machine for anything at all.
const STOP_WORDS: &str = "a an the of to in on for and or is are was were be been being with by from at as it its this \
    that these those i me my mine myself you your yours we our us they them their he she his her him what which who whom \
    whose how why when where can could do does did doing done please would should will shall may might must am have has \
    had having so if then than there here any some all each every such own same too very just also into about over under \
    again once not no nor only both more most other up down out off via per etc like want need help know let tell give us \
    using use used within based provide provided including include ensure";

static STOPPED: LazyLock<HashSet<&str>> = LazyLock::new(|| STOP_WORDS.split_whitespace().collect());

/// Whether `word`, in lower case and not stemmed, says nothing about a tool.
pub(crate) fn is_stop_word(word: &str) -> bool {
    STOPPED.contains(word)
}
