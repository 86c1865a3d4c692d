//! The HTTP APIs that a command connects to.

use std::ffi::OsStr;
use std::str::FromStr;

use anyhow::bail;
use clap::builder::TypedValueParser;
use clap::error::ErrorKind;
use clap::{Arg, Command};
use codemode::Catalog;
use codemode::config::is_url;
use codemode::connect::{OpenApi, Secret, Source};

use crate::folders;
use crate::servers::check_name;

/// An API as it is written on the command line: `name=document`, a file or a URL.
#[derive(Debug, Clone)]
pub(crate) struct Api {
    name: String,
    document: String,
}

/// `name=url`.
#[derive(Debug, Clone)]
pub(crate) struct BaseUrl {
    api: String,
    url: String,
}

/// `name=reference`, or `name.scheme=reference`.
#[derive(Debug, Clone)]
pub(crate) struct Credential {
    api: String,
    scheme: Option<String>,
    secret: Secret,
}

impl FromStr for Api {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let what =
            "write NAME=FILE or NAME=URL: the name that the API has in the program, and its OpenAPI document";
        let (name, document) = split(text, what)?;
        Ok(Self { name, document })
    }
}

impl FromStr for BaseUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (api, url) = split(text, "write NAME=URL: the name of an --openapi, and where that API is")?;
        Ok(Self { api, url })
    }
}

impl FromStr for Credential {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let what = "write NAME=${env:VARIABLE}: the name of an --openapi, and where its credential is";
        let (name, reference) = text.split_once('=').ok_or(what)?;
        let (api, scheme) = match name.split_once('.') {
            Some((api, scheme)) => (api, Some(scheme.to_owned())),
            None => (name, None),
        };
        check_name(api)?;
        let secret = Secret::reference(reference).map_err(|error| error.to_string())?;
        Ok(Self { api: api.to_owned(), scheme, secret })
    }
}

/// Reads a [`Credential`]. What stands in place of a reference may be the secret itself, so that no message repeats it.
#[derive(Debug, Clone)]
pub(crate) struct Unrepeated;

impl TypedValueParser for Unrepeated {
    type Value = Credential;

    fn parse_ref(
        &self,
        command: &Command,
        _: Option<&Arg>,
        value: &OsStr,
    ) -> Result<Credential, clap::Error> {
        let text = value.to_str().ok_or_else(|| "it is not UTF-8".to_owned());
        text.and_then(str::parse).map_err(|error: String| {
            command.clone().error(ErrorKind::ValueValidation, format!("--credential: {error}"))
        })
    }
}

fn split(text: &str, what: &'static str) -> Result<(String, String), String> {
    let (name, rest) = text.split_once('=').ok_or(what)?;
    check_name(name)?;
    if rest.trim().is_empty() {
        return Err(what.to_owned());
    }
    Ok((name.to_owned(), rest.to_owned()))
}

/// The connectors for the APIs; their names are taken in `names`. Nothing is read or sent yet.
pub(crate) fn connectors(
    apis: Vec<Api>,
    base_urls: Vec<BaseUrl>,
    credentials: Vec<Credential>,
    names: &mut Catalog,
) -> anyhow::Result<Vec<OpenApi>> {
    let known = |name: &str| apis.iter().any(|api| api.name == name);
    let named = base_urls.iter().map(|base_url| &base_url.api);
    if let Some(name) =
        named.chain(credentials.iter().map(|credential| &credential.api)).find(|name| !known(name))
    {
        bail!("there is no --openapi {name}=… that {name} could be");
    }
    let mut connectors = Vec::new();
    for api in apis {
        names.insert(&api.name, Vec::new())?;
        let mut connector = OpenApi::new(&api.name, source(&api.document));
        if let Some(folder) = folders::cache() {
            connector = connector.cache(folder.join("openapi"));
        }
        for base_url in base_urls.iter().filter(|base_url| base_url.api == api.name) {
            connector = connector.base_url(&base_url.url);
        }
        for credential in credentials.iter().filter(|credential| credential.api == api.name) {
            let scheme = credential.scheme.as_deref().unwrap_or("*");
            connector = connector.credential(scheme, credential.secret.clone());
        }
        connectors.push(connector);
    }
    Ok(connectors)
}

/// A URL where it is one of HTTP, else a file.
fn source(document: &str) -> Source {
    if is_url(document) { Source::Url(document.to_owned()) } else { Source::File(document.into()) }
}
