//! How values are written: the styles of OpenAPI 3.1.1 ("Style Values", "Style Examples") and the collection formats of
//! Swagger 2.0, which are the same under other names.

use serde_json::Value;

use super::super::api::Style;
use super::limits::{MAX_BRACKETS, MAX_NAME_BYTES};
use super::text::{self, Bounded, Full};
use super::value::{Shape, text as plain};

/// Pairs of names and values, as in a query, in cookies, and in an urlencoded form.
#[derive(Debug)]
pub(super) struct Pairs {
    text: Bounded,
    separator: &'static str,
}

/// How one parameter or field is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manner {
    pub(super) style: Style,
    pub(super) explode: bool,
    pub(super) allow_reserved: bool,
    /// Whether an empty list is written as an empty value; else it is left out.
    pub(super) required: bool,
}

/// Why pairs cannot be written.
#[derive(Debug)]
pub(super) enum Unwritable {
    /// They are longer than they may be.
    Full,
    /// Objects are nested deeper than [`MAX_BRACKETS`], or under longer names than [`MAX_NAME_BYTES`].
    Nested,
}

impl Pairs {
    /// None yet, in at most so many bytes.
    pub(super) fn new(separator: &'static str, most: usize) -> Self {
        Self { text: Bounded::new(most), separator }
    }

    /// Their text, if there are any.
    pub(super) fn into_text(self) -> Option<String> {
        (!self.text.is_empty()).then(|| self.text.into_string())
    }

    /// Adds a parameter; nothing for `null`.
    pub(super) fn add(&mut self, name: &str, value: &Value, manner: Manner) -> Result<(), Unwritable> {
        let name = text::encoded(name);
        if manner.style == Style::Deep && (value.is_array() || value.is_object()) {
            return self.deep(&name, value, manner, 0);
        }
        match Shape::of(value) {
            None => Ok(()),
            Some(shape) => self.shape(&name, shape, manner),
        }
    }

    /// Adds a parameter whose value is one text already.
    pub(super) fn one(&mut self, name: &str, value: &str) -> Result<(), Unwritable> {
        self.pair(&text::encoded(name), &text::encoded(value))
    }

    fn shape(&mut self, name: &str, shape: Shape, manner: Manner) -> Result<(), Unwritable> {
        if shape.is_empty() {
            return if manner.required { self.pair(name, "") } else { Ok(()) };
        }
        let write =
            |text: &str| if manner.allow_reserved { text::reserved(text) } else { text::encoded(text) };
        match shape {
            Shape::One(one) => self.pair(name, &write(&one)),
            Shape::List(items) if manner.explode => {
                items.iter().try_for_each(|item| self.pair(name, &write(item)))
            }
            Shape::Named(entries) if manner.explode => {
                entries.iter().try_for_each(|(key, value)| self.pair(&text::encoded(key), &write(value)))
            }
            shape => self.pair(name, &joined(shape.map(write), encoded_delimiter(manner.style))),
        }
    }

    /// Brackets: `filter[state]=open`. The specification knows them for flat objects only; the rest is as PHP, Rails and
    /// Node's `qs` read it: `ids[]=1` for lists of plain values, `items[0][id]=1` for others.
    fn deep(&mut self, name: &str, value: &Value, manner: Manner, depth: usize) -> Result<(), Unwritable> {
        if depth > MAX_BRACKETS {
            return Err(Unwritable::Nested);
        }
        match value {
            Value::Object(object) => object.iter().try_for_each(|(key, value)| {
                self.deep(&inner(name, &text::encoded(key))?, value, manner, depth + 1)
            }),
            Value::Array(items) if items.iter().any(|item| item.is_array() || item.is_object()) => {
                items.iter().enumerate().try_for_each(|(index, value)| {
                    self.deep(&inner(name, &index.to_string())?, value, manner, depth + 1)
                })
            }
            Value::Array(items) => {
                let name = inner(name, "")?;
                items.iter().try_for_each(|value| self.deep(&name, value, manner, depth + 1))
            }
            one => match plain(one) {
                Some(one) if manner.allow_reserved => self.pair(name, &text::reserved(&one)),
                Some(one) => self.pair(name, &text::encoded(&one)),
                None => Ok(()),
            },
        }
    }

