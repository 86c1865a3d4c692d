//! What is connected to: what the command line names, and what is configured.

use std::str::FromStr as _;
use std::sync::Arc;

use codemode::config::{Config, Entry, Folders};
use codemode::connect::{OpenApi, Private, Secret, Source, State};
use codemode::{Builder, Catalog, Connector, Docs, Limits, Policy, Runtime};

use crate::args::{ConfigArgs, ConnectArgs, Limit};
use crate::example_server::library;
use crate::print::Printer;
use crate::rules::Rules;
use crate::wanted::Wanted;
use crate::{apis, configured, folders, servers};

/// Connectors, none of which was started yet, and the configuration that goes with them.
pub(crate) struct Gathered {
    /// Those that the command line names. They stay what they are for as long as the process runs.
    named: Vec<Arc<dyn Connector>>,
    /// Those that are configured, with what they were made of.
    configured: Vec<(Entry, Arc<dyn Connector>)>,
    pub(crate) config: Config,
    rules: Rules,
}

/// Where connectors come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum From {
    /// The command line and the configuration.
    Everywhere,
    /// The command line alone; of the configuration only what it says of other things.
    CommandLine,
}

impl Gathered {
    /// What is `wanted` of all that is configured and that `arguments` name.
    ///
    /// # Errors
    ///
    /// Among others, a connector that is wanted and not there.
    pub(crate) async fn read(
        arguments: ConnectArgs,
        wanted: &Wanted,
        from: From,
        printer: &Printer,
    ) -> anyhow::Result<Self> {
        let ConnectArgs { config, mcp, openapi, base_url, credential, env, demo, rules } = arguments;
        let config = configured::read(&config, printer)?.config;
        let mut names = Catalog::default();
        let servers = servers::connectors(&mcp, &env, demo, &mut names)?;
        let apis = apis::connectors(openapi, base_url, credential, &mut names)?;
        if demo {
            names.insert(library::NAME, Vec::new())?;
        }
        // What the command line names takes the place of what is configured under that name.
        let others: Vec<Entry> = match from {
            From::Everywhere => enabled(&config)
                .filter(|entry| names.insert(&entry.name, Vec::new()).is_ok())
                .cloned()
                .collect(),
            From::CommandLine => Vec::new(),
        };
        for told in &rules.beside(&names.connectors().collect::<Vec<_>>()) {
            printer.warning(told);
        }
        let wanted = wanted.among(&names)?;
        let is_wanted =
            |name: &str| wanted.as_ref().is_none_or(|wanted| wanted.iter().any(|one| one == name));
        let mut named: Vec<Arc<dyn Connector>> = Vec::new();
        named.extend(servers.into_iter().map(|server| Arc::new(server) as Arc<dyn Connector>));
        named.extend(apis.into_iter().map(|api| Arc::new(api) as Arc<dyn Connector>));
        named.retain(|connector| is_wanted(connector.name()));
        if demo && is_wanted(library::NAME) {
            named.push(Arc::new(library().await?));
        }
        let others = others.into_iter().filter(|entry| is_wanted(&entry.name));
        let configured = others.map(made).collect();
        Ok(Self { named, configured, config, rules })
    }

    /// The same with the configuration as it is now: what is configured as before stays the very connector that it is.
    ///
    /// # Errors
    ///
    /// What is wrong with the configuration.
    pub(crate) fn again(
        &self,
        arguments: &ConfigArgs,
        from: From,
        printer: &Printer,
    ) -> anyhow::Result<Self> {
        let config = configured::read(arguments, printer)?.config;
        let mut configured = Vec::new();
        if from == From::Everywhere {
            for entry in enabled(&config) {
                let known = self.configured.iter().find(|(known, _)| known == entry);
                let is_named = self.named.iter().any(|connector| connector.name() == entry.name);
                match known {
                    _ if is_named => {}
                    // One that is down loses nothing by being made anew, and may find now what it lacked.
                    Some((entry, connector)) if is_well(connector.state()) => {
                        configured.push((entry.clone(), Arc::clone(connector)));
                    }
                    _ => configured.push(made(entry.clone())),
                }
            }
        }
        let (named, rules) = (self.named.clone(), self.rules.clone());
        Ok(Self { named, configured, config, rules })
    }

    /// All connectors, in the order in which a model is shown them.
    pub(crate) fn connectors(&self) -> Vec<Arc<dyn Connector>> {
        let configured = self.configured.iter().map(|(_, connector)| connector);
        self.named.iter().chain(configured).map(Arc::clone).collect()
    }

    /// The configured rules, and after them those of the command line.
    pub(crate) fn policy(&self) -> Policy {
        self.rules.clone().after(self.config.policy())
    }

    /// The configured limits, with these over them.
    ///
    /// # Errors
    ///
    /// A limit that cannot be honoured.
    pub(crate) fn limits(&self, set: &[Limit]) -> anyhow::Result<Limits> {
        let mut limits = Limits::default();
        self.config.set_limits(&mut limits);
        for limit in set {
            limits.set(&limit.name, &limit.value)?;
        }
        Ok(limits)
    }

    /// What a runtime with all this is built with.
    ///
    /// # Errors
    ///
    /// As [`limits`](Self::limits).
    pub(crate) fn builder(&self, limits: &[Limit]) -> anyhow::Result<Builder> {
        let builder = Runtime::builder().policy(self.policy()).surface(self.config.surface());
        let builder = builder.limits(self.limits(limits)?).connectors(self.connectors());
        let builder = builder.docs(Docs::read(self.config.docs().iter().cloned()));
        Ok(match folders::state() {
            Some(folder) => builder.state(folder),
            None => builder,
        })
    }
}

fn enabled(config: &Config) -> impl Iterator<Item = &Entry> {
    config.connectors.iter().filter(|entry| entry.enabled)
}

fn is_well(state: State) -> bool {
    matches!(state, State::Idle | State::Ready)
}

fn made(entry: Entry) -> (Entry, Arc<dyn Connector>) {
    let connector = entry.connector(&Folders { cache: folders::cache(), state: folders::state() });
    (entry, connector)
}

/// The example API, which this process serves itself.
async fn library() -> anyhow::Result<OpenApi> {
    let url = library::start().await?;
    let base = url.trim_end_matches(library::DOCUMENT).to_owned() + "/v1";
    // The document that we hold: at its URL, whose port is another each time, it would be another API each time.
    Ok(OpenApi::new(library::NAME, Source::Bytes(library::OPENAPI.into()))
        .base_url(base)
        .allow(Private::from_str("127.0.0.1")?)
        .credential("key", Secret::new(library::KEY)?))
}
