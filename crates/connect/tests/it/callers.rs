//! What comes up in the middle of a call reaches the one who made it, and nobody else.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use codemode_connect::{
    Accepts, BoxFuture, Call, Caller, Connector, Input, InputReply, Log, LogLevel, Mcp, Progress,
};
use serde_json::{Value, json};

use crate::fake;

const LONG: Duration = Duration::from_secs(20);

/// Answers everything with its own name, and notes what it hears.
struct Client {
    name: &'static str,
    accepts: Accepts,
    heard: Mutex<Vec<String>>,
}

impl Client {
    fn new(name: &'static str, accepts: Accepts) -> Arc<Self> {
        Arc::new(Self { name, accepts, heard: Mutex::default() })
    }

    fn note(&self, what: &str, label: Option<String>) {
        self.heard.lock().unwrap().push(format!("{what} {}", label.unwrap_or_default()));
    }

    fn heard(&self) -> Vec<String> {
        std::mem::take(&mut *self.heard.lock().unwrap())
    }

    fn call(self: &Arc<Self>, tool: &str, arguments: Value, label: &str) -> Call {
        let mut call = Call::new(tool, arguments, LONG);
        (call.caller, call.label) = (Some(Arc::clone(self) as Arc<dyn Caller>), Some(label.to_owned()));
        call
    }
}

impl Caller for Client {
    fn principal(&self) -> &str {
        self.name
    }

    fn accepts(&self) -> Accepts {
        self.accepts
    }

    fn input(&self, input: Input) -> BoxFuture<'static, InputReply> {
        self.note("asked", input.label);
        assert_eq!(input.params["message"], "name?");
        let reply = InputReply::Give(json!({ "name": self.name }));
        Box::pin(async { reply })
    }

    fn progress(&self, progress: Progress) {
        self.note("progress", progress.label);
    }

    fn log(&self, log: Log) {
        assert_eq!((log.level, log.logger.as_deref()), (LogLevel::Warning, Some("disk")));
        self.note(&format!("log {}", log.data), log.label);
    }
}

fn form() -> Value {
    json!({"method": "elicitation/create", "params": {"message": "name?", "requestedSchema": {"type": "object"}}})
}

fn server(kind: &str) -> Mcp {
    let server = Mcp::stdio("up", fake::command(kind));
    server.forward(Accepts::ALL);
    server
}

async fn call(server: &Mcp, call: Call) -> Value {
    server.call(call).await.unwrap().value
}

#[tokio::test]
async fn the_caller_is_asked_and_told() {
    let ann = Client::new("ann", Accepts::ALL);
    let given = json!({"action": "accept", "content": {"name": "ann"}});
    let older = server("full");
    assert_eq!(call(&older, ann.call("ask", form(), "a1")).await["result"], given);
    assert_eq!(ann.heard(), ["asked a1"]);
    call(&older, ann.call("progress", json!({}), "a2")).await;
    assert_eq!(ann.heard(), ["progress a2", "progress a2", "progress a2"]);
    call(&older, ann.call("log", json!({}), "a3")).await;
    assert_eq!(ann.heard(), ["log {\"full\":0.5} a3"]);
    let newer = server("full-modern");
    assert_eq!(call(&newer, ann.call("ask", form(), "a4")).await["answers"]["first"], given);
    assert_eq!(ann.heard(), ["asked a4", "asked a4"]);
}

#[tokio::test]
async fn nobody_is_asked_what_another_may_be_meant_by() {
    let (ann, bob) = (Client::new("ann", Accepts::ALL), Client::new("bob", Accepts::ALL));
    let server = server("full");
    call(&server, ann.call("echo", json!({}), "a0")).await;
    let hangs = server.call(ann.call("hang", json!({}), "a1"));
    let asks = async {
        tokio::task::yield_now().await;
        call(&server, bob.call("ask", form(), "b1")).await
    };
    let answer = tokio::select! {
        biased;
        _ = hangs => panic!("it hangs"),
        answer = asks => answer,
    };
    assert_eq!(answer["error"]["code"], -32600, "{answer}");
    assert_eq!((ann.heard(), bob.heard()), (vec![], vec![]));
}

#[tokio::test]
async fn two_requests_of_one_principal_are_no_reason_to_refuse() {
    let ann = Client::new("ann", Accepts::ALL);
    let server = server("full");
    call(&server, ann.call("echo", json!({}), "a0")).await;
    let hangs = server.call(ann.call("hang", json!({}), "a1"));
    let asks = call(&server, ann.call("ask", form(), "a2"));
    let answer = tokio::select! {
        biased;
        _ = hangs => panic!("it hangs"),
        answer = asks => answer,
    };
    assert_eq!(answer["result"]["content"]["name"], "ann");
    // Which of the two it is of, the server does not say.
    assert_eq!(ann.heard(), ["asked "]);
}

#[tokio::test]
async fn what_a_caller_does_not_accept_it_is_not_asked() {
    let none = Client::new("none", Accepts::default());
    let older = server("full");
    let declared = json!({"elicitation": {"form": {}, "url": {}}, "sampling": {}, "roots": {}});
    assert_eq!(call(&older, none.call("client", json!({}), "")).await, declared);
    assert_eq!(call(&older, none.call("ask", form(), "")).await["error"]["code"], -32601);
    let newer = server("full-modern");
    assert_eq!(call(&newer, none.call("client", json!({}), "")).await, json!({}));
    let forms = Client::new("forms", Accepts { form: true, ..Accepts::default() });
    assert_eq!(call(&newer, forms.call("client", json!({}), "")).await, json!({"elicitation": {"form": {}}}));
    assert!(newer.call(none.call("ask", form(), "")).await.is_err());
    assert!(none.heard().is_empty());
}
