//! What a plan knows of an attribute the graph knows, and nothing else.

use super::*;

/// What a graph says of an attribute.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
enum Knowledge {
    Known,
    Absent,
    Unknown,
}

fn knowledge<T>(attr: &Attr<T>) -> Knowledge {
    match &attr.state {
        State::Known(_) => Knowledge::Known,
        State::Absent => Knowledge::Absent,
        State::Unknown(_) => Knowledge::Unknown,
    }
}

fn text(attr: &Attr<Pattern>) -> Knowledge {
    match attr.value() {
        Some(pattern) if pattern.first_hole().is_some() => Knowledge::Unknown,
        _ => knowledge(attr),
    }
}

fn list<T>(list: &acrlint::graph::List<T>) -> Knowledge {
    match (&list.open, list.items.is_empty()) {
        (Some(_), _) => Knowledge::Unknown,
        (None, true) => Knowledge::Absent,
        (None, false) => Knowledge::Known,
    }
}

/// What a plan says of an attribute.
fn planned(change: &Value, attribute: &str) -> Knowledge {
    let change = &change["change"];
    if change["after_unknown"][attribute] == true {
        return Knowledge::Unknown;
    }
    match &change["after"][attribute] {
        Value::Null => Knowledge::Absent,
        Value::Array(items) if items.is_empty() => Knowledge::Absent,
        _ => Knowledge::Known,
    }
}

#[test]
fn what_the_plan_knows_the_graph_knows_and_nothing_else() {
    for file in ["plans.jsonl", "changes.jsonl"] {
        let Some(plans) = genuine(file) else { return };
        let mut count = 0;
        for (name, record, plan) in &plans {
            let graph = graph(name, plan);
            let by_address: BTreeMap<&str, &Value> =
                changes(&record["plan"]).map(|change| (change["address"].as_str().unwrap(), change)).collect();
            let mut compare = |head: &Head, attribute: &str, found: Knowledge, default: bool| {
                let Some(change) = by_address.get(&*head.address) else { return };
                let mut wanted = planned(change, attribute);
                if wanted == Knowledge::Absent && default {
                    wanted = Knowledge::Known;
                }
                assert_eq!(found, wanted, "{name}: {}.{attribute}", head.address);
                count += 1;
            };
            for node in &graph.registries {
                compare(&node.head, "name", text(&node.head.name), false);
                compare(&node.head, "location", text(&node.head.location), false);
                compare(&node.head, "sku", text(&node.sku), false);
                compare(&node.head, "public_network_access_enabled", text(&node.public_network_access.attr), true);
                compare(&node.head, "network_rule_bypass_option", text(&node.bypass_options.attr), true);
                compare(&node.head, "network_rule_set", text(&node.default_action.attr), true);
                compare(&node.head, "data_endpoint_enabled", knowledge(&node.data_endpoint.attr), true);
                compare(&node.head, "anonymous_pull_enabled", knowledge(&node.anonymous_pull.attr), true);
                compare(&node.head, "export_policy_enabled", text(&node.export_policy.attr), true);
            }
            for node in &graph.subnets {
                compare(&node.head, "address_prefixes", list(&node.prefixes), false);
                compare(&node.head, "service_endpoints", list(&node.service_endpoints), false);
                compare(&node.head, "delegation", list(&node.delegations), false);
            }
            for node in &graph.virtual_networks {
                compare(&node.head, "address_space", list(&node.address_space), false);
                compare(&node.head, "location", text(&node.head.location), false);
            }
            for node in &graph.a_records {
                compare(&node.head, "records", list(&node.addresses), false);
            }
            for node in &graph.zone_links {
                compare(&node.head, "registration_enabled", knowledge(&node.registration_enabled.attr), true);
            }
            for node in &graph.private_endpoints {
                compare(&node.head, "location", text(&node.head.location), false);
                compare(&node.head, "private_service_connection", list(&node.connections), false);
            }
            for node in &graph.container_apps {
                compare(&node.head, "location", text(&node.head.location), false);
            }
            for node in &graph.peerings {
                compare(&node.head, "allow_virtual_network_access", knowledge(&node.allow_access.attr), true);
            }
            for node in &graph.agent_pools {
                compare(&node.head, "instance_count", knowledge(&node.count), false);
            }
            for node in &graph.tasks {
                compare(&node.head, "agent_pool_name", text(&node.agent_pool_name), false);
                compare(&node.head, "is_system_task", knowledge(&node.is_system_task.attr), true);
            }
            for node in &graph.defender_pricings {
                compare(&node.head, "tier", text(&node.pricing_tier), false);
            }
        }
        assert!(count > 150, "{count} attributes in {file}");
    }
}
