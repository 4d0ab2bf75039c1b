//! What a firewall does with traffic to a host over HTTPS.
//!
//! In: a firewall, the ranges that traffic comes from, and a [`Goal`]. Out: [`Filtered`]. Must not know: registries, clients.
//!
//! Network rules go before application rules, whatever the priorities of their groups; the rules of a base policy go before
//! those of a policy; then the lowest number goes first, and of all collections the first one with a rule that matches
//! decides. What no rule matches is denied ("Azure Firewall rule processing"). Where a group, a policy or a priority is
//! not in the input, or a rule may match, what is behind it is uncertain.

use ipnet::IpNet;

use crate::catalog::names;
use crate::graph::{
    FilterRule, Firewall, FirewallPolicy, Graph, Link, List, RuleCollection, RuleCollectionGroup, RuleSort, Target,
};
use crate::value::{Attr, Origin, Part, Pattern, State, Truth, Unknown};

use super::outbound::{HTTPS, Tags, covers, has_port, is_in_tag};

/// The type of groups of rule collections, in lower case.
const GROUPS: &str = "microsoft.network/firewallpolicies/rulecollectiongroups";

/// Where traffic goes.
pub(super) struct Goal<'a> {
    /// The host in lower case; `*.` at its start for one below a domain that nobody knows.
    pub(super) host: Pattern,
    /// The service tags that hold its addresses.
    pub(super) tags: &'a Tags,
    /// Its addresses, where they are private ones; nothing where it has public ones.
    pub(super) addresses: Option<&'a [IpNet]>,
    /// Whether something that is not known is this host, where that is certain.
    pub(super) is: &'a dyn Fn(&Unknown) -> Option<bool>,
}

/// What becomes of traffic.
#[derive(Clone, Debug)]
pub(super) struct Filtered {
    /// Whether the firewall denies it.
    pub(super) denied: Truth,
    /// What does, in words.
    pub(super) by: String,
    /// Where that is written.
    pub(super) at: Origin,
}

/// What decides: a collection, and where it belongs.
struct Step<'g> {
    collection: &'g RuleCollection,
    group: Option<&'g RuleCollectionGroup>,
}

/// Policies have one level of bases; more is a circle.
const DEPTH: usize = 4;

/// The rules of a firewall in the order in which they are tried.
pub(super) struct Filter<'g> {
    firewall: &'g Firewall,
    graph: &'g Graph,
    steps: Vec<Step<'g>>,
    /// The input has all of them.
    complete: bool,
    /// Whether the firewall answers DNS queries: without that, network rules do not match names ("FQDN filtering in network
    /// rules").
    dns_proxy: Truth,
}

impl<'g> Filter<'g> {
    /// The rules of a firewall; nothing where the input has none.
    pub(super) fn of(graph: &'g Graph, firewall: &'g Firewall) -> Option<Self> {
        let (complete, dns_proxy) = (!firewall.head.existing, Truth::Unknown);
        let mut filter = Self { firewall, graph, steps: Vec::new(), complete, dns_proxy };
        match &firewall.policy.target {
            Target::Absent => {
                for list in [&firewall.network_rules, &firewall.application_rules] {
                    filter.add(list, None);
                }
            }
            _ => {
                let policy = find(&graph.firewall_policies, &firewall.policy, |node| &node.head)?;
                filter.dns_proxy = filter.proxy_of(policy, 0);
                filter.add_policy(policy, 0);
            }
        }
        (!filter.steps.is_empty()).then_some(filter)
    }

    /// Whether a policy, or its base, has the firewall answer DNS queries.
    fn proxy_of(&self, policy: &FirewallPolicy, depth: usize) -> Truth {
        match &policy.dns_proxy.state {
            State::Known(on) => (*on).into(),
            State::Unknown(_) => Truth::Unknown,
            State::Absent if policy.head.existing => Truth::Unknown,
            State::Absent if matches!(policy.base.target, Target::Absent) => Truth::False,
            State::Absent => match find(&self.graph.firewall_policies, &policy.base, |node| &node.head) {
                Some(base) if depth < DEPTH => self.proxy_of(base, depth + 1),
                Some(_) | None => Truth::Unknown,
            },
        }
    }

