//! The names that registries have: regions, clouds, hosts, zones and records.
//!
//! In: names with holes. Out: what Azure makes of them. Must not know: edges, rules.
//!
//! Sources: the articles "Connect privately to a registry using Private Link", "Azure Private Endpoint private DNS zone
//! values" and "Dedicated data endpoints".

use std::sync::Arc;

use crate::graph::{Head, Registry};
use crate::resource::{Cloud, ResourceId};
use crate::value::{Attr, Part, Pattern, Reason, State, Symbol, Truth, Unknown};

/// The suffixes of login servers, by cloud: public, US Government, China.
pub(super) const SUFFIXES: [&str; 3] = ["azurecr.io", "azurecr.us", "azurecr.cn"];

/// Azure's own resolver, which every network has ("What is IP address 168.63.129.16?").
pub(super) const AZURE_DNS: &str = "168.63.129.16";

/// The suffixes that a registry can have: one where its region tells the cloud or users do, else all.
pub(super) fn suffixes(registry: &Registry) -> &'static [&'static str] {
    let by_region = suffixes_of(&registry.head.location);
    match (by_region, registry.cloud) {
        ([_], _) | (_, None) => by_region,
        (_, Some(Cloud::Public)) => &["azurecr.io"],
        (_, Some(Cloud::UsGovernment)) => &["azurecr.us"],
        (_, Some(Cloud::China)) => &["azurecr.cn"],
    }
}

fn suffixes_of(location: &Attr<Pattern>) -> &'static [&'static str] {
    let region = region(location);
    let Some(region) = region.as_literal() else { return &SUFFIXES };
    if region.starts_with("usgov") || region.starts_with("usdod") {
        &["azurecr.us"]
    } else if region.starts_with("china") {
        &["azurecr.cn"]
    } else if region.starts_with("usnat") || region.starts_with("ussec") || region.is_empty() || region == "global" {
        &SUFFIXES
    } else {
        &["azurecr.io"]
    }
}

/// A region as Azure's host names write it: lower case, without spaces.
pub(super) fn region(location: &Attr<Pattern>) -> Attr<Pattern> {
    location.clone().map(|pattern| squeeze(&pattern, &[' ']))
}

/// A string in lower case without some characters; holes stay.
pub(super) fn squeeze(pattern: &Pattern, without: &[char]) -> Pattern {
    let mut squeezed = Pattern::new();
    for part in pattern.parts() {
        match part {
            Part::Literal(text) => squeezed.push_str(&text.to_lowercase().replace(without, "")),
            Part::Hole(unknown) => squeezed.push_hole(unknown),
        }
    }
    squeezed
}

/// A text that is known as a whole, without spaces around it.
pub(super) fn trimmed(attr: &Attr<Pattern>) -> Option<&str> {
    attr.as_literal().map(str::trim)
}

/// An attribute as text with holes, also where it is wholly unknown.
pub(super) fn pattern(attr: &Attr<Pattern>) -> Option<Pattern> {
    match &attr.state {
        State::Known(pattern) => Some(pattern.clone()),
        State::Unknown(unknown) => Some(Pattern::hole(unknown)),
        State::Absent => None,
    }
}

/// What the login server of a registry begins with; `Err` where it has a part that only Azure knows.
pub(super) fn base(registry: &Registry) -> Result<Pattern, Arc<Unknown>> {
    if let Some(server) = registry.login_server.value() {
        for suffix in SUFFIXES {
            if let Some(base) = strip_end(&server.to_lowercase(), &format!(".{suffix}")) {
                return Ok(base);
            }
        }
    }
    match &registry.domain_name_label_scope.attr.state {
        State::Known(scope) if is(scope, "Unsecure") => {}
        State::Unknown(unknown) if !registry.head.existing => return Err(Arc::clone(unknown)),
        State::Known(_) => return Err(super::answer::not_in_input("the hash in the registry's login server", None)),
        // Nothing hints at a hash in the name of a registry that is only referenced.
        State::Unknown(_) | State::Absent => {}
    }
    match &registry.head.name.state {
        State::Known(name) => Ok(name.to_lowercase()),
        State::Unknown(unknown) => Ok(Pattern::hole(unknown)),
        State::Absent => Err(super::answer::not_in_input("the name of the registry", None)),
    }
}