    fn pair(&mut self, name: &str, value: &str) -> Result<(), Unwritable> {
        if !self.text.is_empty() {
            self.text.push(self.separator)?;
        }
        self.text.push(name)?;
        self.text.push("=")?;
        Ok(self.text.push(value)?)
    }
}

/// A name inside another.
fn inner(name: &str, key: &str) -> Result<String, Unwritable> {
    if name.len() + key.len() > MAX_NAME_BYTES {
        Err(Unwritable::Nested)
    } else {
        Ok(format!("{name}%5B{key}%5D"))
    }
}

impl From<Full> for Unwritable {
    fn from(_: Full) -> Self {
        Self::Full
    }
}

/// A value in a path, percent-encoded: `simple`, `label` (`.a`) or `matrix` (`;name=a`); others are written as `simple`,
/// with a delimiter of their own where they have one.
pub(super) fn in_path(
    name: &str,
    shape: Shape,
    style: Style,
    explode: bool,
    most: usize,
) -> Result<String, Full> {
    let name = text::encoded(name);
    let shape = shape.map(text::encoded);
    let mut out = Bounded::new(most);
    match style {
        Style::Label => {
            out.push(".")?;
            out.push(&if explode { listed(shape, ".") } else { joined(shape, ",") })?;
        }
        Style::Matrix if shape.is_empty() => {
            out.push(";")?;
            out.push(&name)?;
        }
        Style::Matrix => match shape {
            Shape::List(items) if explode => {
                items.iter().try_for_each(|item| matrix(&mut out, &name, item))?;
            }
            Shape::Named(entries) if explode => {
                entries.iter().try_for_each(|(key, value)| matrix(&mut out, key, value))?;
            }
            shape => matrix(&mut out, &name, &joined(shape, ","))?,
        },
        _ => out.push(&simple(shape, explode, encoded_delimiter(style)))?,
    }
    Ok(out.into_string())
}

/// A value in a header, as it is: `simple`, or with the delimiter of another style.
pub(super) fn in_header(shape: Shape, style: Style, explode: bool) -> String {
    let delimiter = match style {
        Style::Space => " ",
        Style::Pipe => "|",
        Style::Tabs => "\t",
        _ => ",",
    };
    simple(shape, explode, delimiter)
}

fn simple(shape: Shape, explode: bool, delimiter: &str) -> String {
    if explode { listed(shape, delimiter) } else { joined(shape, delimiter) }
}

/// What stands between the parts of a value that is written as one, percent-encoded.
fn encoded_delimiter(style: Style) -> &'static str {
    match style {
        Style::Space => "%20",
        Style::Pipe => "%7C",
        Style::Tabs => "%09",
        _ => ",",
    }
}

fn matrix(out: &mut Bounded, name: &str, value: &str) -> Result<(), Full> {
    out.push(";")?;
    out.push(name)?;
    if value.is_empty() {
        return Ok(());
    }
    out.push("=")?;
    out.push(value)
}

/// Names and values alternating: `R,100,G,200`.
fn joined(shape: Shape, delimiter: &str) -> String {
    match shape {
        Shape::One(one) => one,
        Shape::List(items) => items.join(delimiter),
        Shape::Named(entries) => {
            entries.into_iter().flat_map(|(name, value)| [name, value]).collect::<Vec<_>>().join(delimiter)
        }
    }
}

/// Names with their values: `R=100,G=200`.
fn listed(shape: Shape, delimiter: &str) -> String {
    match shape {
        Shape::Named(entries) => {
            entries.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(delimiter)
        }
        shape => joined(shape, delimiter),
    }
}
