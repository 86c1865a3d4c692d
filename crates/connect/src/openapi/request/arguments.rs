//! An operation's arguments, put where its parameters say.

use serde_json::{Map, Value};

use super::super::api::{Body, Operation, Parameter, Place};
use super::body;
use super::disguise;
use super::header::{self, Headers};
use super::limits::{MAX_BRACKETS, MAX_HEADER_BYTES, MAX_URL_BYTES};
use super::refusal::{Refusal, Result, cut, shown};
use super::style::{self, Manner, Pairs, Unwritable};
use super::template;
use super::value::Shape;
use super::{Base, Outgoing};

/// Names of arguments that an error lists.
const LISTED: usize = 30;

/// The request of `operation` with these arguments.
pub(super) fn outgoing(base: &Base, operation: &Operation, arguments: &Value) -> Result<Outgoing> {
    let none = Map::new();
    let arguments = match arguments {
        Value::Object(arguments) => arguments,
        Value::Null => &none,
        other => {
            return Err(Refusal::new(format!("the arguments must be an object, not {}", shown(other))));
        }
    };
    let base = base.of(operation)?;
    known(operation, arguments)?;
    let path = path(operation, arguments)?;
    let mut query = Pairs::new("&", MAX_URL_BYTES);
    let mut cookies = Pairs::new("; ", MAX_HEADER_BYTES);
    let mut headers = Headers::default();
    let body = body_of(operation, arguments)?;
    for parameter in operation.parameters.iter().filter(|parameter| parameter.place != Place::Path) {
        let Some(value) = given(parameter, arguments)? else { continue };
        match parameter.place {
            Place::Query => pair(&mut query, parameter, value, ("URL", MAX_URL_BYTES))?,
            Place::Cookie => pair(&mut cookies, parameter, value, ("cookies", MAX_HEADER_BYTES))?,
            Place::Header if header::is_content_type(&parameter.name) => {
                same_content_type(value, body.as_ref())?;
            }
            Place::Header => headers.add(&parameter.name, header_value(parameter, value))?,
            Place::Path => {}
        }
    }
    let query = query.into_text();
    disguise::check_query(query.as_deref(), |name| {
        operation.parameters.iter().any(|known| known.place == Place::Query && known.name == name)
    })?;
    let cookie = cookies.into_text();
    headers.charge(cookie.as_ref().map_or(0, String::len))?;
    let (body, content_type) = body.unzip();
    Ok(Outgoing {
        method: operation.method.clone(),
        url: base.join(&path, query.as_deref())?,
        headers: headers.into_list(),
        cookie,
        content_type,
        body,
    })
}

/// Refuses arguments that nothing would be done with: a misspelt filter must not mean "no filter".
fn known(operation: &Operation, arguments: &Map<String, Value>) -> Result<()> {
    let mut names: Vec<&str> =
        operation.parameters.iter().map(|parameter| parameter.property.as_str()).collect();
    names.extend(operation.body.as_ref().map(|body| body.property.as_str()));
    let Some((unknown, _)) =
        arguments.iter().find(|(name, value)| !value.is_null() && !names.contains(&name.as_str()))
    else {
        return Ok(());
    };
    let known =
        if names.is_empty() { "it takes none".to_owned() } else { format!("it takes {}", listed(&names)) };
    Err(Refusal::new(format!("there is no argument {:?}; {known}", cut(unknown))))
}

fn listed(names: &[&str]) -> String {
    let first = names.iter().take(LISTED).copied().collect::<Vec<_>>().join(", ");
    if names.len() > LISTED { format!("{first}, …") } else { first }
}

/// The value of a parameter; an error if there must be one. One that only the connector sets need not be there.
fn given<'a>(parameter: &Parameter, arguments: &'a Map<String, Value>) -> Result<Option<&'a Value>> {
    let value = arguments.get(&parameter.property).filter(|value| !value.is_null());
    let is_ours = parameter.place == Place::Header
        && (header::is_forbidden(&parameter.name) || header::is_content_type(&parameter.name));
    if value.is_none() && parameter.required && !is_ours {
        return Err(Refusal::new(format!(
            "{} parameter {:?} is missing: give {:?}",
            place(parameter.place),
            parameter.name,
            parameter.property
        )));
    }
    Ok(value)
}

