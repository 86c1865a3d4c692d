//! Why a secret could not be had. For the operator: a message may name files, variables and programs, and shows nothing of
//! a value, nor of what stood in place of a reference.

use std::time::Duration;

/// Why there is no such secret. Shows nothing of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// What is written is no reference.
    #[error(
        "a secret is given by reference: ${{env:NAME}}, ${{file:PATH}}, ${{keyring:NAME}} or ${{command:PROGRAM ARGUMENTS}}; what was given is not shown, in case it is a secret itself"
    )]
    NoReference,
    /// A variable of another program's configuration that has no meaning here.
    #[error("${{{variable}}} is filled in by another program and not here; write ${{env:NAME}} in its place")]
    Foreign {
        /// The variable, without what follows a colon.
        variable: &'static str,
    },
    /// There is no variable of this name in the environment.
    #[error("the environment variable {name} is not set; it is to hold a secret")]
    NotSet {
        /// The variable.
        name: String,
    },
    /// The variable holds what is no text.
    #[error("the environment variable {name} is not UTF-8")]
    NotText {
        /// The variable.
        name: String,
    },
    /// The file could not be read, or is none that holds a secret.
    #[error("the file {path}, which is to hold a secret, cannot be used: {why}")]
    File {
        /// The file as it is written in the reference.
        path: String,
        /// What is wrong.
        why: String,
    },
    /// The system's keyring did not give it.
    #[error("the keyring has no usable secret {name:?} of the service \"codemode\": {why}")]
    Keyring {
        /// The name.
        name: String,
        /// What is wrong.
        why: String,
    },
    /// The program that was to print it did not.
    #[error("the command {program}, which is to print a secret, {why}")]
    Command {
        /// The program, without its arguments.
        program: String,
        /// What happened, with the end of its standard error.
        why: String,
    },
    /// The program that was to print it took too long, and was killed.
    #[error("the command {program}, which is to print a secret, did not end within {} s", .limit.as_secs())]
    TimedOut {
        /// The program, without its arguments.
        program: String,
        /// The time it had.
        limit: Duration,
    },
    /// It is too short to be told from other text, so that it could not be taken out of results without harm.
    #[error("a secret of {observed} bytes is too short: {limit} are the least")]
    TooShort {
        /// Its length.
        observed: usize,
        /// The least.
        limit: usize,
    },
    /// It is longer than any credential.
    #[error("a secret of {observed} bytes is too long: {limit} are the most")]
    TooLong {
        /// Its length, as far as it was read.
        observed: usize,
        /// The most.
        limit: usize,
    },
    /// It holds a line break or another control character, which no header can carry.
    #[error("a secret may not hold line breaks or other control characters")]
    Control,
}