/// The last piece of an id as written.
pub(super) fn of_id(id: &ResourceId) -> Option<Pattern> {
    id.pattern().split('/')?.pop()
}

/// The subscription of an id as written.
pub(super) fn subscription(id: &ResourceId) -> Option<Pattern> {
    let pieces = id.pattern().split('/')?;
    let at = pieces.iter().position(|piece| is(piece, "subscriptions"))?;
    pieces.get(at + 1).cloned()
}

/// Whether a text is certainly this, case aside.
pub(super) fn is(pattern: &Pattern, text: &str) -> bool {
    pattern.as_literal().is_some_and(|literal| literal.eq_ignore_ascii_case(text))
}

/// Whether a text is this, case aside.
pub(super) fn same(pattern: &Pattern, text: &str) -> Truth {
    match pattern.as_literal() {
        Some(literal) if literal.is_ascii() && text.is_ascii() => literal.eq_ignore_ascii_case(text).into(),
        Some(_) | None => pattern.to_lowercase().same(&Pattern::literal(&text.to_lowercase())),
    }
}

/// Whether an attribute has this value, case aside; nothing where it is absent.
pub(super) fn attr_is(attr: &Attr<Pattern>, text: &str) -> Truth {
    match &attr.state {
        State::Known(pattern) => same(pattern, text),
        State::Absent => Truth::False,
        State::Unknown(unknown) => over_domain(unknown, text),
    }
}

fn over_domain(unknown: &Unknown, text: &str) -> Truth {
    let Some(domain) = &unknown.domain else { return Truth::Unknown };
    let mut verdicts = domain.iter().map(|value| value.as_pattern().map_or(Truth::False, |p| same(&p, text)));
    let Some(first) = verdicts.next() else { return Truth::Unknown };
    if verdicts.all(|verdict| verdict == first) { first } else { Truth::Unknown }
}

/// What stands before a literal end; `None` where the text does not certainly end so.
pub(super) fn strip_end(pattern: &Pattern, end: &str) -> Option<Pattern> {
    let (last, rest) = pattern.parts().split_last()?;
    let Part::Literal(text) = last else { return None };
    let cut = text.len().checked_sub(end.len())?;
    if !text.get(cut..)?.eq_ignore_ascii_case(end) {
        return None;
    }
    let mut stripped = Pattern::new();
    for part in rest {
        match part {
            Part::Literal(text) => stripped.push_str(text),
            Part::Hole(unknown) => stripped.push_hole(unknown),
        }
    }
    stripped.push_str(text.get(..cut)?);
    Some(stripped)
}

/// What stands after a beginning that may have holes; `None` where the text does not certainly begin so.
pub(super) fn strip_start(pattern: &Pattern, start: &Pattern) -> Option<Pattern> {
    let mut rest = pattern.parts().iter();
    let mut left = String::new();
    for part in start.parts() {
        match part {
            Part::Hole(unknown) => {
                let lower = |hole: &Arc<Unknown>| Pattern::hole(hole).to_lowercase();
                let same = matches!(rest.next(), Some(Part::Hole(mine)) if lower(mine) == lower(unknown));
                if !left.is_empty() || !same {
                    return None;
                }
            }
            Part::Literal(text) => {
                let Some(Part::Literal(mine)) = rest.next() else { return None };
                if !mine.get(..text.len())?.eq_ignore_ascii_case(text) {
                    return None;
                }
                mine.get(text.len()..)?.clone_into(&mut left);
            }
        }
    }
    let mut stripped = Pattern::literal(&left);
    for part in rest {
        match part {
            Part::Literal(text) => stripped.push_str(text),
            Part::Hole(unknown) => stripped.push_hole(unknown),
        }
    }
    Some(stripped)
}

