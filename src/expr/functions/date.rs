//! `dateTimeAdd`, `dateTimeFromEpoch`, `dateTimeToEpoch`, `utcNow`.
//!
//! In: dates and durations in ISO 8601. Out: dates. Must not know: the clock.
//!
//! A date in a form that is not known here is left undecided: Azure reads more forms than these.

use super::{ANY, Body, FLOAT, INT, Row, STRING, Work, Zeal, row};
use crate::expr::eval::Answer;
use crate::value::{Data, Reason, Type};

pub(super) const ROWS: &[Row] = &[
    row("dateTimeAdd", (2, 3), &[STRING], Body::Strict(add)).gives(Type::String).zeal(Zeal::Kinds),
    row("dateTimeFromEpoch", (1, 1), &[INT | FLOAT | STRING], Body::Strict(from_epoch)).gives(Type::String),
    row("dateTimeToEpoch", (1, 1), &[STRING], Body::Strict(to_epoch)).gives(Type::Number),
    row("utcNow", (0, 1), &[ANY], Body::Runtime(Reason::RuntimeFunction)).gives(Type::String),
];

/// Ticks of 100 ns in a second.
const SECOND: i64 = 10_000_000;
/// Ticks in a day.
const DAY: i64 = 86_400 * SECOND;
/// The first and last tick that a date can have, from 1970.
const FIRST: i64 = -719_162 * DAY;
const LAST: i64 = 2_932_897 * DAY - 1;

/// A moment: ticks from 1970 in universal time, and the minutes by which its zone is ahead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Moment {
    ticks: i64,
    zone: i64,
}

/// A moment as a calendar and a clock show it in its zone.
struct Shown {
    year: i64,
    month: i64,
    day: i64,
    weekday: i64,
    /// Ticks since midnight.
    clock: i64,
}

/// Days from 1970 to a date of the Gregorian calendar.
const fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

const fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl Moment {
    fn shown(self) -> Shown {
        let local = self.ticks + self.zone * 60 * SECOND;
        let day = local.div_euclid(DAY);
        let shifted = day + 719_468;
        let era = shifted.div_euclid(146_097);
        let of_era = shifted.rem_euclid(146_097);
        let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let month = (5 * of_year + 2) / 153;
        let (month_number, carry) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
        Shown {
            year: year + era * 400 + carry,
            month: month_number,
            day: of_year - (153 * month + 2) / 5 + 1,
            weekday: (day + 4).rem_euclid(7),
            clock: local.rem_euclid(DAY),
        }
    }

    /// `2020-04-07T14:53:14Z`: the clock of the zone, and a `Z` all the same, as Azure writes it.
    fn plain(self) -> String {
        let s = self.shown();
        let [hour, minute, second] = s.time();
        format!("{:04}-{:02}-{:02}T{hour:02}:{minute:02}:{second:02}Z", s.year, s.month, s.day)
    }
}

impl Shown {
    const fn time(&self) -> [i64; 3] {
        let seconds = self.clock / SECOND;
        [seconds / 3600, seconds / 60 % 60, seconds % 60]
    }
}

