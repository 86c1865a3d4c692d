//! Reading no more than was agreed.

use super::failure::Failure;

/// The body of an answer, decompressed, up to `limit` bytes. What a header claims about its length only spares the
/// reading of what is too long anyway: what counts is what comes out.
pub(super) async fn read(mut response: reqwest::Response, limit: usize) -> Result<Vec<u8>, Failure> {
    // An encoding that was understood is gone from the headers by now.
    let encoding = response.headers().get(reqwest::header::CONTENT_ENCODING);
    let is_encoded = encoding.is_some_and(|encoding| encoding != "identity");
    let too_large = |observed: u64| Failure::TooLarge { observed, limit: limit as u64 };
    if let Some(length) = response.content_length().filter(|length| *length > limit as u64) {
        return Err(too_large(length));
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(Failure::of)? {
        let length = body.len().saturating_add(chunk.len());
        if length > limit {
            return Err(too_large(length as u64));
        }
        if is_encoded {
            return Err(Failure::Encoding("it is compressed in a way that was not asked for"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