/// What stands after a beginning, case aside.
fn strip_text<'t>(text: &'t str, start: &str) -> Option<&'t str> {
    let (head, rest) = text.split_at_checked(start.len())?;
    head.eq_ignore_ascii_case(start).then_some(rest)
}

/// Whether a zone name is `privatelink.<suffix>` of one of these clouds.
pub(super) fn is_main_zone(name: &Attr<Pattern>, suffixes: &[&str]) -> Truth {
    let is = |suffix: &&str| match name.as_literal() {
        Some(literal) if literal.is_ascii() => {
            strip_text(literal, "privatelink.").is_some_and(|rest| rest.eq_ignore_ascii_case(suffix)).into()
        }
        Some(_) | None => attr_is(name, &format!("privatelink.{suffix}")),
    };
    suffixes.iter().map(is).max().unwrap_or(Truth::False)
}

/// The region of a zone `<region>.data.privatelink.<suffix>` of one of these clouds.
pub(super) fn region_of_zone(name: &Pattern, suffixes: &[&str]) -> Option<Pattern> {
    suffixes.iter().find_map(|suffix| strip_end(name, &format!(".data.privatelink.{suffix}")))
}

/// What the record of a region's endpoint is called in the zone of all registries: `<base>.<region><end>`.
pub(super) fn in_region(mut base: Pattern, region: &Pattern, end: &str) -> Pattern {
    base.push_str(".");
    base.push(region);
    base.push_str(end);
    base
}

/// Whether a zone name is `<region>.data.privatelink.<suffix>` of one of these clouds.
pub(super) fn is_region_zone(name: &Attr<Pattern>, suffixes: &[&str]) -> Truth {
    match &name.state {
        State::Absent => Truth::False,
        State::Unknown(_) => Truth::Unknown,
        State::Known(pattern) => {
            match region_of_zone(pattern, suffixes) {
                Some(region) => match region.as_literal() {
                    Some(text) => (!text.is_empty() && !text.contains('.')).into(),
                    None => Truth::True,
                },
                // A hole at the end may hold the rest of such a name, unless it is all there is of a main zone.
                None => match pattern.parts().last() {
                    Some(Part::Hole(_)) => Truth::Unknown,
                    Some(Part::Literal(_)) | None => Truth::False,
                },
            }
        }
    }
}

/// Whether a zone name is one that registries of these clouds use.
pub(super) fn is_right_zone(name: &Attr<Pattern>, suffixes: &[&str]) -> Truth {
    is_main_zone(name, suffixes).or(is_region_zone(name, suffixes))
}

/// The hosts that name a registry: its login server, in each cloud it may be in. Empty where it has a hash.
pub(super) fn hosts(registry: &Registry) -> Vec<Pattern> {
    let mut hosts: Vec<Pattern> = registry.login_server.value().map(Pattern::to_lowercase).into_iter().collect();
    if let Ok(base) = base(registry) {
        let base = base.to_lowercase();
        for suffix in suffixes(registry) {
            for middle in [".", ".privatelink."] {
                let mut host = base.clone();
                host.push_str(middle);
                host.push_str(suffix);
                hosts.push(host);
            }
        }
    }
    hosts
}

/// Whether an unknown is the login server of a registry: `reference(<its id>, …).loginServer`.
///
/// `None` where it is no login server of anything.
pub(super) fn is_login_server(unknown: &Unknown, registry: &Registry) -> Option<bool> {
    let text = unknown.symbol.text.to_lowercase();
    if !text.ends_with(".loginserver") && !text.ends_with(".login_server") {
        return None;
    }
    if let State::Unknown(server) = &registry.login_server.state
        && server.symbol == unknown.symbol
    {
        return Some(true);
    }
    Some(is_of(unknown, &registry.head))
}

