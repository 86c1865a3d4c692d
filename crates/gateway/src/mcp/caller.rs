//! The client as the caller of what is done for it.

use std::sync::Arc;

use codemode::connect::{Accepts, BoxFuture, Caller, Input, InputReply, Log, Progress};
use tokio::sync::mpsc;

use super::asking::{Ask, accepts};
use super::client::Client;
use super::told::{Telling, Tellings};

/// Questions that wait for a client. A program has 16 calls under way at most, and a call has one question at a time.
const MAX_ASKED: usize = 16;

/// What comes up for a client in the middle of work that is done for it. It outlives the request that began the work: whoever
/// waits for the work next is asked and told.
#[derive(Debug)]
pub(crate) struct Raised {
    pub(super) asks: mpsc::Receiver<Ask>,
    pub(super) tellings: Arc<Tellings>,
}

/// The one who is asked and told.
#[derive(Debug)]
pub(super) struct ClientCaller {
    principal: String,
    accepts: Accepts,
    telling: Telling,
    asks: mpsc::Sender<Ask>,
    tellings: Arc<Tellings>,
}

/// A caller that stands for the client, and what it raises.
pub(super) fn caller(client: &Client, telling: Telling) -> (Arc<ClientCaller>, Raised) {
    let (asks, raised) = mpsc::channel(MAX_ASKED);
    let tellings = Arc::new(Tellings::new(telling));
    let caller = ClientCaller {
        principal: client.principal.name().to_owned(),
        accepts: accepts(&client.capabilities),
        telling,
        asks,
        tellings: Arc::clone(&tellings),
    };
    (Arc::new(caller), Raised { asks: raised, tellings })
}

impl Caller for ClientCaller {
    fn principal(&self) -> &str {
        &self.principal
    }

    fn accepts(&self) -> Accepts {
        self.accepts
    }

    fn input(&self, input: Input) -> BoxFuture<'static, InputReply> {
        let (ask, answer) = Ask::new(input, self.telling == Telling::Program);
        let asked = self.asks.try_send(ask).is_ok();
        Box::pin(async move {
            if asked { answer.await.unwrap_or(InputReply::Cancel) } else { InputReply::Cancel }
        })
    }

    fn progress(&self, progress: Progress) {
        self.tellings.progress(progress);
    }

    fn log(&self, log: Log) {
        self.tellings.log(log);
    }
}
