//! Plans of a change: each is found, by a finding that names what is changed; a plan that changes nothing is clean.

use std::fmt::Write as _;
use std::fs;

use serde_json::Value;

use super::{check, genuine};

/// What a plan's name says, the rules that say it, and which kind of resource is changed.
const FAULTS: [(&str, &[&str], &str); 11] = [
    ("remove-endpoint", &["pe-removed-clients-remain"], "azurerm_private_endpoint"),
    ("unlink-zone", &["pe-removed-clients-remain"], "azurerm_private_dns_zone_virtual_network_link"),
    ("drop-replica-record", &["pe-removed-clients-remain"], "azurerm_private_dns_a_record"),
    ("drop-login-record", &["pe-removed-clients-remain"], "azurerm_private_dns_a_record"),
    ("drop-service-endpoint", &["acr-rule-removed-clients-remain", "se-missing-endpoint"], "azurerm_subnet"),
    ("drop-subnet-rule", &["acr-rule-removed-clients-remain"], "azurerm_container_registry"),
    ("close-public-access", &["acr-service-endpoint-public-disabled"], "azurerm_container_registry"),
    ("deny-without-rules", &["acr-deny-no-rules-no-pe"], "azurerm_container_registry"),
    ("bypass-off", &["defender-bypass-off"], "azurerm_container_registry"),
    ("add-replica-static", &["pe-static-ip-blocks-georep"], "azurerm_container_registry"),
    ("other-zone", &["dns-zone-group-wrong-zone"], "azurerm_private_endpoint"),
];

/// The addresses that a plan changes, of one type.
fn changed(plan: &Value, ty: &str) -> Vec<String> {
    let changes = plan["resource_changes"].as_array().unwrap().iter();
    let changes =
        changes.filter(|change| change["type"] == ty && change["change"]["actions"] != serde_json::json!(["no-op"]));
    changes.map(|change| change["address"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn each_change_is_found_where_it_is_made() {
    let Some(plans) = genuine("changes.jsonl") else { return };
    let folder = tempfile::tempdir().unwrap();
    let (mut table, mut wrong) = (String::new(), Vec::new());
    for (name, record, plan) in &plans {
        let path = folder.path().join("plan.json");
        fs::write(&path, plan).unwrap();
        let (_, report) = check(&[&path.to_string_lossy()]);
        let findings = report["findings"].as_array().unwrap();
        let violations: Vec<&Value> = findings.iter().filter(|finding| finding["outcome"] == "violation").collect();
        let fault = FAULTS.iter().find(|(fault, ..)| name.starts_with(fault));
        let Some((_, rules, ty)) = fault else {
            assert!(name.starts_with("no-change"), "{name} is of no kind that this test knows");
            let loud = violations.iter().filter(|finding| finding["level"] != "note").count();
            writeln!(table, "{name:<28} {loud} errors and warnings").unwrap();
            if loud > 0 {
                wrong.push(format!("{name}: {violations:#?}"));
            }
            continue;
        };
        let addresses = changed(&record["plan"], ty);
        assert!(!addresses.is_empty(), "{name} changes no {ty}");
        for rule in *rules {
            let of = violations.iter().filter(|finding| finding["rule"] == *rule);
            let names = |finding: &&&Value| {
                let said = format!("{} {}", finding["message"], finding["resource"]["address"]);
                addresses.iter().any(|address| said.contains(address.as_str()))
            };
            let found = of.filter(names).count();
            writeln!(table, "{name:<28} {rule:<36} {found} of {} naming {}", violations.len(), addresses.join(", "))
                .unwrap();
            if found == 0 {
                wrong.push(format!("{name}: {rule} does not name {addresses:?}: {violations:#?}"));
            }
        }
    }
    println!("{table}");
    assert!(wrong.is_empty(), "{table}\n{}", wrong.join("\n"));
}
