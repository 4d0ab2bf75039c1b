//! The order of texts in the invariant culture: punctuation before digits before letters, case last.
//!
//! In: two texts. Out: their order, as the root collation of Unicode has it for Latin text (approximated beyond).
//! Must not know: functions.

use std::cmp::Ordering;

/// ASCII and what stands beside it, in the order of the root collation: white space, punctuation, symbols.
const ORDER: &str = "\t\n\u{b}\u{c}\r\u{85} _-–—,;:!?.'‘’\"“”()[]{}@*/\\&#%`´^¨¯°©®+±<=>|~$¢£¥€";

/// The order of two texts.
pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let (x, y) = (keys(a), keys(b));
    let level = |pick: fn(&Key) -> u32| {
        let own = |keys: &[Key]| keys.iter().map(pick).filter(|weight| *weight != 0).collect::<Vec<u32>>();
        own(&x).cmp(&own(&y))
    };
    level(|key| key.primary).then_with(|| level(|key| key.accent)).then_with(|| level(|key| key.case))
}

struct Key {
    primary: u32,
    accent: u32,
    case: u32,
}

fn keys(text: &str) -> Vec<Key> {
    let mut keys = Vec::new();
    for c in text.chars() {
        if c.is_control() && !matches!(c, '\t'..='\r' | '\u{85}') {
            continue;
        }
        let (base, accent) = plain(c);
        for base in base.chars() {
            keys.push(Key { primary: primary(base), accent: 1 + accent, case: 1 + u32::from(base.is_uppercase()) });
        }
    }
    keys
}

fn primary(c: char) -> u32 {
    if let Some(place) = ORDER.chars().position(|other| other == c) {
        return 1 + u32::try_from(place).unwrap_or(0);
    }
    let lower = c.to_lowercase().next().unwrap_or(c);
    match lower {
        '0'..='9' => 2_000 + u32::from(lower),
        'a'..='z' => 3_000 + 4 * (u32::from(lower) - u32::from('a')),
        'ı' => 3_000 + 4 * (u32::from('i') - u32::from('a')) + 1,
        'æ' => 3_001,
        'ø' => 3_000 + 4 * (u32::from('o') - u32::from('a')) + 1,
        _ if c.is_alphabetic() => 10_000 + u32::from(lower),
        _ => 1_000 + (u32::from(c) & 0x1ff).min(900),
    }
}

/// A letter without its accent, and a number for the accent.
fn plain(c: char) -> (String, u32) {
    const TABLE: &[(&str, &str)] = &[
        ("a", "áàăâåäãąā"),
        ("c", "ćĉčçċ"),
        ("d", "ďđ"),
        ("e", "éèĕêěëėęē"),
        ("g", "ğĝģġ"),
        ("i", "íìĭîïĩį"),
        ("l", "ĺľļł"),
        ("n", "ńňñņ"),
        ("o", "óòŏôöőõō"),
        ("r", "ŕřŗ"),
        ("s", "śŝšşș"),
        ("t", "ťţț"),
        ("u", "úùŭûůüűũųū"),
        ("w", "ŵ"),
        ("y", "ýŷÿ"),
        ("z", "źžż"),
    ];
    if c == 'ß' {
        return ("ss".to_owned(), 1);
    }
    if c == 'İ' {
        return ("I".to_owned(), 9);
    }
    let lower = c.to_lowercase().next().unwrap_or(c);
    let found = TABLE.iter().find_map(|(base, accented)| accented.chars().position(|a| a == lower).map(|i| (*base, i)));
    match found {
        Some((base, accent)) => {
            let base = if c.is_uppercase() { base.to_uppercase() } else { base.to_owned() };
            (base, 1 + u32::try_from(accent).unwrap_or(0))
        }
        None => (c.to_string(), 0),
    }
}
