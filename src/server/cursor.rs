//! Cursors (RFC 9865): where a page ended, sealed so that no other is believed.
//!
//! A cursor holds all that the server must know, so that none is kept and none expires. What it grants is nothing:
//! credentials are checked for every page.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::scim::message::Query;

/// Where a page ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position(pub(super) u64);

/// The seal covers tenant, endpoint and every parameter that decides what the pages hold.
fn seal(scope: &str, query: &Query, position: Position) -> [u8; 16] {
    let mut hash = Sha256::new();
    let parts = [
        Some(scope),
        query.filter.as_deref(),
        query.sort_by.as_deref(),
        query.sort_order.as_deref(),
    ];
    for part in parts {
        let part = part.unwrap_or_default();
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    hash.update(position.0.to_be_bytes());
    let mut seal = [0; 16];
    seal.copy_from_slice(&hash.finalize()[..16]);
    seal
}

/// The cursor of a position.
pub(super) fn write(scope: &str, query: &Query, position: Position) -> String {
    let mut bytes = [0; 24];
    bytes[..8].copy_from_slice(&position.0.to_be_bytes());
    bytes[8..].copy_from_slice(&seal(scope, query, position));
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The position of a cursor, if this server wrote it for this query.
pub(super) fn read(scope: &str, query: &Query, cursor: &str) -> Option<Position> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let bytes: [u8; 24] = bytes.try_into().ok()?;
    let mut number = [0; 8];
    number.copy_from_slice(&bytes[..8]);
    let position = Position(u64::from_be_bytes(number));
    let genuine = seal(scope, query, position).ct_eq(&bytes[8..]);
    bool::from(genuine).then_some(position)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_believed_for_its_own_query_only() {
        let query = Query::default();
        let other = Query {
            filter: Some("a pr".to_owned()),
            ..Query::default()
        };
        let cursor = write("t1", &query, Position(7));
        let legal = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
        assert!(cursor.chars().all(legal), "{cursor}");
        assert_eq!(read("t1", &query, &cursor), Some(Position(7)));
        assert_eq!(read("t2", &query, &cursor), None);
        assert_eq!(read("t1", &other, &cursor), None);
        let mut forged = cursor.clone();
        forged.replace_range(3..4, if &cursor[3..4] == "A" { "B" } else { "A" });
        for wrong in ["", "garbage", &forged, &cursor[1..]] {
            assert_eq!(read("t1", &query, wrong), None, "{wrong}");
        }
    }
}
