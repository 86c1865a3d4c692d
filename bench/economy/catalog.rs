//! Catalogs of a given size that have the tools of the tasks.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use codemode::connect::{BoxFuture, Call, CallError, Command, Error, Mcp, OpenApi, Reply, Select, Source};
use codemode::{Connector, Listing, Tool};
use serde_json::{Value, json};

use crate::conventional;
use crate::servers::Servers;
use crate::tasks::FILES;

/// The tools that the tasks use: with them alone a catalog has ten.
const USED: [(&str, &[&str]); 5] = [
    ("weather", &["get-weather", "calculate"]),
    ("orders", &["list"]),
    ("customers", &["batchGet"]),
    ("files", &["list_directory", "read_text_file", "write_file"]),
    ("memory", &["create_entities", "search_nodes", "add_observations"]),
];

pub struct Catalog {
    pub connectors: Vec<Arc<dyn Connector>>,
    /// The tools as MCP lists them, every reference in a schema written out.
    pub listed: Vec<Value>,
    /// The folder that the file system's server has.
    pub root: PathBuf,
}

/// A catalog of `size` tools with servers of its own; `None` where there is nothing to fill it with.
pub async fn directly(size: usize, servers: &Servers) -> Option<Catalog> {
    let root = folder();
    let mut left = size;
    let (mut connectors, mut listed): (Vec<Arc<dyn Connector>>, Vec<Value>) = (Vec::new(), Vec::new());
    for (name, used) in USED {
        let inner = server(name, servers, &root);
        let Listing { mut tools, .. } = inner.list().await.unwrap();
        if size <= 10 {
            tools.retain(|tool| used.contains(&&*tool.name));
        }
        add(&mut connectors, &mut listed, &mut left, Arc::new(Filled { inner: Some(inner), name, tools }))
            .await;
    }
    if left > 0 {
        for (name, tools) in others()? {
            let name: &'static str = name.leak();
            let tools = tools.into_iter().take(left).collect();
            add(&mut connectors, &mut listed, &mut left, Arc::new(Filled { inner: None, name, tools })).await;
        }
    }
    if left > 0 {
        let api = github(left).await?;
        add(&mut connectors, &mut listed, &mut left, Arc::new(api)).await;
    }
    assert_eq!(listed.len(), size);
    Some(Catalog { connectors, listed, root })
}

async fn add(
    connectors: &mut Vec<Arc<dyn Connector>>,
    listed: &mut Vec<Value>,
    left: &mut usize,
    connector: Arc<dyn Connector>,
) {
    let listing = connector.list().await.unwrap();
    *left -= listing.tools.len();
    for tool in &listing.tools {
        let mut shown: Value = serde_json::from_str(&conventional::full(tool, &listing)).unwrap();
        shown["name"] = json!(format!("{}__{}", connector.name(), tool.name));
        listed.push(shown);
    }
    if !listing.tools.is_empty() {
        connectors.push(connector);
    }
}

/// A folder with the files of the tasks.
fn folder() -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let root = std::env::temp_dir().join(format!("codemode-economy-{}-{count}", std::process::id()));
    std::fs::create_dir_all(&root).unwrap();
    let root = root.canonicalize().unwrap();
    for (name, text) in FILES {
        std::fs::write(root.join(name), text()).unwrap();
    }
    root
}

fn server(name: &'static str, servers: &Servers, root: &Path) -> Arc<dyn Connector> {
    let node = |package: &str| Command::new("node").arg(servers.packages.join(package).join("dist/index.js"));
    let command = match name {
        "files" => node("server-filesystem").arg(root),
        "memory" => node("server-memory").env("MEMORY_FILE_PATH", root.join(".memory.jsonl")),
        group => Command::new(&servers.codemode).arg("example-server").arg(group),
    };
    Arc::new(Mcp::stdio(name, command))
}

/// Tools of servers that no task uses.
fn others() -> Option<Vec<(String, Vec<Tool>)>> {
    let text = std::fs::read_to_string(data("mcp_servers_tools_list.json")?).ok()?;
    let servers: serde_json::Map<String, Value> = serde_json::from_str(&text).unwrap();
    let others = servers.into_iter().filter(|(name, _)| !["filesystem", "memory"].contains(&name.as_str()));
    Some(
        others
            .map(|(name, tools)| (name.replace('-', "_") + "_server", serde_json::from_value(tools).unwrap()))
            .collect(),
    )
}

/// As many operations of GitHub's API, evenly chosen.
async fn github(count: usize) -> Option<OpenApi> {
    let file = data("openapi/github.json")?;
    let api = || OpenApi::new("github", Source::from(file.clone())).without_raw_requests();
    let Listing { tools, .. } = api().list().await.unwrap();
    let chosen = tools.iter().step_by(tools.len() / count).take(count);
    Some(chosen.fold(api(), |api, tool| api.include(Select::Operation(tool.name.clone()))))
}

fn data(file: &str) -> Option<PathBuf> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().find_map(|up| {
        let file = up.join("../shared/data").join(file);
        file.is_file().then_some(file)
    });
    if data.is_none() {
        println!("SKIPPED: there is no {file} beside the repository");
    }
    data
}

/// Some tools of a server, or of none.
struct Filled {
    inner: Option<Arc<dyn Connector>>,
    name: &'static str,
    tools: Vec<Tool>,
}

impl Connector for Filled {
    fn name(&self) -> &str {
        self.name
    }

    fn list(&self) -> BoxFuture<'_, Result<Listing, Error>> {
        let tools = self.tools.clone();
        Box::pin(async move { Ok(tools.into()) })
    }

    fn call(&self, call: Call) -> BoxFuture<'_, Result<Reply, CallError>> {
        self.inner.as_ref().unwrap().call(call)
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            if let Some(inner) = &self.inner {
                inner.close().await;
            }
        })
    }
}
