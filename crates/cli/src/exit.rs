//! What the process exits with. Those of a run that failed are [`codemode::Run::exit_code`]'s.

/// A result; for `check`, a program that is one.
pub(crate) const SUCCESS: u8 = 0;
/// Whatever has no number of its own.
pub(crate) const FAILURE: u8 = 1;
/// What was typed is wrong. clap says so of what it reads; a [`Misuse`] says it of the rest.
pub(crate) const MISUSE: u8 = 2;
/// The text is not a program that can be run.
pub(crate) const REJECTED: u8 = 3;
/// Ctrl-C.
pub(crate) const CANCELLED: u8 = 130;

/// The table under `--help`.
pub(crate) const HELP: &str = "\
Exit codes:
    0  the program ended with a result
    1  the program failed, or could not be started
    2  the command line is wrong
    3  the program was rejected: it is not TypeScript, or it needs what a program cannot have
    4  a limit was hit: CPU, memory, stack, output or number of calls
    5  a call was made that is denied
   70  a defect of codemode
  124  the run took longer than it may
  130  the run was cancelled (Ctrl-C)";

/// What was typed is wrong.
#[derive(Debug)]
pub(crate) struct Misuse {
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

impl std::fmt::Display for Misuse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Misuse {}