    fn add_policy(&mut self, policy: &'g FirewallPolicy, depth: usize) {
        match find(&self.graph.firewall_policies, &policy.base, |node| &node.head) {
            _ if matches!(policy.base.target, Target::Absent) => {}
            Some(base) if depth < DEPTH => self.add_policy(base, depth + 1),
            Some(_) | None => self.complete = false,
        }
        let key = policy.head.id.key();
        let groups = &self.graph.rule_collection_groups;
        let mine = |group: &&RuleCollectionGroup| group.policy.id.as_ref().is_some_and(|id| id.key() == key);
        let mut groups: Vec<&RuleCollectionGroup> = groups.iter().filter(mine).collect();
        groups.sort_by_key(|group| group.priority.value().copied().unwrap_or(i64::MAX));
        let seen = policy.head.seen && !policy.head.managed;
        let listed = || self.graph.listings.within(GROUPS, &policy.head.id).is_some();
        if policy.head.existing || groups.is_empty() || (seen && !listed()) {
            self.complete = false;
        }
        for group in groups {
            self.complete &=
                group.priority.value().is_some() && group.head.exists == Truth::True && !group.head.repeated;
            self.add(&group.collections, Some(group));
        }
    }

    fn add(&mut self, collections: &'g List<RuleCollection>, group: Option<&'g RuleCollectionGroup>) {
        let mut sorted: Vec<&RuleCollection> = collections.items.iter().collect();
        sorted.sort_by_key(|collection| collection.priority.value().copied().unwrap_or(i64::MAX));
        self.complete &= collections.open.is_none();
        self.complete &= sorted.iter().all(|one| one.priority.value().is_some() && one.rules.open.is_none());
        self.steps.extend(sorted.into_iter().map(|collection| Step { collection, group }));
    }

