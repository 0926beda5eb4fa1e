//! Resource ids: drawn from a seed, so that a run can be repeated; in the form of a random UUID, so that clients meet
//! what they would meet elsewhere.

use std::fmt;

use sha2::{Digest, Sha256};

/// The id of a resource: 16 bytes, shown as a UUID.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Id(u128);

impl Id {
    /// Reads an id in the one form that [`fmt::Display`] writes: ids are case-exact (RFC 7643 §3.1).
    pub(super) fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        if bytes.len() != 36 {
            return None;
        }
        let mut number = 0_u128;
        for (i, byte) in bytes.iter().enumerate() {
            match (i, byte) {
                (8 | 13 | 18 | 23, b'-') => {}
                (8 | 13 | 18 | 23, _) => return None,
                (_, b'0'..=b'9') => number = number << 4 | u128::from(byte - b'0'),
                (_, b'a'..=b'f') => number = number << 4 | u128::from(byte - b'a' + 10),
                _ => return None,
            }
        }
        Some(Self(number))
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut hex = [0; 32];
        data_encoding::HEXLOWER.encode_mut(&self.0.to_be_bytes(), &mut hex);
        let hex = std::str::from_utf8(&hex).map_err(|_| fmt::Error)?;
        for (dash, group) in [
            ("", 0..8),
            ("-", 8..12),
            ("-", 12..16),
            ("-", 16..20),
            ("-", 20..32),
        ] {
            f.write_str(dash)?;
            f.write_str(&hex[group])?;
        }
        Ok(())
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Gives one new id after another.
#[derive(Debug, Clone)]
pub(super) struct IdSource {
    start: Sha256,
    drawn: u64,
}

impl IdSource {
    /// Ids of one tenant: two tenants of one seed draw different ones, in whatever order requests come.
    pub(super) fn new(seed: u64, tenant: &str) -> Self {
        let mut start = Sha256::new();
        start.update(seed.to_be_bytes());
        start.update(tenant);
        Self { start, drawn: 0 }
    }

    /// Another source, which draws other ids.
    pub(super) fn of(&self, purpose: &str) -> Self {
        let mut start = self.start.clone();
        start.update(purpose);
        Self { start, drawn: 0 }
    }

    /// How many were drawn.
    pub(super) fn drawn(&self) -> u64 {
        self.drawn
    }

    /// Goes on after that many.
    pub(super) fn go_on_after(&mut self, drawn: u64) {
        self.drawn = drawn;
    }

    pub(super) fn draw(&mut self) -> Id {
        self.drawn += 1;
        let mut hash = self.start.clone();
        hash.update(self.drawn.to_be_bytes());
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash.finalize()[..16]);
        // Version 4, variant 1 (RFC 9562 §5.4).
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        Id(u128::from_be_bytes(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_draws_the_same_ids_and_another_tenant_other_ones() {
        let draw = |seed, tenant| {
            let mut ids = IdSource::new(seed, tenant);
            [ids.draw(), ids.draw()]
        };
        assert_eq!(draw(1, "a"), draw(1, "a"));
        assert_ne!(draw(1, "a")[0], draw(1, "a")[1]);
        assert_ne!(draw(1, "a"), draw(1, "b"));
        assert_ne!(draw(1, "a"), draw(2, "a"));
    }

    #[test]
    fn an_id_is_read_in_its_own_spelling_only() {
        let id = IdSource::new(0, "t").draw();
        let text = id.to_string();
        assert_eq!(Id::parse(&text), Some(id));
        assert_eq!(&text[14..15], "4");
        for other in [
            text.to_uppercase(),
            text.replace('-', ""),
            format!("{text} "),
            String::new(),
        ] {
            assert_eq!(Id::parse(&other), None, "{other}");
        }
    }
}