fn place(place: Place) -> &'static str {
    match place {
        Place::Path => "path",
        Place::Query => "query",
        Place::Header => "header",
        Place::Cookie => "cookie",
    }
}

fn path(operation: &Operation, arguments: &Map<String, Value>) -> Result<String> {
    template::fill(&operation.path, template::declared, |name| {
        let parameter = operation
            .parameters
            .iter()
            .find(|parameter| parameter.place == Place::Path && parameter.name == name)
            .ok_or_else(|| {
                Refusal::new(format!("the API's document does not describe path parameter {name:?}"))
            })?;
        let shape =
            given(parameter, arguments)?.and_then(|value| shape(parameter, value)).ok_or_else(|| {
                Refusal::new(format!("path parameter {name:?} is missing: give {:?}", parameter.property))
            })?;
        if matches!(&shape, Shape::One(one) if one.is_empty()) {
            return Err(Refusal::new(format!("path parameter {name:?} must not be empty")));
        }
        style::in_path(name, shape, parameter.style, parameter.explode, MAX_URL_BYTES)
            .map_err(|_| too_long(parameter, ("URL", MAX_URL_BYTES)))
    })
}

fn shape(parameter: &Parameter, value: &Value) -> Option<Shape> {
    if parameter.json { Shape::json(value) } else { Shape::of(value) }
}

fn pair(pairs: &mut Pairs, parameter: &Parameter, value: &Value, whole: (&'static str, usize)) -> Result<()> {
    let manner = Manner {
        style: parameter.style,
        explode: parameter.explode,
        allow_reserved: parameter.allow_reserved && parameter.place == Place::Query,
        required: parameter.required,
    };
    let added = if parameter.json {
        pairs.one(&parameter.name, &value.to_string())
    } else {
        pairs.add(&parameter.name, value, manner)
    };
    added.map_err(|why| match why {
        Unwritable::Full => too_long(parameter, whole),
        Unwritable::Nested => Refusal::new(format!(
            "{} parameter {:?} is nested deeper than {MAX_BRACKETS} levels, or under too long names",
            place(parameter.place),
            parameter.name
        )),
    })
}

fn too_long(parameter: &Parameter, (whole, most): (&'static str, usize)) -> Refusal {
    Refusal::new(format!(
        "{} parameter {:?} makes the {whole} longer than {most} bytes; give a shorter value",
        place(parameter.place),
        parameter.name
    ))
}

fn header_value(parameter: &Parameter, value: &Value) -> String {
    match shape(parameter, value) {
        Some(Shape::One(json)) if parameter.json => header::ascii(&json),
        Some(shape) => style::in_header(shape, parameter.style, parameter.explode),
        None => String::new(),
    }
}

/// Some documents declare `Content-Type` as a parameter. It follows from the body; saying it again is harmless.
fn same_content_type(value: &Value, body: Option<&body::Written>) -> Result<()> {
    let asked = value.as_str().unwrap_or_default();
    match body {
        Some((_, sent)) if body::essence(asked) != body::essence(sent) => Err(Refusal::new(format!(
            "header \"Content-Type\" cannot be {}: the body is sent as {sent}; leave it out",
            shown(value)
        ))),
        _ => Ok(()),
    }
}

fn body_of(operation: &Operation, arguments: &Map<String, Value>) -> Result<Option<body::Written>> {
    let Some(body) = &operation.body else { return Ok(None) };
    match arguments.get(&body.property).filter(|value| !value.is_null()) {
        Some(value) => written(body, value).map(Some),
        None if body.required => Err(Refusal::new(format!("{} is missing", named(body)))),
        None => Ok(None),
    }
}

fn written(body: &Body, value: &Value) -> Result<body::Written> {
    let declared = |name: &str| body.fields.contains_key(name);
    // By their names also where what is sent of them cannot be read so easily: parts.
    value.as_object().map_or(Ok(()), |fields| disguise::check_fields(fields, declared))?;
    let written = body::write(body, value).map_err(|refusal| refusal.of(&named(body)))?;
    disguise::check_body(&written, declared)?;
    Ok(written)
}

fn named(body: &Body) -> String {
    format!("the request body {:?}", body.property)
}
