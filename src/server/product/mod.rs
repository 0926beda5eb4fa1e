#![doc = include_str!("../../../docs/product.md")]

mod administrator;
mod ban;
mod door;
mod local;
mod provisioning;
mod role;
mod route;
mod seat;
mod sign_on;

pub(super) use administrator::{administrators, check_last};
pub(super) use door::{Write, person};
pub(super) use provisioning::{check_provisioning, is_provisioning_token};
pub(super) use route::reply;
pub(super) use seat::check_seat;
