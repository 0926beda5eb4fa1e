//! How many requests are served: one bucket of tokens for each kind of request that has a limit.

use std::sync::{Mutex, PoisonError};

use http::Method;
use jiff::Timestamp;

use super::choices::Rate;
use super::handler::Route;
use super::store::Kind;

/// The buckets of one tenant.
#[derive(Debug, Default)]
pub(super) struct Rates(Vec<(Rate, Mutex<Bucket>)>);

/// How full a bucket was, and when.
#[derive(Debug)]
struct Bucket {
    tokens: f64,
    at: Option<Timestamp>,
}

impl Rates {
    pub(super) fn new(rates: &[Rate]) -> Self {
        let bucket = |rate: &Rate| {
            let full = Bucket {
                tokens: f64::from(rate.burst),
                at: None,
            };
            (rate.clone(), Mutex::new(full))
        };
        Self(rates.iter().map(bucket).collect())
    }

    /// After how many seconds a request may be repeated, if it comes too early. A refused request costs nothing.
    pub(super) fn refuses(&self, method: &Method, route: &Route, now: Timestamp) -> Option<u64> {
        let concerned = self
            .0
            .iter()
            .filter(|(rate, _)| concerns(rate, method, route));
        let mut buckets: Vec<_> = concerned
            .map(|(rate, bucket)| (rate, bucket.lock().unwrap_or_else(PoisonError::into_inner)))
            .collect();
        let mut wait = 0.0_f64;
        for (rate, bucket) in &mut buckets {
            bucket.fill(rate, now);
            if bucket.tokens < 1.0 {
                wait = wait.max((1.0 - bucket.tokens) * 60.0 / f64::from(rate.per_minute.max(1)));
            }
        }
        if wait > 0.0 {
            return Some((wait.ceil() as u64).max(1));
        }
        for (_, bucket) in &mut buckets {
            bucket.tokens -= 1.0;
        }
        None
    }
}

impl Bucket {
    fn fill(&mut self, rate: &Rate, now: Timestamp) {
        if let Some(at) = self.at {
            let seconds = now.duration_since(at).as_secs_f64().max(0.0);
            let more = seconds * f64::from(rate.per_minute) / 60.0;
            self.tokens = (self.tokens + more).min(f64::from(rate.burst));
        }
        self.at = Some(now);
    }
}

fn concerns(rate: &Rate, method: &Method, route: &Route) -> bool {
    let single = matches!(route, Route::Resource(..));
    let endpoint = match route {
        Route::Resources(kind) | Route::Resource(kind, _) => Some(match kind {
            Kind::User => "Users",
            Kind::Group => "Groups",
        }),
        _ => None,
    };
    rate.methods.iter().any(|m| m == method.as_str())
        && (rate.endpoint.is_none() || rate.endpoint.as_deref() == endpoint)
        && (!rate.single || single)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_empties_and_fills_again() {
        let rates = Rates::new(&[
            Rate {
                methods: vec!["POST".to_owned()],
                endpoint: Some("Users".to_owned()),
                single: false,
                per_minute: 6,
                burst: 2,
            },
            Rate {
                methods: vec!["POST".to_owned(), "PATCH".to_owned()],
                endpoint: None,
                single: false,
                per_minute: 60,
                burst: 3,
            },
        ]);
        let ask = |method: Method, kind, second: i64| {
            let at = Timestamp::from_second(1_000 + second).unwrap();
            rates.refuses(&method, &Route::Resources(kind), at)
        };
        assert_eq!(ask(Method::POST, Kind::User, 0), None);
        assert_eq!(ask(Method::POST, Kind::User, 0), None);
        assert_eq!(ask(Method::POST, Kind::User, 0), Some(10));
        assert_eq!(ask(Method::POST, Kind::User, 4), Some(6));
        // Another endpoint shares the wider bucket only, and reading is not counted.
        assert_eq!(ask(Method::POST, Kind::Group, 4), None);
        assert_eq!(ask(Method::GET, Kind::User, 4), None);
        assert_eq!(ask(Method::POST, Kind::User, 10), None);
        assert_eq!(ask(Method::POST, Kind::User, 10), Some(10));
    }
}
