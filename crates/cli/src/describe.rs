//! `codemode describe`: the declaration of a tool.

use std::sync::Arc;

use codemode_catalog::nearest_name;

use crate::args::DescribeArgs;
use crate::print::Printer;
use crate::wanted::Wanted;
use crate::{connect, exit, interrupt};

/// Shows a declaration; says what the process exits with.
pub(crate) async fn describe(arguments: DescribeArgs, printer: &Arc<Printer>) -> anyhow::Result<u8> {
    let DescribeArgs { path, json, connect: to } = arguments;
    let wanted = Wanted::OfPath(path.clone());
    let Some(runtime) = connect::runtime(to, &wanted, &[], &interrupt::token(), printer).await? else {
        return Ok(exit::CANCELLED);
    };
    let unconnected = connect::is_nothing(&runtime);
    let described = runtime.describe(&path).await;
    runtime.close().await;
    match described {
        Ok(description) if json => printer.json(&description)?,
        Ok(description) => {
            printer.line(&description.types)?;
            if description.requires_approval {
                printer.note("note: a person has to approve each call of it");
            }
            if description.quarantined {
                printer.note(
                    "note: it is not called before you accept what it has become: see `codemode trust`",
                );
            }
            if description.denied {
                printer.note("note: the rules given forbid calling it");
            }
        }
        Err(unknown) => {
            printer.error(&anyhow::anyhow!("{}", unknown.message));
            let catalog = runtime.catalog();
            let near = nearest_name(&path, catalog.connectors()).filter(|_| !path.contains('.'));
            if let Some(connector) = near {
                printer.hint(&format!("there is a connector {connector}"));
            }
            if unconnected {
                printer.hint(connect::NOTHING);
            }
            return Ok(exit::FAILURE);
        }
    }
    Ok(exit::SUCCESS)
}
