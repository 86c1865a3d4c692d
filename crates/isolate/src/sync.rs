//! Host calls that are answered at once. All are pure: what they give depends on the run's seed, the names it was
//! started with, and what it asks.

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::RngCore;
use serde_json::json;
use url::{Url, quirks};

use crate::Names;
use crate::border::Stop;

const HAS: u32 = 1;
const KEYS: u32 = 2;
const RANDOM: u32 = 3;
const URL_PARSE: u32 = 4;
const URL_SET: u32 = 5;
const NAMED: u32 = 6;

/// Random bytes of one request; `crypto.getRandomValues` allows as many.
const MAX_RANDOM_BYTES: u32 = 65_536;

/// The answer to a request, or `None` for "there is none".
pub(crate) fn answer(
    op: u32,
    payload: &[u8],
    names: &Names,
    random: &mut ChaCha20Rng,
) -> Result<Option<Vec<u8>>, Stop> {
    if op == RANDOM {
        let count = payload.try_into().map(u32::from_le_bytes);
        let count = count.map_err(|_| Stop::Protocol("random bytes without a count"))?;
        if count > MAX_RANDOM_BYTES {
            return Ok(None);
        }
        let mut bytes = vec![0; count as usize];
        random.fill_bytes(&mut bytes);
        return Ok(Some(bytes));
    }
    let text = String::from_utf8_lossy(payload);
    match op {
        HAS => {
            let (connector, tool) =
                text.split_once('\0').ok_or(Stop::Protocol("a name without connector"))?;
            Ok(names.has(connector, tool).then(Vec::new))
        }
        NAMED => Ok(names.named(&text).then(Vec::new)),
        KEYS => Ok(Some(names.keys(&text))),
        URL_PARSE => {
            let (base, text) = text.split_once('\0').ok_or(Stop::Protocol("a URL without base"))?;
            Ok(parse_url(text, base).as_ref().map(parts))
        }
        URL_SET => {
            let mut fields = text.splitn(3, '\0');
            match (fields.next(), fields.next(), fields.next()) {
                (Some(href), Some(part), Some(value)) => Ok(set_url(href, part, value).as_ref().map(parts)),
                _ => Err(Stop::Protocol("a URL part without value")),
            }
        }
        _ => Err(Stop::Protocol("an unknown synchronous request")),
    }
}

fn parse_url(text: &str, base: &str) -> Option<Url> {
    if base.is_empty() { Url::parse(text).ok() } else { Url::parse(base).ok()?.join(text).ok() }
}

/// The URL with one part set, as the setters of the web's `URL` do: a value that does not fit changes nothing.
fn set_url(href: &str, part: &str, value: &str) -> Option<Url> {
    let mut url = Url::parse(href).ok()?;
    let _ = match part {
        "protocol" => quirks::set_protocol(&mut url, value),
        "username" => quirks::set_username(&mut url, value),
        "password" => quirks::set_password(&mut url, value),
        "host" => quirks::set_host(&mut url, value),
        "hostname" => quirks::set_hostname(&mut url, value),
        "port" => quirks::set_port(&mut url, value),
        "pathname" => {
            quirks::set_pathname(&mut url, value);
            Ok(())
        }
        "search" => {
            quirks::set_search(&mut url, value);
            Ok(())
        }
        "hash" => {
            quirks::set_hash(&mut url, value);
            Ok(())
        }
        _ => return None,
    };
    Some(url)
}

fn parts(url: &Url) -> Vec<u8> {
    json!({
        "href": quirks::href(url),
        "origin": quirks::origin(url),
        "protocol": quirks::protocol(url),
        "username": quirks::username(url),
        "password": quirks::password(url),
        "host": quirks::host(url),
        "hostname": quirks::hostname(url),
        "port": quirks::port(url),
        "pathname": quirks::pathname(url),
        "search": quirks::search(url),
        "hash": quirks::hash(url),
    })
    .to_string()
    .into_bytes()
}