/// Reads the forms of ISO 8601 and `MM/dd/yyyy`; without zone a date is universal.
fn parse(text: &str) -> Option<Moment> {
    let text = text.trim();
    let bytes = text.as_bytes();
    let digits = |from: usize, count: usize| -> Option<i64> {
        let part = text.get(from..from + count)?;
        part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse().ok())?
    };
    let (year, month, day, mut at) = if bytes.get(4) == Some(&b'-') && bytes.get(7) == Some(&b'-') {
        (digits(0, 4)?, digits(5, 2)?, digits(8, 2)?, 10)
    } else if bytes.get(2) == Some(&b'/') && bytes.get(5) == Some(&b'/') {
        (digits(6, 4)?, digits(0, 2)?, digits(3, 2)?, 10)
    } else {
        (digits(0, 4)?, digits(4, 2)?, digits(6, 2)?, 8)
    };
    let compact = at == 8;
    if !(1..=12).contains(&month) || day < 1 || day > days_in_month(year, month) || year < 1 {
        return None;
    }
    let mut clock = 0;
    if matches!(bytes.get(at), Some(b'T' | b't' | b' ')) && bytes.get(at + 1).is_some_and(u8::is_ascii_digit) {
        let step = if compact { 2 } else { 3 };
        let (hour, minute) = (digits(at + 1, 2)?, digits(at + 1 + step, 2)?);
        at += 3 + step;
        let mut second = 0;
        if compact || bytes.get(at) == Some(&b':') {
            second = digits(at + usize::from(!compact), 2)?;
            at += step;
        }
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        clock = (hour * 3600 + minute * 60 + second) * SECOND;
        if bytes.get(at) == Some(&b'.') {
            let count = text.get(at + 1..)?.bytes().take_while(u8::is_ascii_digit).count();
            let places = count.min(7);
            clock += digits(at + 1, places)? * 10_i64.pow(u32::try_from(7 - places).ok()?);
            at += 1 + count;
        }
    }
    let zone = zone(text.get(at..)?.trim())?;
    let ticks = days(year, month, day) * DAY + clock - zone * 60 * SECOND;
    (FIRST..=LAST).contains(&ticks).then_some(Moment { ticks, zone })
}

/// Minutes ahead of universal time.
fn zone(text: &str) -> Option<i64> {
    if text.is_empty() || text.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let ahead = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = text.get(1..)?.split_once(':').unwrap_or((text.get(1..3)?, text.get(3..)?));
    let minutes = if minutes.is_empty() { 0 } else { minutes.parse().ok()? };
    let hours: i64 = hours.parse().ok()?;
    ((0..=14).contains(&hours) && (0..60).contains(&minutes)).then_some(ahead * (hours * 60 + minutes))
}

/// Ticks of `P1Y2M3DT4H5M6S`: a year has 365 days and a month 30.
fn duration(text: &str) -> Option<i64> {
    let text = text.trim();
    let (negative, rest) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let mut rest = rest.strip_prefix('P')?;
    let (mut months, mut ticks, mut any, mut time) = (0_i64, 0_i64, false, false);
    let mut last = 0;
    while !rest.is_empty() {
        if !time && let Some(behind) = rest.strip_prefix('T') {
            (time, rest, any) = (true, behind, false);
            continue;
        }
        let length = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: i64 = rest.get(..length)?.parse().ok().filter(|n| *n <= i64::from(i32::MAX))?;
        let behind = rest.get(length..)?;
        let (fraction, behind) = match behind.strip_prefix('.') {
            Some(digits) => {
                let end = digits.find(|c: char| !c.is_ascii_digit())?;
                let kept: String = digits.get(..end)?.chars().chain("0000000".chars()).take(7).collect();
                (Some(kept.parse::<i64>().ok()?), digits.get(end..)?)
            }
            None => (None, behind),
        };
        let unit = behind.chars().next()?;
        let order = match (time, unit) {
            (false, 'Y') => 1,
            (false, 'M') => 2,
            (false, 'D') => 3,
            (true, 'H') => 4,
            (true, 'M') => 5,
            (true, 'S') => 6,
            _ => return None,
        };
        if order <= last || (fraction.is_some() && order != 6) {
            return None;
        }
        last = order;
        match order {
            1 => months = months.checked_add(number.checked_mul(12)?)?,
            2 => months = months.checked_add(number)?,
            3 => ticks = ticks.checked_add(number.checked_mul(DAY)?)?,
            4 => ticks = ticks.checked_add(number.checked_mul(3600 * SECOND)?)?,
            5 => ticks = ticks.checked_add(number.checked_mul(60 * SECOND)?)?,
            _ => ticks = ticks.checked_add(number.checked_mul(SECOND)?.checked_add(fraction.unwrap_or(0))?)?,
        }
        any = true;
        rest = behind.get(1..)?;
    }
    let calendar = (months / 12 * 365 + months % 12 * 30).checked_mul(DAY)?;
    let all = ticks.checked_add(calendar)?;
    any.then_some(if negative { -all } else { all })
}

