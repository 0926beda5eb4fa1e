//! Bearer tokens (RFC 6750), compared in constant time.

use http::HeaderMap;
use http::header::AUTHORIZATION;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::fault::Verdict;

/// A credential of which only the digest is kept. Digests have one length, so that comparing them tells nothing about
/// the length either.
#[derive(Clone)]
pub(super) struct Secret([u8; 32]);

impl Secret {
    pub(super) fn new(text: &str) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(&Sha256::digest(text));
        Self(bytes)
    }

    fn is(&self, text: &str) -> bool {
        self.0.ct_eq(&Self::new(text).0).into()
    }
}

/// What the request's credentials are worth.
pub(super) fn check(headers: &HeaderMap, secret: &Secret) -> Verdict {
    let Some(header) = headers.get(AUTHORIZATION) else {
        return Verdict::Missing;
    };
    let token = header.to_str().ok().and_then(|text| {
        let (scheme, token) = text.trim().split_once(' ')?;
        let bearer = scheme.eq_ignore_ascii_case("bearer");
        bearer.then_some(token.trim())
    });
    match token {
        Some(token) if secret.is(token) => Verdict::Granted,
        _ => Verdict::Wrong,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_token_itself_opens() {
        let secret = Secret::new("s3cret");
        let verdict = |header: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, header.parse().unwrap());
            check(&headers, &secret)
        };
        assert_eq!(verdict("Bearer s3cret"), Verdict::Granted);
        assert_eq!(verdict("bearer  s3cret"), Verdict::Granted);
        for wrong in [
            "Bearer",
            "Bearer ",
            "Bearer s3cre",
            "Bearer s3crets",
            "Basic s3cret",
            "s3cret",
            "Bearer S3CRET",
        ] {
            assert_eq!(verdict(wrong), Verdict::Wrong, "{wrong}");
        }
        assert_eq!(check(&HeaderMap::new(), &secret), Verdict::Missing);
    }
}