    /// What becomes of traffic from some ranges.
    pub(super) fn ask(&self, from: &[IpNet], goal: &Goal<'_>) -> Filtered {
        let mut unsure: Vec<Truth> = Vec::new();
        let mut decided = None;
        'all: for sort in [RuleSort::Network, RuleSort::Application] {
            for step in &self.steps {
                let denies = match names::attr_is(&step.collection.action, "Allow") {
                    Truth::True => Truth::False,
                    Truth::Unknown => Truth::Unknown,
                    Truth::False => names::attr_is(&step.collection.action, "Deny"),
                };
                let rules = step.collection.rules.items.iter();
                for rule in rules.filter(|rule| rule.sort.is_none_or(|own| own == sort)) {
                    let matches = self.matches(rule, sort, from, goal);
                    if matches == Truth::True && denies != Truth::Unknown && rule.sort.is_some() {
                        decided = Some((denies, step, rule));
                        break 'all;
                    }
                    if matches != Truth::False {
                        unsure.push(denies);
                    }
                }
            }
        }
        let (denied, by) = match decided {
            Some((denied, step, rule)) => (denied, Some((step, rule))),
            None => (Truth::True, None),
        };
        let other = unsure.iter().any(|denies| *denies != denied);
        let denied = if other || !self.complete { Truth::Unknown } else { denied };
        let denied = denied.and(self.firewall.head.exists);
        match by {
            Some((step, rule)) => {
                let by = format!("rule {} of {}", shown(&rule.name), self.place(step));
                Filtered { denied, by, at: rule.name.origin }
            }
            None => self.by_nothing(denied, from, goal),
        }
    }

    /// Names what comes nearest to letting traffic through, where no rule matches.
    fn by_nothing(&self, denied: Truth, from: &[IpNet], goal: &Goal<'_>) -> Filtered {
        let firewall = names::pattern(&self.firewall.head.name).unwrap_or_default();
        let allows = |step: &&Step<'_>| names::attr_is(&step.collection.action, "Allow") == Truth::True;
        let rules = || {
            let steps = self.steps.iter().filter(allows);
            steps.flat_map(|step| step.collection.rules.items.iter().map(move |rule| (step, rule)))
        };
        let to = |rule: &FilterRule| {
            let sort = rule.sort.unwrap_or(RuleSort::Application);
            let everything = |list: &List<Attr<Pattern>>| list.items.iter().any(|one| names::trimmed(one) == Some("*"));
            self.goes_to(rule, sort, goal) == Truth::True && !everything(&rule.hosts) && !everything(&rule.destinations)
        };
        let source = |rule: &FilterRule| self.comes_from(rule, from);
        // Names that a network rule has, and does not match.
        let unheeded = |rule: &FilterRule| {
            let named = rule.sort == Some(RuleSort::Network)
                && rule.hosts.items.iter().any(|host| names_host(host, goal) == Truth::True);
            match () {
                () if !named => None,
                () if self.dns_proxy == Truth::False => Some("is for a name, and the DNS proxy of the policy is off"),
                () if hosts(rule, RuleSort::Network, goal) == Truth::False => {
                    Some("is for a name with an asterisk, which network rules do not take")
                }
                () => None,
            }
        };
        let for_a_name = || {
            let mut mine = rules().filter(|(_, rule)| source(rule) == Truth::True);
            mine.find_map(|found| Some((found, unheeded(found.1)?, found.1.hosts.at)))
        };
        let on_others = || rules().find(|(_, rule)| to(rule) && source(rule) == Truth::True);
        let for_others = || rules().find(|(_, rule)| to(rule) && source(rule) == Truth::False);
        let near = || {
            let mine = rules().filter(|(_, rule)| source(rule) == Truth::True);
            mine.map(|found| (kinship(found.1, &goal.host), found))
                .filter(|(near, _)| *near > 0)
                .max_by_key(|(near, _)| *near)
        };
        let goals = |rule: &FilterRule| if rule.hosts.items.is_empty() { rule.destinations.at } else { rule.hosts.at };
        let found = for_a_name()
            .or_else(|| on_others().map(|found| (found, "is for another protocol or port", goals(found.1))));
        let found = found.or_else(|| for_others().map(|found| (found, "is for other sources", found.1.sources.at)));
        let found = found.or_else(|| near().map(|(_, found)| (found, "is for other hosts", goals(found.1))));
        let Some(((step, rule), why, at)) = found else {
            // Hosts are the matter of application rules.
            let is_of_hosts = |rule: &FilterRule| rule.sort == Some(RuleSort::Application);
            let of_hosts = self.steps.iter().find(|step| step.collection.rules.items.iter().any(is_of_hosts));
            let step = of_hosts.or(self.steps.first());
            let at = step.map_or(self.firewall.head.name.origin, |step| step.collection.rules.at);
            return Filtered { denied, by: format!("firewall {firewall} ({})", self.groups()), at };
        };
        let named = format!("rule {} of {}", shown(&rule.name), self.place(step));
        Filtered { denied, by: format!("firewall {firewall} (its {named} {why})"), at }
    }

    /// The groups of rule collections that it has, in words.
    fn groups(&self) -> String {
        let mut all: Vec<String> = Vec::new();
        for group in self.steps.iter().filter_map(|step| step.group) {
            let name = names::pattern(&group.head.name).unwrap_or_default().to_string();
            if !all.contains(&name) {
                all.push(name);
            }
        }
        match all.as_slice() {
            [] => "none of its rules matches".to_owned(),
            [one] => format!("no rule of rule collection group {one} matches"),
            several => format!("no rule of its rule collection groups {} matches", several.join(", ")),
        }
    }

    fn place(&self, step: &Step<'_>) -> String {
        let collection = shown(&step.collection.name);
        match step.group {
            Some(group) => format!("collection {collection} in {}", group.head.address),
            None => format!("collection {collection} of {}", self.firewall.head.address),
        }
    }

    fn matches(&self, rule: &FilterRule, sort: RuleSort, from: &[IpNet], goal: &Goal<'_>) -> Truth {
        let protocols = rule.protocols.items.iter().map(|protocol| {
            let is = |name| names::attr_is(&protocol.name, name);
            match sort {
                RuleSort::Network => is("TCP").or(is("Any")),
                RuleSort::Application | RuleSort::Nat => is("Https").and(match protocol.port.state {
                    State::Known(port) => (port == 443).into(),
                    State::Absent => Truth::True,
                    State::Unknown(_) => Truth::Unknown,
                }),
            }
        });
        let protocol = best(protocols, rule.protocols.open.is_some());
        let port = match sort {
            RuleSort::Network => {
                let ports = rule.ports.items.iter();
                best(
                    ports.map(|port| names::trimmed(port).map_or(Truth::Unknown, |text| has_port(text, HTTPS))),
                    rule.ports.open.is_some(),
                )
            }
            RuleSort::Application | RuleSort::Nat => Truth::True,
        };
        protocol.and(port).and(self.comes_from(rule, from)).and(self.goes_to(rule, sort, goal))
    }

    fn comes_from(&self, rule: &FilterRule, from: &[IpNet]) -> Truth {
        let written = rule.sources.items.iter().map(|source| match names::trimmed(source) {
            None => Truth::Unknown,
            Some("*") => Truth::True,
            Some(text) => range(text).map_or(Truth::Unknown, |range| covers(range, from)),
        });
        let grouped = rule.source_groups.items.iter().map(|group| self.in_group(group, from));
        let open = rule.sources.open.is_some() || rule.source_groups.open.is_some();
        best(written.chain(grouped), open)
    }

    fn in_group(&self, group: &Link, addresses: &[IpNet]) -> Truth {
        let Some(group) = find(&self.graph.ip_groups, group, |node| &node.head).filter(|node| !node.head.existing)
        else {
            return Truth::Unknown;
        };
        let ranges = group.ranges.items.iter().map(|text| {
            let range = names::trimmed(text).and_then(range);
            range.map_or(Truth::Unknown, |range| covers(range, addresses))
        });
        best(ranges, group.ranges.open.is_some())
    }

    fn goes_to(&self, rule: &FilterRule, sort: RuleSort, goal: &Goal<'_>) -> Truth {
        let hosts = hosts(rule, sort, goal);
        if sort == RuleSort::Application {
            // Addresses beside hosts narrow a rule; what pages and categories hold is not known.
            let narrowed = !rule.destinations.items.is_empty() || rule.destinations.open.is_some();
            return match hosts {
                Truth::True if narrowed || rule.selects_otherwise => Truth::Unknown,
                Truth::False if rule.selects_otherwise => Truth::Unknown,
                known => known,
            };
        }
        let written = rule.destinations.items.iter().map(|destination| match names::trimmed(destination) {
            None => Truth::Unknown,
            Some("*") => Truth::True,
            Some(text) => match (range(text), goal.addresses) {
                (Some(range), _) if range.prefix_len() == 0 => Truth::True,
                (Some(range), Some(addresses)) => covers(range, addresses),
                (Some(range), None) if crate::catalog::access_rule::is_private(range) => Truth::False,
                // Which addresses a service has is not known, but that they are public.
                (Some(_), None) => Truth::Unknown,
                (None, Some(_)) => Truth::False,
                (None, None) => is_in_tag(text, goal.tags),
            },
        });
        let grouped = rule.destination_groups.items.iter().map(|group| match goal.addresses {
            Some(addresses) => self.in_group(group, addresses),
            None => Truth::Unknown,
        });
        let open = rule.destinations.open.is_some() || rule.destination_groups.open.is_some();
        let found = best(written.chain(grouped), open).or(hosts.and(self.dns_proxy));
        if rule.selects_otherwise { found.and(Truth::Unknown) } else { found }
    }
}

