//! The token in a request's headers: RFC 6750, section 2.1, and none of the other ways.

use http::HeaderMap;
use http::header::AUTHORIZATION;

use super::Refused;

/// Bytes of a token. The headers as a whole are bounded as well; what is larger than this is checked by nobody.
const MAX_BYTES: usize = 16 << 10;

/// The one token.
pub(super) fn token(headers: &HeaderMap) -> Result<&str, Refused> {
    let mut given = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = given.next() else { return Err(Refused::Missing) };
    if given.next().is_some() {
        return Err(Refused::Malformed("there is more than one Authorization header"));
    }
    let value = value.to_str().map_err(|_| Refused::Malformed("the Authorization header is no text"))?;
    let (scheme, token) = value.split_once(' ').ok_or(Refused::Malformed("Authorization has no token"))?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Refused::Malformed("Authorization is not of the scheme Bearer"));
    }
    let token = token.trim_matches(' ');
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
    match !token.is_empty() && token.len() <= MAX_BYTES && token.bytes().all(is_token) {
        true => Ok(token),
        false => Err(Refused::Malformed("what follows Bearer is no token")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_bearer_token_is_a_token() {
        let token_of = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(AUTHORIZATION, value.parse().unwrap());
            }
            token(&headers).map(str::to_owned)
        };
        assert_eq!(token_of(&["Bearer abc"]).as_deref(), Ok("abc"));
        assert_eq!(token_of(&["bearer  a.b-c_d~e+f/g= "]).as_deref(), Ok("a.b-c_d~e+f/g="));
        assert_eq!(token_of(&[]), Err(Refused::Missing));
        let long = format!("Bearer {}", "a".repeat(MAX_BYTES + 1));
        for wrong in ["", "Bearer", "Bearer ", "Basic abc", "Bearer a b", "Bearer a,b", "Bearer \"a\"", &long]
        {
            assert!(matches!(token_of(&[wrong]), Err(Refused::Malformed(_))), "{wrong}");
        }
        assert!(matches!(token_of(&["Bearer a", "Bearer b"]), Err(Refused::Malformed(_))));
    }
}
