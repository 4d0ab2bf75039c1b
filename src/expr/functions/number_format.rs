//! The numeric formats of .NET in the invariant culture: `D5`, `X4`, `N2`, `0.0%`, …
//!
//! In: a number and a format. Out: its text, or the message of a refusal. Must not know: `format`.

/// The most digits that a precision may ask for; more would only fill memory.
const PRECISION: usize = 1000;

/// A whole number in a format.
pub(super) fn int(number: i64, spec: &str) -> Result<String, String> {
    let Some((letter, precision)) = standard(spec) else { return Ok(custom(&decimal_of_int(number), spec)) };
    let wide = precision.unwrap_or(0);
    match letter {
        'D' | 'd' => Ok(signed(number < 0, &format!("{:0>wide$}", number.unsigned_abs()))),
        'X' => Ok(format!("{number:0>wide$X}")),
        'x' => Ok(format!("{number:0>wide$x}")),
        'B' | 'b' => Ok(format!("{number:0>wide$b}")),
        'R' | 'r' => Ok(number.to_string()),
        'G' | 'g' if precision.unwrap_or(0) == 0 || precision.unwrap_or(0) >= 19 => Ok(number.to_string()),
        _ => by_decimal(&decimal_of_int(number), letter, precision),
    }
}

/// A fraction in a format.
pub(super) fn float(number: f64, spec: &str) -> Result<String, String> {
    if !number.is_finite() {
        return Ok(super::format::shortest(number));
    }
    let Some((letter, precision)) = standard(spec) else { return Ok(custom(&decimal_of_float(number), spec)) };
    match letter.to_ascii_uppercase() {
        'D' | 'X' | 'B' => Err(format!("the format `{spec}` is for whole numbers only")),
        'R' => Ok(super::format::shortest(number)),
        'G' if precision.unwrap_or(0) == 0 => Ok(super::format::shortest(number)),
        _ => by_decimal(&decimal_of_float(number), letter, precision),
    }
}

/// A letter with an optional precision; `None` for a custom format.
fn standard(spec: &str) -> Option<(char, Option<usize>)> {
    let mut chars = spec.chars();
    let letter = chars.next().filter(char::is_ascii_alphabetic)?;
    let digits = chars.as_str();
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let precision = if digits.is_empty() { None } else { Some(digits.parse::<usize>().ok()?.min(PRECISION)) };
    Some((letter, precision))
}

/// A number as sign, digits, and where the point stands (digits before it).
struct Decimal {
    negative: bool,
    digits: Vec<u8>,
    point: i32,
}

fn decimal_of_int(number: i64) -> Decimal {
    let digits: Vec<u8> = number.unsigned_abs().to_string().bytes().map(|b| b - b'0').collect();
    let point = i32::try_from(digits.len()).unwrap_or(0);
    Decimal { negative: number < 0, digits, point }
}

fn decimal_of_float(number: f64) -> Decimal {
    let scientific = format!("{:e}", number.abs());
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let digits: Vec<u8> = mantissa.bytes().filter(u8::is_ascii_digit).map(|b| b - b'0').collect();
    let exponent: i32 = exponent.parse().unwrap_or(0);
    Decimal { negative: number.is_sign_negative() && number != 0.0, digits, point: exponent.saturating_add(1) }
}

impl Decimal {
    fn is_zero(&self) -> bool {
        self.digits.iter().all(|digit| *digit == 0)
    }

    /// Rounded half away from zero to so many digits behind the point: (digits before, digits behind).
    fn fixed(&self, behind: usize) -> (String, String) {
        let behind_i = i32::try_from(behind).unwrap_or(i32::MAX);
        let keep = usize::try_from(self.point.saturating_add(behind_i).max(0)).unwrap_or(0);
        let (digits, point) = self.rounded(keep);
        let mut before = String::new();
        let mut after = String::new();
        for place in (-behind_i..point.max(1)).rev() {
            // `place` 0 is the last digit before the point.
            let index = point - 1 - place;
            let digit = usize::try_from(index).ok().and_then(|i| digits.get(i)).copied().unwrap_or(0);
            let digit = char::from(b'0' + digit);
            if place >= 0 { before.push(digit) } else { after.push(digit) }
        }
        (before, after)
    }