/// Whether the names of a rule hold a host. Network rules take no asterisks ("FQDN filtering in network rules").
fn hosts(rule: &FilterRule, sort: RuleSort, goal: &Goal<'_>) -> Truth {
    let each = rule.hosts.items.iter().map(|host| match names::trimmed(host) {
        Some(text) if sort == RuleSort::Network && text.contains('*') => Truth::False,
        Some(_) | None => names_host(host, goal),
    });
    best(each, rule.hosts.open.is_some())
}

/// The best of some truths; with none, what is asked is not so.
fn best(truths: impl Iterator<Item = Truth>, open: bool) -> Truth {
    let best = truths.max().unwrap_or(Truth::False);
    if open { best.or(Truth::Unknown) } else { best }
}

fn range(text: &str) -> Option<IpNet> {
    text.parse::<IpNet>().or_else(|_| text.parse::<std::net::IpAddr>().map(IpNet::from)).ok()
}

fn find<'g, T>(nodes: &'g [T], link: &Link, head: impl Fn(&T) -> &crate::graph::Head) -> Option<&'g T> {
    let id = link.id.as_ref()?;
    nodes.iter().find(|node| head(node).id.key() == id.key())
}

fn shown(name: &Attr<Pattern>) -> String {
    names::pattern(name).unwrap_or_default().to_string()
}

