//! Any request: the first line is method and target, the rest the body. The server answers it, and answers the next one.
#![no_main]

#[path = "world.rs"]
mod world;

use http::{Method, StatusCode};
use libfuzzer_sys::fuzz_target;
use world::World;

fuzz_target!(|bytes: &[u8]| {
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let body = bytes.get(line.len() + 1..).unwrap_or_default();
    let Ok(line) = std::str::from_utf8(line) else { return };
    let Some((method, target)) = line.split_once(' ') else { return };
    let Ok(method) = method.parse::<Method>() else { return };
    let mut world = World::new();
    let target = target.replace("{user}", &world.user).replace("{group}", &world.group);
    if !target.starts_with('/') {
        return;
    }
    let head = method == Method::HEAD;
    if let Some((status, reply)) = world.ask(method, &target, body)
        && !head
    {
        World::expect_sound(status, &reply);
    }
    let (status, _) = world.ask(Method::GET, "/Users?count=1", b"").expect("a legal request");
    assert_eq!(status, StatusCode::OK);
});
