//! Any bytes as a PATCH of a user and of a group: all of it happens or nothing, and both can be read afterwards.
#![no_main]

#[path = "world.rs"]
mod world;

use http::{Method, StatusCode};
use libfuzzer_sys::fuzz_target;
use world::World;

fuzz_target!(|body: &[u8]| {
    let mut world = World::new();
    for target in [format!("/Users/{}", world.user), format!("/Groups/{}", world.group)] {
        let (_, before) = world.ask(Method::GET, &target, b"").expect("a legal request");
        let (status, reply) = world.ask(Method::PATCH, &target, body).expect("a legal request");
        World::expect_sound(status, &reply);
        let (found, after) = world.ask(Method::GET, &target, b"").expect("a legal request");
        assert_eq!(found, StatusCode::OK, "{target} after {status}");
        assert_eq!(after["id"], before["id"]);
        if !status.is_success() {
            assert_eq!(after, before, "a refused PATCH changed something");
        }
    }
});