    /// The first digits, rounded half away from zero; a carry may add one in front.
    fn rounded(&self, keep: usize) -> (Vec<u8>, i32) {
        let mut digits: Vec<u8> = self.digits.iter().copied().take(keep).collect();
        let mut point = self.point;
        // With nothing kept, the first digit decides only when it stands directly behind the last place.
        let near = keep > 0 || self.point >= 0;
        let up = near && self.digits.get(keep).is_some_and(|digit| *digit >= 5);
        if up {
            let mut at = digits.len();
            loop {
                let Some(before) = at.checked_sub(1) else {
                    digits.insert(0, 1);
                    point = point.saturating_add(1);
                    break;
                };
                at = before;
                match digits.get_mut(at) {
                    Some(digit) if *digit < 9 => {
                        *digit += 1;
                        break;
                    }
                    Some(digit) => *digit = 0,
                    None => break,
                }
            }
        }
        (digits, point)
    }
}

fn signed(negative: bool, text: &str) -> String {
    if negative && text.bytes().any(|b| (b'1'..=b'9').contains(&b)) { format!("-{text}") } else { text.to_owned() }
}

fn grouped(before: &str) -> String {
    let mut text = String::new();
    for (i, c) in before.chars().enumerate() {
        if i > 0 && (before.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(c);
    }
    text
}

fn joined(before: &str, behind: &str) -> String {
    if behind.is_empty() { before.to_owned() } else { format!("{before}.{behind}") }
}

fn by_decimal(number: &Decimal, letter: char, precision: Option<usize>) -> Result<String, String> {
    match letter.to_ascii_uppercase() {
        'F' => {
            let (before, behind) = number.fixed(precision.unwrap_or(2));
            Ok(signed(number.negative, &joined(&before, &behind)))
        }
        'N' => {
            let (before, behind) = number.fixed(precision.unwrap_or(2));
            Ok(signed(number.negative, &joined(&grouped(&before), &behind)))
        }
        'P' => {
            let hundred = Decimal { point: number.point + 2, digits: number.digits.clone(), ..*number };
            let (before, behind) = hundred.fixed(precision.unwrap_or(2));
            Ok(signed(number.negative, &format!("{} %", joined(&grouped(&before), &behind))))
        }
        'C' => {
            let (before, behind) = number.fixed(precision.unwrap_or(2));
            let text = format!("¤{}", joined(&grouped(&before), &behind));
            let negative = number.negative && text.bytes().any(|b| (b'1'..=b'9').contains(&b));
            Ok(if negative { format!("({text})") } else { text })
        }
        'E' => Ok(exponential(number, precision.unwrap_or(6), letter, 3)),
        'G' => Ok(general(number, precision.unwrap_or(15).max(1), letter)),
        _ => Err(format!("`{letter}` is no format of a number")),
    }
}

fn exponential(number: &Decimal, behind: usize, letter: char, width: usize) -> String {
    let (digits, point) = number.rounded(behind + 1);
    let exponent = if number.is_zero() { 0 } else { point - 1 };
    let mut text: String = digits.iter().map(|digit| char::from(b'0' + digit)).take(behind + 1).collect();
    while text.len() < behind + 1 {
        text.push('0');
    }
    let (first, rest) = text.split_at(1);
    let sign = if exponent < 0 { '-' } else { '+' };
    let e = if letter.is_ascii_uppercase() { 'E' } else { 'e' };
    let minus = if number.negative { "-" } else { "" };
    format!("{minus}{}{e}{sign}{:0width$}", joined(first, rest), exponent.unsigned_abs())
}

fn general(number: &Decimal, precision: usize, letter: char) -> String {
    let (digits, point) = number.rounded(precision);
    let significant = digits.iter().rposition(|digit| *digit != 0).map_or(1, |last| last + 1);
    let exponent = point - 1;
    if exponent >= i32::try_from(precision).unwrap_or(i32::MAX) || exponent < -5 {
        let letter = if letter.is_ascii_uppercase() { 'E' } else { 'e' };
        return exponential(number, significant - 1, letter, 2);
    }
    let behind = usize::try_from(i32::try_from(significant).unwrap_or(0) - point).unwrap_or(0);
    let rounded = Decimal { negative: number.negative, digits, point };
    let (before, after) = rounded.fixed(behind);
    signed(number.negative, &joined(&before, &after))
}

/// A format made of `0`, `#`, `.`, `,`, `%` and literal text; sections for negative numbers and zero.
fn custom(number: &Decimal, spec: &str) -> String {
    let sections: Vec<&str> = spec.split(';').collect();
    let (section, minus) = match (sections.as_slice(), number.negative, number.is_zero()) {
        ([_, _, zero, ..], _, true) => (*zero, false),
        ([_, negative, ..], true, _) if !negative.is_empty() => (*negative, false),
        ([first, ..], negative, _) => (*first, negative),
        ([], negative, _) => (spec, negative),
    };
    let chars: Vec<char> = section.chars().collect();
    let is_digit = |c: &char| matches!(c, '0' | '#');
    let point = chars.iter().position(|c| *c == '.').unwrap_or(chars.len());
    let before_spec = chars.get(..point).unwrap_or_default();
    let behind_spec = chars.get(point..).unwrap_or_default();
    let percent = chars.iter().filter(|c| **c == '%').count();
    let last_digit = before_spec.iter().rposition(is_digit);
    let group = before_spec
        .iter()
        .enumerate()
        .any(|(i, c)| *c == ',' && last_digit.is_some_and(|last| i < last) && before_spec.iter().take(i).any(is_digit));
    let shift = i32::try_from(percent).unwrap_or(0).saturating_mul(2);
    let scaled = Decimal { negative: number.negative, digits: number.digits.clone(), point: number.point + shift };
    let behind = behind_spec.iter().filter(|c| is_digit(c)).count();
    let (whole, fraction) = scaled.fixed(behind);
    let nonzero = whole.bytes().chain(fraction.bytes()).any(|b| b != b'0');
    let whole = whole.trim_start_matches('0');
    let least = before_spec
        .iter()
        .position(|c| *c == '0')
        .map_or(0, |first| before_spec.iter().skip(first).filter(|c| is_digit(c)).count());
    let whole = format!("{whole:0>least$}");
    let needed = behind_spec.iter().filter(|c| is_digit(c)).collect::<Vec<_>>();
    let zeros = needed.iter().rposition(|c| **c == '0').map_or(0, |last| last + 1);
    let mut fraction = fraction;
    while fraction.len() > zeros && fraction.ends_with('0') {
        fraction.pop();
    }
    let shown = if group { grouped(&whole) } else { whole };
    let mut text = String::new();
    let mut written = false;
    for c in before_spec {
        match c {
            '0' | '#' if !written => {
                text.push_str(&shown);
                written = true;
            }
            '0' | '#' | ',' => {}
            c => text.push(*c),
        }
    }
    if !written && last_digit.is_none() && behind > 0 {
        text.push_str(&shown);
    }
    let mut done = false;
    for c in behind_spec {
        match c {
            '.' => {}
            '0' | '#' if !done => {
                if !fraction.is_empty() {
                    text.push('.');
                    text.push_str(&fraction);
                }
                done = true;
            }
            '0' | '#' | ',' => {}
            c => text.push(*c),
        }
    }
    if minus && nonzero { format!("-{text}") } else { text }
}
