//! Seats: how many active people the customer has paid for.

use serde_json::json;

use super::route::Ask;
use crate::scim::Value;
use crate::server::reply::{Failure, Reply};
use crate::server::store::Store;

/// Refuses another active person where all seats are taken.
pub(in crate::server) fn check_seat(store: &Store) -> Result<(), Failure> {
    match store.seats() {
        Some(seats) if store.taken() >= seats => {
            let why = format!("no seat is free: the licence is for {seats} active people");
            Err(Failure::new(403, None, why))
        }
        _ => Ok(()),
    }
}

/// Shows how many seats there are, and how many are taken.
pub(super) fn show(ask: &Ask<'_>) -> Result<Reply, Failure> {
    let store = ask.tenant.read();
    let body = json!({ "seats": store.seats(), "taken": store.taken() });
    Ok(Reply::value(200, &body.into()))
}

/// Limits the seats. Nobody who has one loses it.
pub(super) fn limit(ask: &Ask<'_>) -> Result<Reply, Failure> {
    let body = ask.body()?;
    let seats = match body.get("seats") {
        Some(Value::Null) => None,
        other => {
            let number = other.and_then(Value::as_i64);
            let number = number.and_then(|number| u64::try_from(number).ok());
            let wrong = || Failure::value("`seats` must be a whole number, or null");
            Some(number.ok_or_else(wrong)?)
        }
    };
    ask.tenant.write().set_seats(seats);
    Ok(Reply::empty(204))
}
