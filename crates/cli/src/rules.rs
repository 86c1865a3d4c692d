//! `--allow`, `--ask` and `--deny`, whose order on the command line matters: the last rule that matches decides.

use clap::builder::NonEmptyStringValueParser;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};
use codemode::{Policy, Rule, Verdict};
use codemode_catalog::{matches, nearest_name};

const RULES: [(&str, Verdict, &str); 3] = [
    (
        "deny",
        Verdict::Deny,
        "Forbid tools: a path such as github.delete_repo, in which * stands for anything",
    ),
    (
        "ask",
        Verdict::Ask,
        "Have a person approve calls of these tools; programs cannot wait for one yet, so the calls fail. Destructive calls are asked about without it",
    ),
    (
        "allow",
        Verdict::Allow,
        "Allow tools again; of all --allow, --ask and --deny that match a tool the last decides",
    ),
];

/// The rules in the order they were given.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rules(Vec<(usize, String, Verdict)>);

impl Rules {
    /// What is said of rules that name no connector of these: a mistyped ban forbids nothing.
    pub(crate) fn beside(&self, connectors: &[&str]) -> Vec<String> {
        let beside = self.0.iter().filter_map(|(_, pattern, verdict)| {
            let (connector, _) = pattern.split_once('.')?;
            if connectors.iter().any(|known| matches(connector, known)) {
                return None;
            }
            let nearest = nearest_name(connector, connectors.iter().copied());
            let nearest = nearest.map(|name| format!("; did you mean {name}?")).unwrap_or_default();
            Some(format!("--{verdict} {pattern} is about no connector that there is{nearest}"))
        });
        beside.collect()
    }

    /// These rules after those of `policy`, so that they decide where both match.
    pub(crate) fn after(self, policy: Policy) -> Policy {
        let rules = self.0.into_iter().map(|(_, pattern, verdict)| Rule::new(verdict, pattern));
        rules.fold(policy, Policy::rule)
    }
}

impl Args for Rules {
    fn augment_args(command: Command) -> Command {
        RULES.iter().fold(command, |command, (name, _, help)| {
            let arg = Arg::new(*name).long(*name).value_name("PATTERN").help(*help);
            command.arg(arg.action(ArgAction::Append).value_parser(NonEmptyStringValueParser::new()))
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Rules {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut rules = Self::default();
        rules.update_from_arg_matches(matches)?;
        Ok(rules)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        for (name, verdict, _) in RULES {
            let places = matches.indices_of(name).into_iter().flatten();
            let patterns = matches.get_many::<String>(name).into_iter().flatten();
            self.0.extend(places.zip(patterns).map(|(place, pattern)| (place, pattern.clone(), verdict)));
        }
        self.0.sort_by_key(|(place, ..)| *place);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_about_no_connector_is_told_of() {
        let command = Rules::augment_args(Command::new("codemode"));
        let given = ["codemode", "--deny", "fles.*", "--allow", "f*.read", "--ask", "write", "--deny", "x.y"];
        let matches = command.get_matches_from(given.map(String::from));
        let told = Rules::from_arg_matches(&matches).unwrap().beside(&["files", "git"]);
        let expected = [
            "--deny fles.* is about no connector that there is; did you mean files?",
            "--deny x.y is about no connector that there is",
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn rules_keep_their_order() {
        let command = Rules::augment_args(Command::new("codemode"));
        let matches = command.get_matches_from(
            ["codemode", "--deny", "*", "--allow=demo.*", "--ask", "demo.f*", "--deny", "demo.fail"]
                .map(String::from),
        );
        let rules = Rules::from_arg_matches(&matches).unwrap();
        let policy = rules.after(Policy::new().allow("x"));
        assert_eq!(
            policy,
            Policy::new().allow("x").deny("*").allow("demo.*").ask("demo.f*").deny("demo.fail")
        );
    }
}
