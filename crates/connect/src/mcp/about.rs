//! What a server says of itself as a whole.

use rmcp::model::ServerPeerInfo;

use super::limits::MAX_ABOUT_CHARS;
use crate::secret::Redactor;

/// A server's instructions; where it gives none, its title and description. Without secrets, and cut to a readable length.
pub(super) fn about(info: &ServerPeerInfo, redactor: &Redactor) -> Option<String> {
    let said = |text: &Option<String>| {
        let text = redactor.start(text.as_deref()?.trim(), MAX_ABOUT_CHARS);
        (!text.is_empty()).then_some(text)
    };
    let described = || {
        let server = info.server_info.as_ref()?;
        let lines: Vec<String> =
            [said(&server.title), said(&server.description)].into_iter().flatten().collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    };
    said(&info.instructions).or_else(described)
}

#[cfg(test)]
mod tests {
    use rmcp::model::{Implementation, ProtocolVersion, ServerCapabilities};

    use super::*;

    #[test]
    fn instructions_come_before_a_description() {
        let mut info = ServerPeerInfo::new(ProtocolVersion::LATEST, ServerCapabilities::default());
        assert_eq!(about(&info, &Redactor::default()), None);
        let mut server = Implementation::new("x", "1");
        info.server_info = Some(server.clone());
        assert_eq!(about(&info, &Redactor::default()), None);
        (server.title, server.description) = (Some("Things".to_owned()), Some("Keeps things.".to_owned()));
        info.server_info = Some(server);
        assert_eq!(about(&info, &Redactor::default()).as_deref(), Some("Things\nKeeps things."));
        info.instructions = Some(format!(" {}", "x".repeat(MAX_ABOUT_CHARS + 1)));
        assert_eq!(about(&info, &Redactor::default()), Some("x".repeat(MAX_ABOUT_CHARS)));
    }
}
