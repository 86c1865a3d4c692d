//! Reads the body of a request: all of it, within its size and its time, or nothing.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use http::{HeaderMap, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use tokio::time::timeout;

use super::reply::Refusal;

/// The body.
pub(super) async fn read(
    headers: &HeaderMap,
    body: Incoming,
    limit: usize,
    time: Duration,
) -> Result<Bytes, Refusal> {
    if headers.get_all(CONTENT_ENCODING).iter().any(|coding| coding != "identity") {
        let message = "the body is compressed; send it as it is";
        return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "encoding", message).closing());
    }
    let too_large = || {
        let message = format!("the body has more than {limit} bytes, which is the most a request may have");
        Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "body_size", message).closing()
    };
    let announced = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit as u64) || body.size_hint().lower() > limit as u64 {
        return Err(too_large());
    }
    match timeout(time, collect(body, limit)).await {
        Ok(Ok(Some(bytes))) => Ok(bytes),
        Ok(Ok(None)) => Err(too_large()),
        Ok(Err(_)) => {
            Err(Refusal::new(StatusCode::BAD_REQUEST, "body", "the body ended before its end").closing())
        }
        Err(_) => {
            let message = format!("the body did not come within {time:?}");
            Err(Refusal::new(StatusCode::REQUEST_TIMEOUT, "body_time", message).closing())
        }
    }
}

/// `None` where there is more than the limit.
async fn collect(mut body: Incoming, limit: usize) -> Result<Option<Bytes>, hyper::Error> {
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        if whole.len() + data.len() > limit {
            return Ok(None);
        }
        if whole.is_empty() && body.is_end_stream() {
            return Ok(Some(data));
        }
        whole.extend_from_slice(&data);
    }
    Ok(Some(whole.freeze()))
}
