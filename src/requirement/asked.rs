//! What a requirement that has a probe of its own is judged by.

use crate::wire::Exchange;

/// The exchanges that name that requirement. Of a read that was asked again, because the target may lag behind, only the last
/// answer counts.
pub fn asked<'a>(exchanges: &[Exchange<'a>], id: &str) -> Vec<Exchange<'a>> {
    let again = |one: &Exchange<'_>, other: &Exchange<'_>| {
        one.is_read()
            && one.sent.by.step == other.sent.by.step
            && one.sent.method == other.sent.method
            && one.sent.target == other.sent.target
            && one.sent.body == other.sent.body
    };
    let names = |e: &&Exchange<'_>| e.sent.by.judges.iter().any(|judge| judge == id);
    let counts =
        |(at, e): &(usize, &Exchange<'_>)| !exchanges[at + 1..].iter().any(|later| again(e, later));
    exchanges
        .iter()
        .enumerate()
        .filter(|(_, e)| names(e))
        .filter(counts)
        .map(|(_, e)| Exchange::new(e.sent, e.answered, e.failed))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::sample::{Sample, get, patch};
    use super::*;

    fn targets(samples: &[Sample]) -> Vec<u16> {
        let exchanges: Vec<_> = samples.iter().map(Sample::exchange).collect();
        let asked = asked(&exchanges, "patch/takes-effect");
        asked.iter().filter_map(Exchange::status).collect()
    }

    #[test]
    fn of_a_read_that_was_asked_again_the_last_answer_counts() {
        let of = |sample: Sample, step| sample.judged_by("patch/takes-effect", step);
        let late = of(get("/Users/1", 404, ""), 1);
        let there = of(get("/Users/1", 200, "{}"), 1);
        let later = of(get("/Users/1", 200, "{}"), 2);
        let write = of(patch("/Users/1", 204, ""), 0);
        assert_eq!(
            targets(&[write.clone(), write, late, there, later]),
            [204, 204, 200, 200]
        );
        assert_eq!(targets(&[get("/Users/1", 200, "")]), [] as [u16; 0]);
    }
}