/// Whether an unknown is a property of a resource, by the name of the property: `reference(<its id>, …)….<name>`.
pub(super) fn is_property_of(unknown: &Unknown, property: &str, head: &Head) -> bool {
    unknown.symbol.text.to_lowercase().ends_with(&format!(".{}", property.to_lowercase())) && is_of(unknown, head)
}

/// Whether an unknown is something that a resource shows of itself once it is deployed.
fn is_of(unknown: &Unknown, head: &Head) -> bool {
    let key = unknown.symbol.key().to_lowercase();
    let text = unknown.symbol.text.to_lowercase();
    let id = head.id.key().to_lowercase();
    let shown = head.id.to_string().to_lowercase();
    let symbolic = format!("reference('{}'", head.address.to_lowercase());
    let planned = format!("{}.", head.address.to_lowercase());
    names(&key, &id) || names(&text, &shown) || text.starts_with(&symbolic) || text.starts_with(&planned)
}

/// Whether a text holds an id as a whole, not as the beginning of a longer name.
fn names(text: &str, id: &str) -> bool {
    text.match_indices(id).any(|(at, _)| {
        let next = text.get(at + id.len()..).and_then(|rest| rest.chars().next());
        next.is_none_or(|c| !c.is_alphanumeric() && c != '-' && c != '_' && c != '⟨' && c != '/')
    })
}

/// Whether a host that is shown as text, its holes as `⟨…⟩`, names a registry.
pub(super) fn shown_host_is(host: &str, registry: &Registry) -> Truth {
    let shown = host.to_lowercase();
    // The holes of a key are those of the name as written, or in lower case.
    let name = pattern(&registry.head.name).filter(|_| base(registry).is_ok()).unwrap_or_default();
    let written = suffixes(registry).iter().map(|suffix| format!("{name}.{suffix}"));
    let lower = hosts(registry).into_iter().map(|host| host.to_string());
    if written.chain(lower).any(|mine| mine.to_lowercase() == shown) {
        return Truth::True;
    }
    let Some((_, hole)) = host.split_once('⟨') else {
        return host_is(&Attr::known(Pattern::literal(host), registry.head.name.origin), registry);
    };
    let whole = host.strip_prefix('⟨').and_then(|host| host.strip_suffix('⟩'));
    let reference = Unknown::new(Reason::RuntimeFunction, Symbol::new(whole.unwrap_or(hole), ""));
    match whole.and_then(|_| is_login_server(&reference, registry)) {
        Some(found) => found.into(),
        None => Truth::Unknown,
    }
}

/// Whether a host names a registry.
pub(super) fn host_is(host: &Attr<Pattern>, registry: &Registry) -> Truth {
    let Some(written) = pattern(host) else { return Truth::False };
    if let [Part::Hole(unknown)] = written.parts()
        && let Some(found) = is_login_server(unknown, registry)
    {
        return found.into();
    }
    let pattern = written.to_lowercase();
    let best = hosts(registry).iter().map(|mine| mine.same(&pattern)).max().unwrap_or(Truth::False);
    if best != Truth::False {
        return best;
    }
    // With a hash in its name only the beginning of the host is known.
    let hashed = base(registry).is_err();
    let name = registry.head.name.as_literal().map(str::to_lowercase);
    match (hashed, name, pattern.as_literal()) {
        (true, Some(name), Some(host)) => match host.strip_prefix(&format!("{name}-")) {
            Some(_) => Truth::Unknown,
            None => Truth::False,
        },
        (true, None, _) | (true, _, None) => Truth::Unknown,
        (false, _, _) => Truth::False,
    }
}

/// Whether a host is the login server of some registry, also one that is not in the input.
pub(super) fn is_any_registry(host: &Attr<Pattern>) -> bool {
    let literal = |part: &Part| match part {
        Part::Literal(text) => text.to_ascii_lowercase().contains("azurecr."),
        Part::Hole(_) => false,
    };
    host.value().is_some_and(|pattern| pattern.parts().iter().any(literal))
}
