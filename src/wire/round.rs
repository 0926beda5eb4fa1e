//! Jobs that run at the same time, in lock-step.
//!
//! An IdP works for many people at once, and a target that reads a group, changes its copy and writes it back loses members
//! then. To show that and still be repeatable, jobs do not race each other here: each runs until it wants to send, and when
//! all that run want to, their requests make a round. A round's requests get their numbers in an order drawn from the seed
//! and are under way together; when the last is answered, all answers are handed out. What is sent therefore depends on
//! the seed and on what the target answers, and on nothing else.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::{BoxFuture, join, join_all};
use tokio::sync::{Notify, oneshot};

use super::{Failure, FailureKind, Reply, Request, Wire};
use crate::directory::Dice;

/// A job that waits for its wire.
pub type Work<'a, T> = Box<dyn FnOnce(Wire) -> BoxFuture<'a, T> + Send + 'a>;

/// The rounds of jobs that run together.
#[derive(Debug)]
pub(super) struct Rounds {
    state: Mutex<State>,
    /// Rung when a job waits, and when one ends.
    bell: Notify,
}

#[derive(Debug)]
struct State {
    running: usize,
    waiting: Vec<Waiting>,
}

/// A request that waits for its round.
#[derive(Debug)]
struct Waiting {
    wire: Wire,
    request: Request,
    reply: oneshot::Sender<Result<Reply, Failure>>,
}

impl Rounds {
    fn new(jobs: usize) -> Self {
        Self {
            state: Mutex::new(State {
                running: jobs,
                waiting: Vec::new(),
            }),
            bell: Notify::new(),
        }
    }

    /// Puts a request into the next round, and waits for its reply.
    pub(super) async fn send(&self, wire: &Wire, request: Request) -> Result<Reply, Failure> {
        let (reply, replied) = oneshot::channel();
        let wire = wire.clone();
        self.state().waiting.push(Waiting {
            wire,
            request,
            reply,
        });
        self.bell.notify_one();
        // The rounds go on as long as a job waits; without them the whole step has been given up.
        replied.await.unwrap_or_else(|_| {
            Err(Failure {
                exchange: 0,
                kind: FailureKind::Closed,
                message: "the step was given up".to_owned(),
            })
        })
    }

    fn ended(&self) {
        self.state().running -= 1;
        self.bell.notify_one();
    }

    /// One round after the other, until no job runs.
    async fn go(&self, order: &mut Dice) {
        loop {
            let mut round = self.next().await;
            if round.is_empty() {
                return;
            }
            shuffle(&mut round, order);
            play(round).await;
        }
    }

