//! Work for a request, and what comes up in its middle for the client.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use codemode::CancellationToken;
use codemode::connect::{Caller, InputReply};
use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use rmcp::model::{ErrorData, InputRequests, InputResponses, ServerResult};

use tokio::task::JoinHandle;

use super::asking::Ask;
use super::caller::{Raised, caller};
use super::client::{Client, Era};
use super::told::{Telling, Tellings};

/// What is done for a request, until there is its result.
pub(crate) type Work = BoxFuture<'static, Result<ServerResult, ErrorData>>;

/// How long a client is waited for to take what it is told last, and that a question has been given up.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// Work for a request. It goes on where its request ends before it does: a client of the newer era is asked in a result, and
/// asks again with its answers.
pub(crate) struct Exchange {
    work: Work,
    pub(super) raised: Raised,
    /// Stops the work.
    stop: CancellationToken,
    /// Questions that the client was asked in a result and has not answered.
    asked: BTreeMap<String, Ask>,
    /// How many questions there were.
    count: u32,
}

/// What an exchange is made of, for who goes on with it in another way.
pub(super) struct Parts {
    pub(super) work: Work,
    pub(super) raised: Raised,
    pub(super) stop: CancellationToken,
    /// Questions without an answer.
    pub(super) asked: Vec<Ask>,
}

/// How far it has come.
#[derive(Debug)]
pub(crate) enum Moved {
    /// There is a result.
    Done(Box<Result<ServerResult, ErrorData>>),
    /// The client has to be asked for this, in a result.
    Asked(InputRequests),
    /// It has taken as long as was said.
    Long,
}

impl Exchange {
    /// Begins work for a client. It is done as [`moved`](Self::moved) is polled.
    pub(crate) fn begin(
        client: &Client,
        telling: Telling,
        work: impl FnOnce(Arc<dyn Caller>, Arc<Tellings>, CancellationToken) -> Work,
    ) -> Self {
        let (caller, raised) = caller(client, telling);
        let stop = CancellationToken::new();
        let work = work(caller, Arc::clone(&raised.tellings), stop.clone());
        Self { work, raised, stop, asked: BTreeMap::new(), count: 0 }
    }

    /// Goes on until something has to be said to the client. A client of the older era is asked by the way.
    ///
    /// A client that gives the request up stops the work; then the work is waited for as well, because it ends at once.
    pub(crate) async fn moved(&mut self, client: &Client, patience: Option<Duration>) -> Moved {
        let tellings = Arc::clone(&self.raised.tellings);
        let listens = tellings.wanted(client);
        if self.collect(client.era) {
            return Moved::Asked(self.requests());
        }
        let late = async {
            match patience {
                Some(patience) => tokio::time::sleep(patience).await,
                None => std::future::pending().await,
            }
        };
        tokio::pin!(late);
        let mut answering = FuturesUnordered::new();
        // A message that is being sent is sent whole: after the answer it would come too late.
        let mut telling: Option<BoxFuture<'_, ()>> = None;
        let result = loop {
            tokio::select! {
                biased;
                result = &mut self.work => break result,
                Some(()) = answering.next() => {}
                Some(ask) = self.raised.asks.recv() => match client.era {
                    Era::Sessions => answering.push(client.ask(ask)),
                    Era::Stateless => {
                        self.hold(ask);
                        self.collect(client.era);
                        return Moved::Asked(self.requests());
                    }
                },
                () = client.left(), if !self.stop.is_cancelled() => self.stop.cancel(),
                told = tellings.next(), if listens && telling.is_none() => {
                    telling = Some(Box::pin(client.tell(told)));
                }
                () = finished(&mut telling), if telling.is_some() => telling = None,
                () = &mut late => return Moved::Long,
            }
        };
        let last_words = async {
            finished(&mut telling).await;
            for told in tellings.rest() {
                client.tell(told).await;
            }
            // Whoever asked is gone by now; the client should know.
            while answering.next().await.is_some() {}
        };
        let _ = tokio::time::timeout(LAST_WORDS, last_words).await;
        Moved::Done(Box::new(result))
    }

    /// Takes the questions that wait; says whether there are any for a result.
    fn collect(&mut self, era: Era) -> bool {
        if era == Era::Sessions {
            return false;
        }
        while let Ok(ask) = self.raised.asks.try_recv() {
            self.hold(ask);
        }
        self.asked.retain(|_, ask| !ask.is_closed());
        !self.asked.is_empty()
    }

    fn hold(&mut self, ask: Ask) {
        self.count += 1;
        self.asked.insert(format!("question-{}", self.count), ask);
    }

    fn requests(&mut self) -> InputRequests {
        let requests = self.asked.iter().map(|(key, ask)| (key.clone(), ask.input_request()));
        let requests: BTreeMap<_, _> = requests.collect();
        // What cannot be asked is not answered.
        self.asked.retain(|key, _| requests.get(key).is_some_and(Option::is_some));
        requests.into_iter().filter_map(|(key, request)| Some((key, request?))).collect()
    }

    /// Hands on what the client answered. What it did not, or not so that it is an answer, it is asked again.
    pub(crate) fn answer(&mut self, responses: &InputResponses) {
        for (key, response) in responses {
            if self.asked.get(key).is_some_and(|ask| ask.is_answered_by(response))
                && let Some(ask) = self.asked.remove(key)
            {
                ask.answer(response);
            }
        }
    }

    /// Answers all questions that the client was asked by saying that nobody does.
    pub(crate) fn unanswered(&mut self) {
        for (_, ask) in std::mem::take(&mut self.asked) {
            ask.reply(InputReply::Cancel);
        }
    }

    /// Its parts.
    pub(super) fn into_parts(self) -> Parts {
        let Self { work, raised, stop, asked, .. } = self;
        Parts { work, raised, stop, asked: asked.into_values().collect() }
    }

    /// Lets the work go on by itself, for so long, in a task of its own, until the exchange is dropped or `gone` is cancelled.
    pub(crate) fn detached(mut self, patience: Duration, gone: CancellationToken) -> Self {
        let (work, stop) = (self.work, self.stop.clone());
        let task = tokio::spawn(async move {
            tokio::pin!(work);
            tokio::select! {
                biased;
                result = &mut work => return result,
                () = gone.cancelled() => {}
                () = tokio::time::sleep(patience) => {}
            }
            stop.cancel();
            work.await
        });
        self.work = Box::pin(Detached(task));
        self
    }
}

async fn finished(sending: &mut Option<BoxFuture<'_, ()>>) {
    if let Some(sending) = sending {
        sending.await;
    }
}

/// A task that ends when nobody waits for it.
struct Detached(JoinHandle<Result<ServerResult, ErrorData>>);

impl Future for Detached {
    type Output = Result<ServerResult, ErrorData>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context).map(|joined| {
            joined.unwrap_or_else(|_| Err(ErrorData::internal_error("the work ended without a result", None)))
        })
    }
}

impl Drop for Detached {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl std::fmt::Debug for Exchange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Exchange").field("asked", &self.asked.len()).finish_non_exhaustive()
    }
}
