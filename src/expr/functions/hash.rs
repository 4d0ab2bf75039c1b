//! `uniqueString`, `guid`, `newGuid`: names made of hashes.
//!
//! In: strings. Out: the same texts as Azure computes. Must not know: other functions.

use uuid::Uuid;

use super::{Body, MANY, Row, STRING, Work, Zeal, row};
use crate::expr::eval::Answer;
use crate::value::{Hole, Reason};

pub(super) const ROWS: &[Row] = &[
    row("uniqueString", (1, MANY), &[STRING], Body::Strict(unique_string)).hole(Hole::Segment).zeal(Zeal::Kinds),
    row("guid", (1, MANY), &[STRING], Body::Strict(guid)).hole(Hole::Segment).zeal(Zeal::Kinds),
    row("newGuid", (0, 0), &[], Body::Runtime(Reason::RuntimeFunction)).hole(Hole::Segment),
];

/// The namespace in which `guid` makes its UUIDs of version 5.
const NAMESPACE: Uuid = Uuid::from_u128(0x11fb_06fb_712d_4ddd_98c7_e71b_bd58_8830);

fn joined(work: &Work<'_, '_, '_>) -> String {
    let texts: Vec<&str> = (0..work.args.len()).filter_map(|i| work.str(i)).collect();
    texts.join("-")
}

fn guid(work: &Work<'_, '_, '_>) -> Answer {
    work.give_str(&Uuid::new_v5(&NAMESPACE, joined(work).as_bytes()).hyphenated().to_string())
}

fn unique_string(work: &Work<'_, '_, '_>) -> Answer {
    let mut hash = murmur64(joined(work).as_bytes());
    let mut text = String::new();
    for _ in 0..13 {
        // 13 characters of 5 bits, the highest bits first; 65 bits hold 64.
        let digit = u8::try_from(hash >> 59).unwrap_or(0);
        text.push(char::from(if digit < 26 { b'a' + digit } else { b'2' + digit - 26 }));
        hash <<= 5;
    }
    work.give_str(&text)
}

/// Murmur hash in two lanes of 32 bits that are mixed into each other, seed 0.
fn murmur64(bytes: &[u8]) -> u64 {
    const C1: u32 = 0x239b_961b;
    const C2: u32 = 0xab0e_9789;
    let lane = |chunk: &[u8]| chunk.iter().rev().fold(0_u32, |word, byte| (word << 8) | u32::from(*byte));
    let (mut h1, mut h2) = (0_u32, 0_u32);
    let (blocks, rest) = bytes.as_chunks::<8>();
    for block in blocks {
        let (low, high) = block.split_at(4);
        let k1 = lane(low).wrapping_mul(C1).rotate_left(15).wrapping_mul(C2);
        h1 = (h1 ^ k1).rotate_left(19).wrapping_add(h2).wrapping_mul(5).wrapping_add(0x561c_cd1b);
        let k2 = lane(high).wrapping_mul(C2).rotate_left(17).wrapping_mul(C1);
        h2 = (h2 ^ k2).rotate_left(13).wrapping_add(h1).wrapping_mul(5).wrapping_add(0x0bca_a747);
    }
    let (low, high) = rest.split_at(rest.len().min(4));
    if !low.is_empty() {
        h1 ^= lane(low).wrapping_mul(C1).rotate_left(15).wrapping_mul(C2);
    }
    if !high.is_empty() {
        h2 ^= lane(high).wrapping_mul(C2).rotate_left(17).wrapping_mul(C1);
    }
    let length = u32::try_from(bytes.len() & 0xffff_ffff).unwrap_or(0);
    h1 ^= length;
    h2 ^= length;
    h1 = h1.wrapping_add(h2);
    h2 = h2.wrapping_add(h1);
    h1 = mix(h1);
    h2 = mix(h2);
    h1 = h1.wrapping_add(h2);
    h2 = h2.wrapping_add(h1);
    (u64::from(h2) << 32) | u64::from(h1)
}

const fn mix(mut h: u32) -> u32 {
    h = (h ^ (h >> 16)).wrapping_mul(0x85eb_ca6b);
    h = (h ^ (h >> 13)).wrapping_mul(0xc2b2_ae35);
    h ^ (h >> 16)
}