/// A date that is none is refused; one in a form that Azure may know, but we do not, is left.
fn moment(work: &Work<'_, '_, '_>) -> Result<Option<Moment>, crate::expr::Refusal> {
    let Some(text) = work.str(0) else { return Ok(None) };
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    match parse(text) {
        Some(moment) => Ok(Some(moment)),
        // Nor is one that is written as ISO 8601 has it and lies in no calendar: 2023-02-29, 2024-13-01.
        None if digits < 3 || is_iso(text) => {
            Err(work.refuse(0, format!("{} wants a date such as 2020-04-07T14:53:14Z", work.row.name)))
        }
        None => Ok(None),
    }
}

/// Whether a text begins as a date of ISO 8601 does, and goes on as a time of day does or ends.
fn is_iso(text: &str) -> bool {
    let text = text.trim().as_bytes();
    let shape = |byte: &u8| if byte.is_ascii_digit() { b'0' } else { *byte };
    let date: Vec<u8> = text.iter().take(10).map(shape).collect();
    date == b"0000-00-00" && matches!(text.get(10), None | Some(b'T' | b't' | b' '))
}

fn add(work: &Work<'_, '_, '_>) -> Answer {
    let moment = moment(work)?;
    let Some(span) = work.str(1).and_then(duration) else {
        return Err(work.refuse(1, "dateTimeAdd wants a duration such as P1DT2H"));
    };
    let Some(moment) = moment else { return work.unsupported() };
    let Some(ticks) = moment.ticks.checked_add(span).filter(|ticks| (FIRST..=LAST).contains(ticks)) else {
        return Err(work.refuse_all("the date lies outside of the years 1 to 9999"));
    };
    let moment = Moment { ticks, ..moment };
    match work.str(2) {
        None => work.give_str(&moment.plain()),
        Some(format) => match formatted(moment, format) {
            Some(text) => work.give_str(&text),
            None => Err(work.refuse(2, format!("`{format}` is no format of a date"))),
        },
    }
}

fn from_epoch(work: &Work<'_, '_, '_>) -> Answer {
    let seconds = match work.arg(0).map(|arg| &arg.data) {
        Some(Data::Int(seconds)) => Some(*seconds),
        Some(Data::String(text)) => super::numeric::whole_number(text),
        #[allow(clippy::cast_possible_truncation, reason = "only a whole number within the years is taken")]
        Some(Data::Float(number)) if number.fract() == 0.0 && number.abs() < 1e12 => Some(*number as i64),
        _ => None,
    };
    let ticks = seconds.and_then(|seconds| seconds.checked_mul(SECOND)).filter(|ticks| (FIRST..=LAST).contains(ticks));
    match ticks {
        Some(ticks) => work.give_str(&Moment { ticks, zone: 0 }.plain()),
        None => Err(work.refuse(0, "dateTimeFromEpoch wants seconds since 1970")),
    }
}

