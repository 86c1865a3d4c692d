//! What comes up for a client in the middle of work that is done for it.

use std::collections::BTreeMap;
use std::sync::Arc;

use codemode::connect::{Accepts, BoxFuture, Caller, Input, InputReply, Log, Progress};
use rmcp::model::{InputRequests, InputResponses};
use tokio::sync::mpsc;

use super::asking::{Ask, accepts};
use super::client::Client;
use super::told::{Telling, Tellings};

/// Questions that wait for a client. A program has 16 calls under way at most, and a call has one question at a time.
const MAX_ASKED: usize = 16;

/// What comes up. It outlives the request that began the work: whoever waits for the work next is asked and told.
#[derive(Debug)]
pub(crate) struct Raised {
    asks: mpsc::Receiver<Ask>,
    pub(super) tellings: Arc<Tellings>,
    /// Questions that were taken and have no answer.
    asked: BTreeMap<String, Ask>,
    /// How many questions there were.
    count: u32,
}

impl Raised {
    /// What comes up, and the caller that raises it in the client's name.
    pub(super) fn of(client: &Client, telling: Telling) -> (Self, Arc<dyn Caller>) {
        let (asks, raised) = mpsc::channel(MAX_ASKED);
        let tellings = Arc::new(Tellings::new(telling));
        let caller = ClientCaller {
            principal: client.principal.name().to_owned(),
            accepts: accepts(&client.capabilities),
            telling,
            asks,
            tellings: Arc::clone(&tellings),
        };
        (Self { asks: raised, tellings, asked: BTreeMap::new(), count: 0 }, Arc::new(caller))
    }

    /// The next question; `None` when there will be none. Nothing is lost when the future is dropped.
    pub(super) async fn next(&mut self) -> Option<Ask> {
        self.asks.recv().await
    }

    /// Takes a question.
    pub(super) fn hold(&mut self, ask: Ask) {
        self.count += 1;
        self.asked.insert(format!("question-{}", self.count), ask);
    }

    /// The questions that were taken and still wait for an answer.
    pub(super) fn unasked(&mut self) -> impl Iterator<Item = Ask> + use<> {
        std::mem::take(&mut self.asked).into_values().filter(|ask| !ask.is_closed())
    }

    /// All questions that wait for an answer, as they stand in a result.
    pub(super) fn requests(&mut self) -> InputRequests {
        while let Ok(ask) = self.asks.try_recv() {
            self.hold(ask);
        }
        self.asked.retain(|_, ask| !ask.is_closed());
        let requests: BTreeMap<_, _> =
            self.asked.iter().filter_map(|(key, ask)| Some((key.clone(), ask.input_request()?))).collect();
        // What cannot be asked is not answered.
        self.asked.retain(|key, _| requests.contains_key(key));
        requests
    }

    /// Hands on what the client answered. What it did not, or not so that it is an answer, it is asked again.
    pub(super) fn answer(&mut self, responses: &InputResponses) {
        for (key, response) in responses {
            if self.asked.get(key).is_some_and(|ask| ask.is_answered_by(response))
                && let Some(ask) = self.asked.remove(key)
            {
                ask.answer(response);
            }
        }
    }

    /// Says of all questions that were taken that nobody answers them.
    pub(super) fn unanswered(&mut self) {
        for ask in self.unasked() {
            ask.reply(InputReply::Cancel);
        }
    }
}

/// The one who is asked and told.
#[derive(Debug)]
struct ClientCaller {
    principal: String,
    accepts: Accepts,
    telling: Telling,
    asks: mpsc::Sender<Ask>,
    tellings: Arc<Tellings>,
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