/// Whether what a rule writes for hosts holds one: `*` stands for all, `*.x` for what is below `x`, and nowhere else ("Azure
/// Firewall FAQ").
fn names_host(written: &Attr<Pattern>, goal: &Goal<'_>) -> Truth {
    let host = &goal.host;
    let Some(written) = names::pattern(written).map(|pattern| pattern.to_lowercase()) else { return Truth::False };
    if let [Part::Hole(unknown)] = written.parts()
        && let Some(known) = (goal.is)(unknown)
    {
        return known.into();
    }
    let Some(text) = written.as_literal() else { return written.same(host) };
    let tail = match host.parts().last() {
        Some(Part::Literal(tail)) => tail.as_str(),
        Some(Part::Hole(_)) | None => "",
    };
    match text.trim().strip_prefix('*') {
        Some("") => Truth::True,
        Some(end) if end.contains('*') => Truth::False,
        Some(end) if tail.ends_with(end) => Truth::True,
        // The rest of the end may be in what is not known of the host.
        Some(end) if host.first_hole().is_some() && end.ends_with(tail) => Truth::Unknown,
        Some(_) => Truth::False,
        None => match host.as_literal().and_then(|host| host.strip_prefix('*')) {
            // Of a domain whose hosts nobody knows, this may be one.
            Some(domain) => Truth::from(text.ends_with(domain)).and(Truth::Unknown),
            None => written.same(host),
        },
    }
}

/// How many labels at their ends the hosts of a rule have in common with another one, more than a domain of which Azure has
/// many.
fn kinship(rule: &FilterRule, host: &Pattern) -> usize {
    let host = host.to_string();
    let labels = |text: &str| text.rsplit('.').map(str::to_lowercase).collect::<Vec<_>>();
    let own = labels(&host);
    let common = |text: &str| labels(text).iter().zip(&own).take_while(|(a, b)| a == b).count();
    let written = rule.hosts.items.iter().filter_map(names::pattern).map(|host| host.to_string());
    let most = written.map(|host| common(&host)).max().unwrap_or(0);
    let of_registries = names::SUFFIXES.iter().any(|suffix| host.ends_with(suffix));
    most.saturating_sub(if of_registries { 1 } else { 2 })
}
