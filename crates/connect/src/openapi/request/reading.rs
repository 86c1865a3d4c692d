//! The ways in which servers read a path, from the one that the standards know to what lenient ones make of it: letters of
//! any case, `%2F` as a slash, empty segments dropped, what follows a `;` cut off, no file extension after the last segment.

use percent_encoding::percent_decode_str;

use super::segment;

/// One way to read a path.
#[derive(Debug, PartialEq)]
pub(super) struct Reading {
    pub(super) segments: Vec<String>,
    pub(super) is_folded: bool,
}

impl Reading {
    /// Whether a template could fit at all: for most of a large API this tells, and it costs no memory.
    pub(super) fn could_fit(&self, start: &str, path: &str) -> bool {
        let mut templates = start.split('/').skip(1).chain(split(path));
        let mut segments = self.segments.iter();
        loop {
            match (templates.next(), segments.next()) {
                (None, None) => return true,
                (Some(template), Some(segment)) => {
                    let is_plain = template.is_ascii() && !template.contains(['{', '%']);
                    if is_plain && !template.eq_ignore_ascii_case(segment) {
                        return false;
                    }
                }
                _ => return false,
            }
        }
    }
}

/// All ways to read a path, the strictest first, and none twice: most paths have two, as they are and folded.
pub(super) fn readings(path: &str) -> Vec<Reading> {
    let mut readings = Vec::new();
    for decoding in Decoding::ALL {
        let segments = decoding.segments(path);
        let cut: Vec<String> = segments.iter().map(|segment| cut(segment)).collect();
        for segments in [segments, cut] {
            for segments in [without_extension(&segments), Some(segments)].into_iter().rev().flatten() {
                for is_folded in [false, true] {
                    let segments = segments
                        .iter()
                        .map(|segment| if is_folded { fold(segment) } else { segment.clone() });
                    let reading = Reading { segments: segments.collect(), is_folded };
                    if !readings.contains(&reading) {
                        readings.push(reading);
                    }
                }
            }
        }
    }
    readings
}

/// When a server decodes a path.
#[derive(Clone, Copy)]
enum Decoding {
    /// Each segment, once, as it should.
    Once,
    /// Each segment, and what comes of it again.
    Fully,
    /// Before it looks for slashes, of which it takes several for one.
    Before,
    /// Both.
    FullyBefore,
}

impl Decoding {
    const ALL: [Self; 4] = [Self::Once, Self::Fully, Self::Before, Self::FullyBefore];

    /// The segments; a slash at the end does not count.
    fn segments(self, path: &str) -> Vec<String> {
        match self {
            Self::Once => split(path).map(once).collect(),
            Self::Fully => split(path).map(fully).collect(),
            Self::Before => merged(&once(path).replace('\\', "/")),
            Self::FullyBefore => merged(&fully(path)),
        }
    }
}

pub(super) fn split(path: &str) -> impl Iterator<Item = &str> {
    path.strip_suffix('/').unwrap_or(path).split('/').skip(1)
}

fn merged(path: &str) -> Vec<String> {
    path.split('/').filter(|segment| !segment.is_empty()).map(str::to_owned).collect()
}

fn fully(text: &str) -> String {
    segment::decoded(text).unwrap_or_else(|_| text.to_owned())
}

pub(super) fn once(segment: &str) -> String {
    percent_decode_str(segment).decode_utf8_lossy().into_owned()
}

/// A segment without the parameters that Java's servers look for in it, the spaces around it that others take away, and
/// the dots after it that Windows does.
fn cut(segment: &str) -> String {
    segment.split(';').next().unwrap_or_default().trim().trim_end_matches('.').to_owned()
}

/// Letters of either case alike, also those that only become ASCII by it, such as the Kelvin sign.
pub(in super::super) fn fold(text: &str) -> String {
    text.to_uppercase().to_lowercase()
}

fn without_extension(segments: &[String]) -> Option<Vec<String>> {
    let (last, others) = segments.split_last()?;
    let (name, _) = last.rsplit_once('.').filter(|(name, _)| !name.is_empty())?;
    Some(others.iter().cloned().chain([name.to_owned()]).collect())
}
