//! A future whose panics are caught.

use std::any::Any;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Poll;

use crate::{BoxFuture, Detail};

/// Runs `start` and the future it gives; a panic in either is an error with the panic's message.
///
/// After a panic the future is dropped and nothing of it is seen again, so no broken state is observed through it; what
/// it shared with others is theirs to protect, as with any thread that panics.
pub(super) async fn caught<T>(start: impl FnOnce() -> BoxFuture<'static, T> + Send) -> Result<T, Detail> {
    let mut future = catch_unwind(AssertUnwindSafe(start)).map_err(message)?;
    poll_fn(move |context| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
        Ok(poll) => poll.map(Ok),
        Err(panic) => Poll::Ready(Err(message(panic))),
    })
    .await
}

fn message(panic: Box<dyn Any + Send>) -> Detail {
    let text = match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(panic) => panic.downcast_ref::<&str>().copied().unwrap_or("panic").to_owned(),
    };
    Detail(text)
}
