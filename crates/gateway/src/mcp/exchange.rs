//! Work for a request, and what comes up in its middle for the client.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use codemode::CancellationToken;
use codemode::connect::Caller;
use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use rmcp::model::{ErrorData, InputRequests, ServerResult};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::client::{Client, Era};
use super::raised::Raised;
use super::told::{Telling, Tellings};

/// What is done for a request, until there is its result.
pub(crate) type Work = BoxFuture<'static, Result<ServerResult, ErrorData>>;

/// How long a client is waited for to take what it is told last, and that a question has been given up.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// Work for a request. It goes on where its request ends before it does: a client of the newer era is asked in a result, and
/// asks again with its answers.
pub(crate) struct Exchange {
    pub(super) work: Work,
    pub(super) raised: Raised,
    /// Stops the work.
    pub(super) stop: CancellationToken,
    /// The run that goes on for which it waits, if that raises something.
    pub(super) run_id: Option<Box<str>>,
    /// Whether what a run raises comes up here: it was begun by this, or what came up before was taken over. What a run raises
    /// that somebody else waits for comes up there.
    pub(super) is_first: bool,
    /// Until when the work goes on by itself, once it has a task of its own. `None` while somebody waits for it.
    deadline: Option<watch::Sender<Option<Instant>>>,
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
        let (raised, caller) = Raised::of(client, telling);
        let stop = CancellationToken::new();
        let work = work(caller, Arc::clone(&raised.tellings), stop.clone());
        Self { work, raised, stop, run_id: None, is_first: true, deadline: None }
    }

    /// Goes on until something has to be said to the client. A client of the older era is asked by the way; what it has not
    /// answered when there is a result can be asked again.
    ///
    /// A client that gives the request up stops the work; then the work is waited for as well, because it ends at once.
    pub(crate) async fn moved(&mut self, client: &Client, patience: Option<Duration>) -> Moved {
        let Self { work, raised, stop, deadline, .. } = self;
        if let Some(deadline) = deadline {
            deadline.send_replace(None);
        }
        let tellings = Arc::clone(&raised.tellings);
        let listens = tellings.wanted(client);
        let enough = CancellationToken::new();
        let mut answering = FuturesUnordered::new();
        match client.era {
            Era::Sessions => answering.extend(raised.unasked().map(|ask| client.ask(ask, &enough))),
            Era::Stateless => {
                let requests = raised.requests();
                if !requests.is_empty() {
                    return Moved::Asked(requests);
                }
            }
        }
        let late = async {
            match patience {
                Some(patience) => tokio::time::sleep(patience).await,
                None => std::future::pending().await,
            }
        };
        tokio::pin!(late);
        // A message that is being sent is sent whole: after the answer it would come too late.
        let mut telling: Option<BoxFuture<'_, ()>> = None;
        let result = loop {
            tokio::select! {
                biased;
                result = &mut *work => break result,
                Some(_) = answering.next() => {}
                Some(ask) = raised.next() => match client.era {
                    Era::Sessions => answering.push(client.ask(ask, &enough)),
                    Era::Stateless => {
                        raised.hold(ask);
                        let requests = raised.requests();
                        if !requests.is_empty() {
                            return Moved::Asked(requests);
                        }
                    }
                },
                () = client.left(), if !stop.is_cancelled() => stop.cancel(),
                told = tellings.next(), if listens && telling.is_none() => {
                    telling = Some(Box::pin(client.tell(told)));
                }
                () = finished(&mut telling), if telling.is_some() => telling = None,
                () = &mut late => return Moved::Long,
            }
        };
        enough.cancel();
        let last_words = async {
            finished(&mut telling).await;
            for told in tellings.rest() {
                client.tell(told).await;
            }
            while let Some(unanswered) = answering.next().await {
                unanswered.into_iter().for_each(|ask| raised.hold(ask));
            }
        };
        let _ = tokio::time::timeout(LAST_WORDS, last_words).await;
        Moved::Done(Box::new(result))
    }

    /// Lets the work go on by itself, in a task of its own, until the exchange is dropped or `gone` is cancelled, and for so
    /// long unless it is [moved](Self::moved) before.
    pub(crate) fn detached(mut self, patience: Duration, gone: CancellationToken) -> Self {
        let until = Some(Instant::now() + patience);
        if let Some(deadline) = &self.deadline {
            deadline.send_replace(until);
            return self;
        }
        let (deadline, given) = watch::channel(until);
        let (work, stop) = (self.work, self.stop.clone());
        let task = tokio::spawn(async move {
            tokio::pin!(work);
            tokio::select! {
                biased;
                result = &mut work => return result,
                () = gone.cancelled() => {}
                () = passed(given) => {}
            }
            stop.cancel();
            work.await
        });
        (self.work, self.deadline) = (Box::pin(Detached(task)), Some(deadline));
        self
    }
}

/// Waits until a deadline, whichever it is then, has passed.
async fn passed(mut deadline: watch::Receiver<Option<Instant>>) {
    loop {
        let until = *deadline.borrow_and_update();
        let late = async {
            match until {
                Some(until) => tokio::time::sleep_until(until).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            // It is not changed any more once somebody waits to the end.
            Ok(()) = deadline.changed() => {}
            () = late => return,
        }
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
        f.debug_struct("Exchange").field("raised", &self.raised).finish_non_exhaustive()
    }
}