    /// The requests of the next round: those of all jobs that run.
    async fn next(&self) -> Vec<Waiting> {
        loop {
            {
                let mut state = self.state();
                if state.waiting.len() == state.running {
                    return std::mem::take(&mut state.waiting);
                }
            }
            self.bell.notified().await;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Written down in order, under way together, written down again in order; then whoever looks on has a look after each write.
async fn play(round: Vec<Waiting>) {
    let mut begun = Vec::new();
    for waiting in &round {
        begun.push(waiting.wire.begin(&waiting.request).await);
    }
    let under_way = round.iter().zip(begun);
    let under_way = under_way.map(|(waiting, begun)| waiting.wire.travel(begun));
    let back = join_all(under_way).await;
    let ends = round.iter().zip(back);
    let outcomes: Vec<_> = ends
        .map(|(waiting, back)| waiting.wire.end(&waiting.request, back))
        .collect();
    for (waiting, outcome) in round.iter().zip(&outcomes) {
        waiting.wire.watch(&waiting.request, outcome).await;
    }
    for (waiting, outcome) in round.into_iter().zip(outcomes) {
        // A job that was given up takes no reply.
        let _ = waiting.reply.send(outcome);
    }
}

/// Every order is equally likely.
pub(crate) fn shuffle<T>(things: &mut [T], order: &mut Dice) {
    for last in (1..things.len()).rev() {
        let other = order.below(last as u64 + 1);
        things.swap(last, usize::try_from(other).unwrap_or(last));
    }
}

impl Wire {
    /// Runs jobs, at most so many at the same time as this wire allows, and returns what they return, in their order.
    ///
    /// Jobs beyond the bound wait until all of the first are done.
    pub async fn abreast<'a, T: Send>(&self, order: &mut Dice, jobs: Vec<Work<'a, T>>) -> Vec<T> {
        let mut results = Vec::with_capacity(jobs.len());
        let mut jobs = jobs.into_iter();
        loop {
            let some: Vec<_> = jobs.by_ref().take(self.at_once()).collect();
            if some.is_empty() {
                return results;
            }
            let rounds = Arc::new(Rounds::new(some.len()));
            let running = some.into_iter().map(|job| {
                let rounds = Arc::clone(&rounds);
                let working = job(self.in_rounds(&rounds));
                async move {
                    let result = working.await;
                    rounds.ended();
                    result
                }
            });
            let (some, ()) = join(join_all(running), rounds.go(order)).await;
            results.extend(some);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
    use std::time::Duration;

    use super::super::tape::{Answered, Failed, Recorder, Sent};
    use super::super::transport::{Incoming, Outgoing, Transport, TransportError};
    use super::super::{Authority, Basis, Clock, Limits, Method, Secrets, WireOptions};
    use super::*;

    /// Counts how many requests are under way.
    #[derive(Default)]
    struct Counter {
        now: AtomicUsize,
        most: AtomicUsize,
        sent: Mutex<Vec<(u64, String)>>,
    }

    impl Transport for Counter {
        fn send(
            &self,
            _: Outgoing,
            _: Duration,
        ) -> BoxFuture<'_, Result<Incoming, TransportError>> {
            Box::pin(async move {
                let now = self.now.fetch_add(1, Ordering::Relaxed) + 1;
                self.most.fetch_max(now, Ordering::Relaxed);
                tokio::task::yield_now().await;
                self.now.fetch_sub(1, Ordering::Relaxed);
                Ok(Incoming {
                    status: 204,
                    headers: Vec::new(),
                    body: bytes::Bytes::new(),
                })
            })
        }
    }

    impl Recorder for Counter {
        fn sent(&self, line: Sent) {
            self.sent.lock().unwrap().push((line.n, line.target));
        }
        fn answered(&self, _: Answered) {}
        fn failed(&self, _: Failed) {}
    }

    impl Authority for Counter {
        fn header(&self) -> BoxFuture<'_, Result<Option<(String, String)>, String>> {
            Box::pin(async { Ok(None) })
        }
    }

    /// Five jobs of two requests each, at most so many at once.
    async fn played(seed: u64, at_once: usize) -> (Vec<String>, usize, Vec<usize>) {
        let counter = Arc::new(Counter::default());
        let options = WireOptions {
            transport: Arc::clone(&counter) as _,
            base_path: String::new(),
            host: "scim.example.com".to_owned(),
            authority: Arc::clone(&counter) as _,
            recorder: Arc::clone(&counter) as _,
            secrets: Arc::new(Mutex::new(Secrets::default())),
            clock: Clock::start(),
            limits: Limits::default(),
            numbers: Arc::new(AtomicU64::new(0)),
        };
        let wire = Wire::new(options, "test", "test").bounded(at_once);
        let job = |n: usize| -> Work<'static, usize> {
            Box::new(move |wire| {
                Box::pin(async move {
                    for turn in 0..2 {
                        let target = format!("/Users?{n}.{turn}");
                        let request = Request::new(Method::Get, target, Basis::inferred("test"));
                        wire.send(request).await.unwrap();
                    }
                    n
                })
            })
        };
        let mut dice = Dice::new(seed, "test", "test");
        let results = wire.abreast(&mut dice, (0..5).map(job).collect()).await;
        let sent = std::mem::take(&mut *counter.sent.lock().unwrap());
        let numbers: Vec<u64> = sent.iter().map(|(n, _)| *n).collect();
        assert_eq!(numbers, (0..10).collect::<Vec<_>>());
        let targets = sent.into_iter().map(|(_, target)| target).collect();
        (targets, counter.most.load(Ordering::Relaxed), results)
    }

    #[tokio::test]
    async fn jobs_run_abreast_in_an_order_of_the_seed_and_within_the_bound() {
        let (sent, most, results) = played(1, 5).await;
        assert_eq!((most, results), (5, vec![0, 1, 2, 3, 4]));
        assert!(sent[..5].iter().all(|target| target.ends_with(".0")));
        assert_eq!(sent, played(1, 5).await.0);
        let other = played(2, 5).await.0;
        assert_ne!(sent, other);
        let sorted = |mut sent: Vec<String>| {
            sent.sort();
            sent
        };
        assert_eq!(sorted(sent), sorted(other));
        assert_eq!(played(1, 2).await.1, 2);
    }

    #[tokio::test]
    async fn one_at_a_time_is_one_after_the_other() {
        let (sent, most, _) = played(1, 1).await;
        assert_eq!(most, 1);
        let in_order: Vec<String> = (0..5)
            .flat_map(|n| [format!("/Users?{n}.0"), format!("/Users?{n}.1")])
            .collect();
        assert_eq!(sent, in_order);
    }
}
