//! What a connector's tools say that may deceive whoever reads it: it is shown without being asked for.

use codemode::{Runtime, Warning};

use crate::print::Printer;

/// Whether somebody may be deceived, rather than a tool be called something else than on its server.
pub(crate) fn is_hazard(warning: &Warning) -> bool {
    matches!(warning, Warning::Hidden { .. } | Warning::LookAlike { .. } | Warning::MixedScripts { .. })
}

/// Those of all connectors.
pub(crate) fn of(runtime: &Runtime) -> Vec<String> {
    runtime.warnings().iter().filter(|warning| is_hazard(warning)).map(ToString::to_string).collect()
}

/// Warns of those of all connectors.
pub(crate) fn warn(runtime: &Runtime, printer: &Printer) {
    of(runtime).iter().for_each(|hazard| printer.warning(hazard));
}

/// Notes the others.
pub(crate) fn renames(runtime: &Runtime, printer: &Printer) {
    for warning in runtime.warnings().iter().filter(|warning| !is_hazard(warning)) {
        printer.note(&format!("note: {warning}"));
    }
}
