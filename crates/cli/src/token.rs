//! `codemode token`: what clients of `codemode serve --http` show to say who they are.

use std::time::{Duration, SystemTime};

use clap::{Args, Subcommand};
use codemode_gateway::{TokenInfo, Tokens};

use crate::print::Printer;
use crate::{exit, folders, table};

/// Make, list and revoke the tokens by which clients of `serve --http` say who they are
///
/// Once there was one, `serve --http` asks for them. A server that runs notices what is changed here with the next request.
#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    Create(CreateArgs),
    /// List the tokens: their names, whose they are, and how long they count
    List,
    /// Let a token count no longer
    Revoke {
        /// Its name
        name: String,
    },
}

/// Make a token, and print it: it is kept nowhere, and shown this once
#[derive(Debug, Args)]
pub(crate) struct CreateArgs {
    /// What the token is called: 1 to 64 letters, digits, `.`, `_`, `-` and `@`
    name: String,

    /// Whose it is: a name in [serve.principals]; several tokens may be of one [default: the token's name]
    #[arg(long, value_name = "NAME")]
    principal: Option<String>,

    /// How long it counts, such as 12h or 30d [default: until it is revoked]
    #[arg(long, value_name = "DURATION", value_parser = lifetime)]
    expires: Option<Duration>,
}

/// Does it; says what the process exits with.
pub(crate) fn token(command: TokenCommand, printer: &Printer) -> anyhow::Result<u8> {
    let state = folders::state();
    let state =
        state.ok_or_else(|| anyhow::anyhow!("there is no folder to keep tokens in: set CODEMODE_STATE"))?;
    let tokens = Tokens::new(&state);
    match command {
        TokenCommand::Create(CreateArgs { name, principal, expires }) => {
            let is_first = !tokens.are_used();
            let created = tokens.create(&name, principal.as_deref(), expires)?;
            printer.line(&created.secret)?;
            let info = &created.info;
            printer.note(&format!(
                "Keep it: it is not shown again. Clients send it as `Authorization: Bearer …`, and are then {}, {}.",
                info.principal,
                expiry(info)
            ));
            if is_first {
                printer.note("From its next start on, `codemode serve --http` asks everybody for a token.");
            }
        }
        TokenCommand::List => {
            let all = tokens.list()?;
            if all.is_empty() {
                printer.note("there are no tokens: `codemode token create NAME` makes one");
            } else {
                printer.line(&table::aligned(&all.iter().map(row).collect::<Vec<_>>()))?;
            }
        }
        TokenCommand::Revoke { name } => {
            tokens.revoke(&name)?;
            printer.line(&format!("revoked {name}"))?;
        }
    }
    Ok(exit::SUCCESS)
}

fn row(info: &TokenInfo) -> Vec<String> {
    let age = SystemTime::now().duration_since(info.created).unwrap_or_default();
    vec![
        info.name.clone(),
        format!("for {}", info.principal),
        format!("made {} ago", rounded(age)),
        expiry(info),
    ]
}

fn expiry(info: &TokenInfo) -> String {
    match info.expires.map(|expires| expires.duration_since(SystemTime::now())) {
        None => "until it is revoked".to_owned(),
        Some(Ok(left)) => format!("for {}", rounded(left)),
        Some(Err(_)) => "expired".to_owned(),
    }
}

/// In the largest unit of which there is more than one.
fn rounded(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let units = [(86_400, "days"), (3_600, "hours"), (60, "minutes")];
    let unit = units.into_iter().find(|(unit, _)| seconds >= 2 * unit);
    unit.map_or_else(
        || format!("{seconds} seconds"),
        |(unit, name)| format!("{} {name}", (seconds + unit / 2) / unit),
    )
}

/// `30d`, `12h`, `90m`.
fn lifetime(text: &str) -> Result<Duration, String> {
    let expected = || "expected a whole number of days, hours or minutes, such as 30d, 12h or 90m".to_owned();
    let unit = text.chars().next_back().ok_or_else(expected)?;
    let seconds = match unit {
        'd' => 86_400,
        'h' => 3_600,
        'm' => 60,
        _ => return Err(expected()),
    };
    let count: u32 = text.strip_suffix(unit).unwrap_or_default().parse().map_err(|_| expected())?;
    Ok(Duration::from_secs(u64::from(count) * seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lifetimes_have_a_unit() {
        assert_eq!(lifetime("30d"), Ok(Duration::from_secs(30 * 86_400)));
        assert_eq!(lifetime("90m"), Ok(Duration::from_secs(5_400)));
        for wrong in ["", "d", "30", "-1d", "1.5h", "1y", "1dd", "99999999999d"] {
            assert!(lifetime(wrong).is_err(), "{wrong}");
        }
        assert_eq!(rounded(Duration::from_secs(119)), "119 seconds");
        assert_eq!(rounded(Duration::from_secs(30 * 86_400 - 1)), "30 days");
    }
}
