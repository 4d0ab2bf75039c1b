//! Plans in the shapes of several versions of the providers: what is wrong in them is found, and nothing else.

use super::*;

/// Plans, and the rules that they break.
const PLANS: [(&str, &[&str]); 8] = [
    // The body is text, put over a registry of azurerm.
    ("azapi-1-update", &["acr-public-disabled-no-pe"]),
    // The body is an object.
    ("azapi-2-update", &["acr-public-disabled-no-pe"]),
    // `georeplication_locations`, `address_prefix`, policies that are enforced.
    (
        "azurerm-2",
        &[
            "dns-record-missing-data",
            "dns-record-missing-registry",
            "dns-record-missing-replica",
            "dns-zone-group-missing",
        ],
    ),
    // A firewall without a policy, whose rule collections are resources that name it.
    ("azurerm-3-firewall", &["fw-missing-login"]),
    // A policy, a group of rule collections, and a firewall, joined by ids that are not known yet.
    ("azurerm-4-firewall", &["fw-missing-login"]),
    // Endpoints of other services that the same plan makes, whose ids are not known yet: none of them asks for a registry.
    ("azurerm-4-services", &[]),
    // `private_dns_zone_id` of links and records, one of which is there.
    ("azurerm-5-records", &["dns-record-missing-data", "dns-record-missing-replica", "dns-zone-group-missing"]),
    // Blocks `service_endpoint`.
    ("azurerm-5-service-endpoint", &["se-subnet-no-rule"]),
];

#[test]
fn plans_of_several_versions_are_judged() {
    for (name, wanted) in PLANS {
        let path = testdata(&format!("terraform/versions/{name}.json"));
        let (_, report) = check(&["--no-config", path.to_str().unwrap()]);
        assert_eq!(report["problems"].as_array().map(Vec::len), Some(0), "{name}: {report}");
        let findings = report["findings"].as_array().unwrap();
        let of = |outcome: &str| -> BTreeSet<&str> {
            let findings = findings.iter().filter(|finding| finding["outcome"] == outcome);
            findings.map(|finding| finding["rule"].as_str().unwrap()).collect()
        };
        assert_eq!(of("violation"), wanted.iter().copied().collect(), "{name}");
        let open = of("open");
        // No plan shows how Defender is set up in a subscription that it does not manage.
        assert!(open.iter().all(|rule| *rule == "defender-bypass-off"), "{name}: {open:?}");
    }
}
