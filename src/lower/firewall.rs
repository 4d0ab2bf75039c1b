//! Decodes what firewalls let through.
//!
//! In: bodies. Out: nodes. Must not know: whose traffic it is.

use crate::graph::{
    FilterProtocol, FilterRule, FirewallPolicy, Head, IpGroup, List, RuleCollection, RuleCollectionGroup, RuleSort,
};
use crate::value::Attr;

use super::decode::{Reader, View};
use super::parent;

pub(super) fn policy(reader: &mut Reader, view: &View, head: Head) -> FirewallPolicy {
    FirewallPolicy {
        base: reader.link(&view.at("properties.basePolicy.id")),
        dns_proxy: reader.bool(&view.at("properties.dnsSettings.enableProxy")),
        head,
    }
}

pub(super) fn rule_collection_group(reader: &mut Reader, view: &View, head: Head) -> RuleCollectionGroup {
    let p = view.member("properties");
    RuleCollectionGroup {
        policy: parent(&head),
        priority: reader.int(&p.at("priority")),
        collections: reader.list(&p.at("ruleCollections"), |reader, view| collection(reader, view, view, None)),
        head,
    }
}

pub(super) fn ip_group(reader: &mut Reader, view: &View, head: Head) -> IpGroup {
    IpGroup { ranges: reader.texts(&view.at("properties.ipAddresses")), head }
}

/// The collections of a firewall without a policy; there `properties` hold what is in them.
pub(super) fn own_collections(reader: &mut Reader, view: &View, sort: RuleSort) -> List<RuleCollection> {
    reader.list(view, |reader, view| {
        let inner = view.member("properties");
        collection(reader, view, if inner.is_absent() { view } else { &inner }, Some(sort))
    })
}

fn collection(reader: &mut Reader, view: &View, p: &View, sort: Option<RuleSort>) -> RuleCollection {
    RuleCollection {
        name: reader.text(&view.at("name")),
        priority: reader.int(&p.at("priority")),
        action: reader.text(&p.at("action.type")),
        rules: reader.list(&p.at("rules"), |reader, view| rule(reader, view, sort)),
    }
}

fn rule(reader: &mut Reader, view: &View, sort: Option<RuleSort>) -> FilterRule {
    let written = reader.text(&view.at("ruleType"));
    let is = |name: &str| written.as_literal().is_some_and(|ty| ty.eq_ignore_ascii_case(name));
    let sort = match sort {
        Some(sort) => Some(sort),
        None if is("ApplicationRule") => Some(RuleSort::Application),
        None if is("NetworkRule") => Some(RuleSort::Network),
        None if is("NatRule") => Some(RuleSort::Nat),
        None => None,
    };
    let of_application = sort == Some(RuleSort::Application);
    let protocols = match (of_application, view.at("ipProtocols")) {
        (false, own) if !own.is_absent() => own,
        (_, _) => view.at("protocols"),
    };
    let others =
        ["targetUrls", "webCategories", "sourceKubeSelectorGroups", "sourceGeoLocations", "destinationGeoLocations"];
    let hosts = view.at(if of_application { "targetFqdns" } else { "destinationFqdns" });
    FilterRule {
        name: reader.text(&view.at("name")),
        sort,
        protocols: reader.list(&protocols, |reader, view| protocol(reader, view, of_application)),
        sources: reader.texts(&view.at("sourceAddresses")),
        source_groups: reader.list(&view.at("sourceIpGroups"), Reader::link),
        hosts: reader.texts(&hosts),
        destinations: reader.texts(&view.at("destinationAddresses")),
        destination_groups: reader.list(&view.at("destinationIpGroups"), Reader::link),
        ports: reader.texts(&view.at("destinationPorts")),
        selects_otherwise: others.into_iter().any(|name| {
            let list = reader.list(&view.at(name), |_, _| ());
            !list.items.is_empty() || list.open.is_some()
        }),
    }
}

fn protocol(reader: &mut Reader, view: &View, of_application: bool) -> FilterProtocol {
    if of_application {
        return FilterProtocol { name: reader.text(&view.at("protocolType")), port: reader.int(&view.at("port")) };
    }
    let name = reader.text(view);
    FilterProtocol { port: Attr::absent(name.origin), name }
}
