//! The fixtures of the rules, which are templates mostly, in the other forms that users have: what decides a rule in one
//! decides it in each.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::get_unwrap,
    clippy::print_stderr,
    reason = "what a test cannot do ends it, and what it does not test it says"
)]

mod dumped;
mod fixtures;
mod lists;
mod planned;
