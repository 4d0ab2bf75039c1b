//! `parseCidr`, `cidrSubnet`, `cidrHost`.
//!
//! In: prefixes, read as tolerantly as Azure reads them. Out: prefixes and addresses. Must not know: networks of Azure.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::array::key;
use super::{Body, INT, Row, STRING, Work, row};
use crate::expr::Refusal;
use crate::expr::eval::Answer;
use crate::value::{Data, Hole, Object, Type};

pub(super) const ROWS: &[Row] = &[
    row("parseCidr", (1, 1), &[STRING], Body::Strict(parse_cidr)).gives(Type::Object),
    row("cidrSubnet", (3, 3), &[STRING, INT], Body::Strict(cidr_subnet)).gives(Type::String),
    row("cidrHost", (2, 2), &[STRING, INT], Body::Strict(cidr_host)).hole(Hole::Segment),
];

/// A network: its first address as a number, and how many bits of it are fixed.
#[derive(Clone, Copy)]
struct Network {
    first: u128,
    length: u32,
    /// 32 or 128.
    bits: u32,
}

impl Network {
    fn new(address: u128, length: u32, bits: u32) -> Self {
        Self { first: address & mask(length, bits), length, bits }
    }

    /// Reads `10.0.0.0/16`; without a length that of the address class. Characters that no address has are skipped.
    fn parse(text: &str) -> Option<Self> {
        let kept: String = text
            .chars()
            .filter(|c| c.is_ascii_hexdigit() || matches!(c, '.' | '/' | ':') || c.is_whitespace())
            .collect();
        let mut parts = kept.split(|c: char| c == '/' || c.is_whitespace()).filter(|part| !part.is_empty());
        let address = parts.next()?;
        let (address, bits) = if address.contains(':') {
            (address.parse::<Ipv6Addr>().ok()?.to_bits(), 128)
        } else {
            (u128::from(ipv4(address)?), 32)
        };
        let length = match parts.next() {
            None if bits == 128 => 64,
            None => match (address >> 30) & 3 {
                0 | 1 => 8,
                2 => 16,
                _ => 24,
            },
            Some(length) => match length.parse::<u8>() {
                Ok(length) => u32::from(length),
                Err(_) if bits == 32 => length_of_mask(ipv4(length)?)?,
                Err(_) => return None,
            },
        };
        (length <= bits).then(|| Self::new(address, length, bits))
    }

    const fn last(self) -> u128 {
        self.first | !mask(self.length, self.bits) & mask(self.bits, self.bits)
    }

    /// How many addresses there are, less the first and the last one; the largest number for everything.
    fn usable(self) -> u128 {
        let free = self.bits - self.length;
        1_u128.checked_shl(free).map_or(u128::MAX, |all| all.saturating_sub(2))
    }

    fn show(self, address: u128) -> String {
        show(address, self.bits)
    }
}

const fn mask(length: u32, bits: u32) -> u128 {
    let all = if bits >= 128 { u128::MAX } else { (1 << bits) - 1 };
    let free = bits.saturating_sub(length);
    if free >= 128 { 0 } else { (all >> free) << free }
}

fn length_of_mask(address: u32) -> Option<u32> {
    let length = address.leading_ones();
    (address.count_ones() == length).then_some(length)
}

/// An address in one to four parts, each decimal, or octal with a leading zero; the last part fills what is left.
fn ipv4(text: &str) -> Option<u32> {
    let parts: Option<Vec<u32>> = text
        .split('.')
        .map(|part| {
            if part.is_empty() || !part.bytes().all(|b| b.is_ascii_digit()) {
                None
            } else if part.len() > 1 && part.starts_with('0') {
                u32::from_str_radix(part, 8).ok()
            } else {
                part.parse().ok()
            }
        })
        .collect();
    let parts = parts?;
    let (last, first) = parts.split_last()?;
    if first.len() > 3 || first.iter().any(|part| *part > 255) {
        return None;
    }
    let mut address: u32 = 0;
    for (i, part) in first.iter().enumerate() {
        address |= part << (24 - 8 * u32::try_from(i).ok()?);
    }
    let room = 32 - 8 * u32::try_from(first.len()).ok()?;
    if room < 32 && *last >> room != 0 { None } else { Some(address | last) }
}