fn to_epoch(work: &Work<'_, '_, '_>) -> Answer {
    match moment(work)? {
        Some(moment) => work.give_int(moment.ticks.div_euclid(SECOND)),
        None => work.unsupported(),
    }
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// A moment in a format of .NET; `None` where it is none.
fn formatted(moment: Moment, format: &str) -> Option<String> {
    let universal = Moment { zone: 0, ..moment };
    let mut chars = format.chars();
    let (moment, format) = match (chars.next(), chars.next()) {
        (None, _) => (moment, "MM/dd/yyyy HH:mm:ss zzz"),
        (Some(letter), None) => match letter {
            'd' => (moment, "MM/dd/yyyy"),
            'D' => (moment, "dddd, dd MMMM yyyy"),
            'f' => (moment, "dddd, dd MMMM yyyy HH:mm"),
            'F' => (moment, "dddd, dd MMMM yyyy HH:mm:ss"),
            'g' => (moment, "MM/dd/yyyy HH:mm"),
            'G' => (moment, "MM/dd/yyyy HH:mm:ss"),
            'm' | 'M' => (moment, "MMMM dd"),
            'o' | 'O' => (moment, "yyyy-MM-ddTHH:mm:ss.fffffffzzz"),
            'r' | 'R' => (universal, "ddd, dd MMM yyyy HH:mm:ss 'GMT'"),
            's' => (moment, "yyyy-MM-ddTHH:mm:ss"),
            't' => (moment, "HH:mm"),
            'T' => (moment, "HH:mm:ss"),
            'u' => (universal, "yyyy-MM-dd HH:mm:ss'Z'"),
            'y' | 'Y' => (moment, "yyyy MMMM"),
            _ => return None,
        },
        _ => (moment, format),
    };
    custom(moment, format)
}

fn custom(moment: Moment, format: &str) -> Option<String> {
    let shown = moment.shown();
    let mut text = String::new();
    let mut rest = format;
    while let Some(c) = rest.chars().next() {
        let run = rest.chars().take_while(|other| *other == c).count();
        let behind = rest.get(c.len_utf8()..)?;
        match c {
            '\'' | '"' => {
                let end = behind.find(c)?;
                text.push_str(behind.get(..end)?);
                rest = behind.get(end + 1..)?;
                continue;
            }
            '\\' => {
                let next = behind.chars().next()?;
                text.push(next);
                rest = behind.get(next.len_utf8()..)?;
                continue;
            }
            '%' => {
                rest = behind;
                continue;
            }
            _ => {}
        }
        match piece(moment, &shown, c, run) {
            Some(piece) => {
                text.push_str(&piece?);
                rest = rest.get(run..)?;
            }
            None => {
                text.push(c);
                rest = behind;
            }
        }
    }
    Some(text)
}

/// What a run of one letter stands for: `None` for itself, `Some(None)` where it cannot stand for anything.
#[allow(clippy::option_option, reason = "a letter that is no format, and a format that is none")]
fn piece(moment: Moment, shown: &Shown, letter: char, run: usize) -> Option<Option<String>> {
    let [hour, minute, second] = shown.time();
    let number = |value: i64, most: usize| format!("{value:0width$}", width = run.min(most));
    let name = |names: &[&'static str], at: i64| {
        let name = usize::try_from(at).ok().and_then(|at| names.get(at)).copied().unwrap_or("");
        if run == 3 { name.get(..3).unwrap_or(name).to_owned() } else { name.to_owned() }
    };
    let text = match letter {
        'y' if run <= 2 => number(shown.year % 100, 2),
        'y' => number(shown.year, run),
        'M' if run >= 3 => name(&MONTHS, shown.month - 1),
        'M' => number(shown.month, 2),
        'd' if run >= 3 => name(&WEEKDAYS, shown.weekday),
        'd' => number(shown.day, 2),
        'H' => number(hour, 2),
        'h' => number((hour + 11) % 12 + 1, 2),
        'm' => number(minute, 2),
        's' => number(second, 2),
        'f' | 'F' if run > 7 => return Some(None),
        'f' => format!("{:07}", shown.clock % SECOND).get(..run)?.to_owned(),
        'F' => format!("{:07}", shown.clock % SECOND).get(..run)?.trim_end_matches('0').to_owned(),
        't' if run == 1 => if hour < 12 { "A" } else { "P" }.to_owned(),
        't' => if hour < 12 { "AM" } else { "PM" }.to_owned(),
        'g' => "A.D.".to_owned(),
        'z' | 'K' => {
            let sign = if moment.zone < 0 { '-' } else { '+' };
            let (hours, minutes) = (moment.zone.abs() / 60, moment.zone.abs() % 60);
            match run {
                _ if letter == 'K' => format!("{sign}{hours:02}:{minutes:02}"),
                1 => format!("{sign}{hours}"),
                2 => format!("{sign}{hours:02}"),
                _ => format!("{sign}{hours:02}:{minutes:02}"),
            }
        }
        _ => return None,
    };
    Some(Some(text))
}
