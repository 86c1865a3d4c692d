//! What a server says of itself as a whole.

use rmcp::model::ServerPeerInfo;

use super::limits::MAX_ABOUT_CHARS;

/// A server's instructions; where it gives none, its title and description.
pub(super) fn about(info: &ServerPeerInfo) -> Option<String> {
    let said = |text: &Option<String>| {
        let text: String = text.as_deref()?.trim().chars().take(MAX_ABOUT_CHARS).collect();
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
        assert_eq!(about(&info), None);
        let mut server = Implementation::new("x", "1");
        info.server_info = Some(server.clone());
        assert_eq!(about(&info), None);
        (server.title, server.description) = (Some("Things".to_owned()), Some("Keeps things.".to_owned()));
        info.server_info = Some(server);
        assert_eq!(about(&info).as_deref(), Some("Things\nKeeps things."));
        info.instructions = Some(format!(" {}", "x".repeat(MAX_ABOUT_CHARS + 1)));
        assert_eq!(about(&info), Some("x".repeat(MAX_ABOUT_CHARS)));
    }
}
