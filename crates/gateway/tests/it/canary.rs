//! An HTTP API that keeps what it was sent.

use std::path::Path;
use std::sync::{Arc, Mutex};

use codemode::Runtime;
use codemode::config::{Config, Folders};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

pub(crate) struct Canary {
    url: String,
    seen: Arc<Mutex<String>>,
}

impl Canary {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen: Arc<Mutex<String>> = Arc::default();
        let kept = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut bytes = vec![0; 16 << 10];
                let read = stream.read(&mut bytes).await.unwrap_or_default();
                kept.lock().unwrap().push_str(&String::from_utf8_lossy(&bytes[..read]).to_lowercase());
                let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 11\r\nconnection: close";
                let _ = stream.write_all(format!("{head}\r\n\r\n{{\"ok\":true}}").as_bytes()).await;
            }
        });
        Self { url, seen }
    }

    /// A runtime whose only connector it is.
    pub(crate) async fn runtime(&self, folder: &Path) -> Runtime {
        let document = json!({
            "openapi": "3.0.3",
            "info": { "title": "Canary", "version": "1" },
            "servers": [{ "url": self.url }],
            "paths": { "/it": { "get": { "operationId": "get_it", "responses": { "200": { "description": "It" } } } } },
        });
        std::fs::write(folder.join("canary.json"), document.to_string()).unwrap();
        let text = format!("[connectors.canary]\nopenapi = 'canary.json'\nbase_url = '{}'", self.url);
        let config = Config::parse(&text, &folder.join("codemode.toml")).unwrap();
        let connector = config.connectors[0].connector(&Folders::default());
        Runtime::builder().connectors([connector]).build().await.unwrap()
    }

    /// All that it was sent, in lower case.
    pub(crate) fn seen(&self) -> String {
        self.seen.lock().unwrap().clone()
    }
}
