//! What lasts as long as an answer does.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::FutureExt as _;
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt as _;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use super::account::Permit;
use super::phase::Phase;
use super::reply::Body;
use super::sessions::InUse;
use crate::ops::Ops;

/// What a request takes. Both its answer and what answers it hold on to it: a request of a session goes on when its client
/// hangs up, and is counted for as long as it does.
pub(super) struct Taken {
    _permit: Permit,
    _session: Option<InUse>,
}

impl Taken {
    pub(super) fn new(permit: Permit, session: Option<InUse>) -> Arc<Self> {
        Arc::new(Self { _permit: permit, _session: session })
    }
}

/// A body that ends with `stop`, and with which what was taken is given back and the connection waits for the next request.
pub(super) struct Held {
    inner: Body,
    stop: Option<Pin<Box<WaitForCancellationFutureOwned>>>,
    _taken: Option<Arc<Taken>>,
    _answered: Answered,
    ops: Ops,
}

/// Tells the connection that its request was answered, when it is dropped.
pub(super) struct Answered(pub(super) Arc<Phase>);

impl Drop for Answered {
    fn drop(&mut self) {
        self.0.ended();
    }
}

impl Held {
    pub(super) fn around(
        inner: Body,
        taken: Option<Arc<Taken>>,
        answered: Answered,
        stop: Option<CancellationToken>,
        ops: Ops,
    ) -> Body {
        let stop = stop.map(|stop| Box::pin(stop.cancelled_owned()));
        Self { inner, stop, _taken: taken, _answered: answered, ops }.boxed()
    }
}

impl HttpBody for Held {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let this = self.get_mut();
        if let Some(stop) = &mut this.stop
            && stop.poll_unpin(cx).is_ready()
        {
            return Poll::Ready(None);
        }
        let polled = Pin::new(&mut this.inner).poll_frame(cx);
        if let Poll::Ready(Some(Ok(frame))) = &polled
            && let Some(data) = frame.data_ref()
        {
            this.ops.transferred(0, data.len() as u64);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
