//! Every occasion with every variant.

use std::collections::BTreeSet;

use super::*;
use crate::idp::{Outcome, VARIANTS, Variant};
use crate::wire::Method;

fn flow(variant: &Variant, occasion: &Occasion) -> Flow {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(rehearse(variant, occasion)).unwrap()
}

#[test]
fn every_variant_can_be_rehearsed_on_every_occasion_and_sends_the_same_each_time() {
    for variant in VARIANTS.iter() {
        for occasion in OCCASIONS {
            let shown = |flow: &Flow| {
                let requests = flow.arrows.iter().map(|arrow| {
                    let sent = &arrow.sent;
                    (sent.method, sent.target.clone(), sent.body.clone())
                });
                requests.collect::<Vec<_>>()
            };
            let first = flow(variant, occasion);
            let again = shown(&flow(variant, occasion));
            assert_eq!(shown(&first), again, "{} {}", variant.id, occasion.id);
            for report in &first.reports {
                let ends_well = !matches!(
                    report.outcome,
                    Outcome::Stopped { .. } | Outcome::Inconclusive { .. }
                );
                assert!(ends_well, "{} {}: {report:?}", variant.id, occasion.id);
            }
        }
    }
}

/// The facts that requests rest on are those of the table, so that `show fact` explains each of them.
#[test]
fn every_request_names_a_fact_that_is_known() {
    let mut named = BTreeSet::new();
    for variant in VARIANTS.iter() {
        for occasion in OCCASIONS {
            for arrow in flow(variant, occasion).arrows {
                named.insert(arrow.sent.basis.fact.into_owned());
            }
        }
    }
    assert!(named.len() > 20, "{named:?}");
    for id in named {
        let known = crate::fact::all().iter().any(|fact| fact.is_meant_by(&id));
        assert!(known, "{id}");
    }
}

#[test]
fn an_account_that_exists_is_linked_and_a_new_one_is_made() {
    for variant in VARIANTS.iter() {
        let makes = |id: &str| {
            let arrows = flow(variant, find(id).unwrap()).arrows;
            arrows.iter().any(|a| a.sent.method == Method::Post)
        };
        assert!(makes("assign"), "{}", variant.id);
        assert!(!makes("assign-existing"), "{}", variant.id);
        assert!(makes("push-group"), "{}", variant.id);
        assert!(!makes("link-group"), "{}", variant.id);
        assert!(
            makes("retry-tasks") || variant.id == "jumpcloud",
            "{}",
            variant.id
        );
    }
}
