//! Reads the body of a request: all of it, within its size and its time, or nothing.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use http::{HeaderMap, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::Body;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use super::reply::Refusal;

/// Bytes of all bodies that are being read, of everybody together: what clients make the server keep before it knows what they
/// ask. 64 bodies of the default limit, 4 of the largest one; requests have some KiB, of which there is room for a hundred
/// thousand. Memory takes up to twice as much, because a body is copied when it outgrows its place.
const MAX_BYTES: usize = 256 << 20;

/// Reads bodies.
pub(super) struct Bodies {
    room: Semaphore,
    limit: usize,
    time: Duration,
}

/// Why a body is not there.
enum NoBody {
    TooLarge,
    NoRoom,
    Broken,
}

impl Bodies {
    /// Of so many bytes each, and each within this time.
    pub(super) fn new(limit: usize, time: Duration) -> Self {
        Self { room: Semaphore::new(MAX_BYTES), limit, time }
    }

    /// The body.
    pub(super) async fn read(
        &self,
        headers: &HeaderMap,
        body: impl Body<Data = Bytes> + Unpin,
    ) -> Result<Bytes, Refusal> {
        let Self { limit, time, .. } = *self;
        if headers.get_all(CONTENT_ENCODING).iter().any(|coding| coding != "identity") {
            let message = "the body is compressed; send it as it is";
            return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "encoding", message).closing());
        }
        let announced =
            headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
        let is_too_large =
            announced.is_some_and(|length| length > limit as u64) || body.size_hint().lower() > limit as u64;
        let read = match is_too_large {
            true => Ok(Err(NoBody::TooLarge)),
            false => timeout(time, self.collect(body)).await,
        };
        let refusal = match read {
            Ok(Ok(bytes)) => return Ok(bytes),
            Ok(Err(NoBody::TooLarge)) => {
                let message =
                    format!("the body has more than {limit} bytes, which is the most a request may have");
                Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "body_size", message)
            }
            Ok(Err(NoBody::NoRoom)) => {
                let message = "more is being sent than there is room for; ask again later";
                Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "bodies", message).retry_after(1)
            }
            Ok(Err(NoBody::Broken)) => {
                Refusal::new(StatusCode::BAD_REQUEST, "body", "the body ended before its end")
            }
            Err(_) => {
                let message = format!("the body did not come within {time:?}");
                Refusal::new(StatusCode::REQUEST_TIMEOUT, "body_time", message)
            }
        };
        Err(refusal.closing())
    }

    async fn collect(&self, mut body: impl Body<Data = Bytes> + Unpin) -> Result<Bytes, NoBody> {
        let mut whole = BytesMut::new();
        let mut taken: Option<SemaphorePermit<'_>> = None;
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame.map_err(|_| NoBody::Broken)?.into_data() else { continue };
            if whole.len() + data.len() > self.limit {
                return Err(NoBody::TooLarge);
            }
            if whole.is_empty() && body.is_end_stream() {
                return Ok(data);
            }
            let bytes = u32::try_from(data.len()).map_err(|_| NoBody::NoRoom)?;
            let more = self.room.try_acquire_many(bytes).map_err(|_| NoBody::NoRoom)?;
            match &mut taken {
                Some(taken) => taken.merge(more),
                None => taken = Some(more),
            }
            whole.extend_from_slice(&data);
        }
        Ok(whole.freeze())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test")]
mod tests {
    use std::convert::Infallible;

    use futures_util::{StreamExt as _, stream};
    use http_body_util::StreamBody;
    use hyper::body::Frame;

    use super::*;

    #[tokio::test]
    async fn bodies_together_are_bounded() {
        let bodies = Bodies { room: Semaphore::new(10), limit: 8, time: Duration::from_secs(60) };
        let chunk = |text| Ok::<_, Infallible>(Frame::data(Bytes::from_static(text)));
        let chunks = |chunks: [&'static [u8]; 2]| stream::iter(chunks.map(chunk));
        let headers = HeaderMap::new();
        {
            let endless = StreamBody::new(chunks([b"123", b"456"]).chain(stream::pending()));
            let mut reading = Box::pin(bodies.read(&headers, endless));
            assert!(futures_util::poll!(&mut reading).is_pending());
            let other = bodies.read(&headers, StreamBody::new(chunks([b"123", b"45"]))).await;
            assert_eq!(other.unwrap_err().status, StatusCode::SERVICE_UNAVAILABLE);
            let other = bodies.read(&headers, StreamBody::new(chunks([b"1", b"234"]))).await;
            assert_eq!(other.unwrap(), "1234");
        }
        assert_eq!(bodies.room.available_permits(), 10);
        let other = bodies.read(&headers, StreamBody::new(chunks([b"1234", b"5678"]))).await;
        assert_eq!(other.unwrap(), "12345678");
        let other = bodies.read(&headers, StreamBody::new(chunks([b"1234", b"56789"]))).await;
        assert_eq!(other.unwrap_err().status, StatusCode::PAYLOAD_TOO_LARGE);
    }
}