/// An address as .NET writes it.
fn show(address: u128, bits: u32) -> String {
    if bits == 32 {
        return Ipv4Addr::from(u32::try_from(address).unwrap_or(u32::MAX)).to_string();
    }
    let groups = Ipv6Addr::from(address).segments();
    let [.., fifth, sixth, seventh, _] = groups;
    let low_only = address >> 64 == 0 && seventh != 0;
    let embedded =
        (low_only && matches!((fifth, sixth), (0, 0 | 0xffff) | (0xffff, 0))) || (fifth, sixth) == (0, 0x5efe);
    if embedded {
        let low = Ipv4Addr::from(u32::try_from(address & 0xffff_ffff).unwrap_or(0));
        return format!("{}{low}", compressed(groups.get(..6).unwrap_or_default(), true));
    }
    compressed(&groups, false)
}

/// Groups with their longest run of zeros, of at least two, cut out; something follows where `more`.
fn compressed(groups: &[u16], more: bool) -> String {
    let (mut start, mut length) = (0, 0);
    let mut run = 0;
    for (i, group) in groups.iter().enumerate() {
        run = if *group == 0 { run + 1 } else { 0 };
        if run > length {
            (start, length) = (i + 1 - run, run);
        }
    }
    let hex = |groups: &[u16]| groups.iter().map(|group| format!("{group:x}")).collect::<Vec<_>>().join(":");
    if length < 2 {
        return if more { format!("{}:", hex(groups)) } else { hex(groups) };
    }
    let before = hex(groups.get(..start).unwrap_or_default());
    let after = hex(groups.get(start + length..).unwrap_or_default());
    let colon = if more && !after.is_empty() { ":" } else { "" };
    format!("{before}::{after}{colon}")
}

fn network(work: &Work<'_, '_, '_>) -> Result<Network, Refusal> {
    work.str(0)
        .and_then(Network::parse)
        .ok_or_else(|| work.refuse(0, format!("{} wants a prefix such as 10.0.0.0/16", work.row.name)))
}

fn parse_cidr(work: &Work<'_, '_, '_>) -> Answer {
    let network = network(work)?;
    let (first, last) = (network.first, network.last());
    let small = network.bits == 32 && network.length > 30;
    let (low, high) = match network.bits {
        32 if small => (first, first),
        32 => (first + 1, last - 1),
        _ => (first, last),
    };
    let text = |address: u128| work.part(Data::String(network.show(address).into()));
    let mut object = Object::new();
    object.push(key(work, "network", 0), text(first));
    object.push(key(work, "netmask", 0), text(mask(network.length, network.bits)));
    if network.bits == 32 {
        object.push(key(work, "broadcast", 0), text(last));
    }
    object.push(key(work, "firstUsable", 0), text(low));
    object.push(key(work, "lastUsable", 0), text(high));
    object.push(key(work, "cidr", 0), work.part(Data::Int(i64::from(network.length))));
    work.give_object(object)
}

fn cidr_subnet(work: &Work<'_, '_, '_>) -> Answer {
    let network = network(work)?;
    let (Some(length), Some(index)) = (work.int(1), work.int(2)) else { return work.undecided() };
    let Some(length) = u32::try_from(length).ok().filter(|length| (network.length..=network.bits).contains(length))
    else {
        let (least, most) = (network.length, network.bits);
        return Err(work.refuse(1, format!("the length of a subnet here is {least} to {most}, not {length}")));
    };
    let room = length - network.length;
    let Some(index) = u128::try_from(index)
        .ok()
        .filter(|index| i32::try_from(*index).is_ok() && (room >= 128 || *index >> room == 0))
    else {
        return Err(work.refuse(2, format!("there is no subnet {index} of length {length} in this prefix")));
    };
    let step = network.bits - length;
    let first = network.first + index.checked_shl(step).unwrap_or(0);
    work.give_str(&format!("{}/{length}", network.show(first)))
}

fn cidr_host(work: &Work<'_, '_, '_>) -> Answer {
    let network = network(work)?;
    let Some(index) = work.int(1) else { return work.undecided() };
    let refused = || work.refuse(1, format!("there is no host {index} in this prefix, counted from 0"));
    if i32::try_from(index).is_err() {
        return Err(refused());
    }
    if u128::try_from(index).is_ok_and(|index| index >= network.usable()) {
        return Err(refused());
    }
    // Azure counts on below the prefix for negative numbers, and around the end of the address space.
    let moved = network.first.wrapping_add_signed(i128::from(index) + 1) & mask(network.bits, network.bits);
    work.give_str(&network.show(moved))
}
