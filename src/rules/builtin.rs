//! The rules that come with the program.
//!
//! In: nothing. Out: their texts, as sources like any others. Must not know: what they say.

use crate::source::{FileId, Sources};

/// Path from the root of the repository, and text. In the order of the paths; a test compares this with the folder.
const FILES: &[(&str, &str)] = &[
    ("rules/aci-bypass-off.json", include_str!("../../rules/aci-bypass-off.json")),
    ("rules/aci-no-mi.json", include_str!("../../rules/aci-no-mi.json")),
    ("rules/acr-cli-reenable-leaves-deny.json", include_str!("../../rules/acr-cli-reenable-leaves-deny.json")),
    ("rules/acr-client-ip-denied.json", include_str!("../../rules/acr-client-ip-denied.json")),
    ("rules/acr-client-ip-not-allowed.json", include_str!("../../rules/acr-client-ip-not-allowed.json")),
    ("rules/acr-client-private-ip-denied.json", include_str!("../../rules/acr-client-private-ip-denied.json")),
    ("rules/acr-deny-no-rules-no-pe.json", include_str!("../../rules/acr-deny-no-rules-no-pe.json")),
    ("rules/acr-dualstack-prereq.json", include_str!("../../rules/acr-dualstack-prereq.json")),
    ("rules/acr-export-policy.json", include_str!("../../rules/acr-export-policy.json")),
    ("rules/acr-hosted-ci-blocked.json", include_str!("../../rules/acr-hosted-ci-blocked.json")),
    ("rules/acr-iprule-malformed.json", include_str!("../../rules/acr-iprule-malformed.json")),
    ("rules/acr-iprule-private-range.json", include_str!("../../rules/acr-iprule-private-range.json")),
    ("rules/acr-network-rules-need-premium.json", include_str!("../../rules/acr-network-rules-need-premium.json")),
    ("rules/acr-pe-and-vnetrules-coexist.json", include_str!("../../rules/acr-pe-and-vnetrules-coexist.json")),
    ("rules/acr-property-unknown-to-api.json", include_str!("../../rules/acr-property-unknown-to-api.json")),
    ("rules/acr-public-disabled-no-pe.json", include_str!("../../rules/acr-public-disabled-no-pe.json")),
    ("rules/acr-rule-removed-clients-remain.json", include_str!("../../rules/acr-rule-removed-clients-remain.json")),
    (
        "rules/acr-rules-ineffective-default-allow.json",
        include_str!("../../rules/acr-rules-ineffective-default-allow.json"),
    ),
    (
        "rules/acr-rules-ineffective-public-disabled.json",
        include_str!("../../rules/acr-rules-ineffective-public-disabled.json"),
    ),
    (
        "rules/acr-service-endpoint-public-disabled.json",
        include_str!("../../rules/acr-service-endpoint-public-disabled.json"),
    ),
    ("rules/acr-sku-downgrade.json", include_str!("../../rules/acr-sku-downgrade.json")),
    ("rules/acr-vnetrules-api-version.json", include_str!("../../rules/acr-vnetrules-api-version.json")),
    ("rules/acr-vnetrules-invisible.json", include_str!("../../rules/acr-vnetrules-invisible.json")),
    ("rules/agentpool-count-zero.json", include_str!("../../rules/agentpool-count-zero.json")),
    ("rules/agentpool-egress.json", include_str!("../../rules/agentpool-egress.json")),
    ("rules/agentpool-os.json", include_str!("../../rules/agentpool-os.json")),
    ("rules/agentpool-region.json", include_str!("../../rules/agentpool-region.json")),
    ("rules/appservice-not-trusted.json", include_str!("../../rules/appservice-not-trusted.json")),
    (
        "rules/connected-registry-needs-data-endpoint.json",
        include_str!("../../rules/connected-registry-needs-data-endpoint.json"),
    ),
    ("rules/containerapps-not-trusted.json", include_str!("../../rules/containerapps-not-trusted.json")),
    ("rules/defender-bypass-off.json", include_str!("../../rules/defender-bypass-off.json")),
    ("rules/defender-legacy-plan.json", include_str!("../../rules/defender-legacy-plan.json")),
    ("rules/defender-plan-off.json", include_str!("../../rules/defender-plan-off.json")),
    ("rules/defender-se-registry.json", include_str!("../../rules/defender-se-registry.json")),
    ("rules/dns-custom-server-no-forwarder.json", include_str!("../../rules/dns-custom-server-no-forwarder.json")),
    ("rules/dns-foreign-registry-nxdomain.json", include_str!("../../rules/dns-foreign-registry-nxdomain.json")),
    ("rules/dns-forwarder-privatelink-suffix.json", include_str!("../../rules/dns-forwarder-privatelink-suffix.json")),
    ("rules/dns-hosts-file-only-login.json", include_str!("../../rules/dns-hosts-file-only-login.json")),
    ("rules/dns-hosts-file-wrong-ip.json", include_str!("../../rules/dns-hosts-file-wrong-ip.json")),
    ("rules/dns-multiple-zones.json", include_str!("../../rules/dns-multiple-zones.json")),
    ("rules/dns-record-missing-data.json", include_str!("../../rules/dns-record-missing-data.json")),
    ("rules/dns-record-missing-registry.json", include_str!("../../rules/dns-record-missing-registry.json")),
    ("rules/dns-record-missing-replica.json", include_str!("../../rules/dns-record-missing-replica.json")),
    ("rules/dns-record-region-not-normalised.json", include_str!("../../rules/dns-record-region-not-normalised.json")),
    ("rules/dns-record-wrong-ip.json", include_str!("../../rules/dns-record-wrong-ip.json")),
    ("rules/dns-resolver-not-azure.json", include_str!("../../rules/dns-resolver-not-azure.json")),
    ("rules/dns-shadow-azurecr-zone.json", include_str!("../../rules/dns-shadow-azurecr-zone.json")),
    ("rules/dns-shadow-region-data-zone.json", include_str!("../../rules/dns-shadow-region-data-zone.json")),
    ("rules/dns-shared-zone-multi-pe.json", include_str!("../../rules/dns-shared-zone-multi-pe.json")),
    ("rules/dns-stale-after-pe-delete.json", include_str!("../../rules/dns-stale-after-pe-delete.json")),
    ("rules/dns-vnet-linked-twice.json", include_str!("../../rules/dns-vnet-linked-twice.json")),
    ("rules/dns-zone-declared-twice.json", include_str!("../../rules/dns-zone-declared-twice.json")),
    ("rules/dns-zone-group-missing.json", include_str!("../../rules/dns-zone-group-missing.json")),
    ("rules/dns-zone-group-wrong-zone.json", include_str!("../../rules/dns-zone-group-wrong-zone.json")),
    ("rules/dns-zone-missing.json", include_str!("../../rules/dns-zone-missing.json")),
    ("rules/dns-zone-not-linked.json", include_str!("../../rules/dns-zone-not-linked.json")),
    ("rules/dns-zone-wrong-name.json", include_str!("../../rules/dns-zone-wrong-name.json")),
    ("rules/drift.json", include_str!("../../rules/drift.json")),
    ("rules/egress-nsg-blocks-data.json", include_str!("../../rules/egress-nsg-blocks-data.json")),
    ("rules/egress-nsg-blocks-dns.json", include_str!("../../rules/egress-nsg-blocks-dns.json")),
    ("rules/egress-nsg-blocks-registry.json", include_str!("../../rules/egress-nsg-blocks-registry.json")),
    ("rules/egress-nsg-mcr-without-frontdoor.json", include_str!("../../rules/egress-nsg-mcr-without-frontdoor.json")),
    ("rules/egress-udr-blackhole.json", include_str!("../../rules/egress-udr-blackhole.json")),
    ("rules/fw-missing-data.json", include_str!("../../rules/fw-missing-data.json")),
    ("rules/fw-missing-login.json", include_str!("../../rules/fw-missing-login.json")),
    ("rules/fw-missing-replica-data.json", include_str!("../../rules/fw-missing-replica-data.json")),
    ("rules/georep-routing-disabled.json", include_str!("../../rules/georep-routing-disabled.json")),
    ("rules/image-host-not-login-server.json", include_str!("../../rules/image-host-not-login-server.json")),
    ("rules/pe-connection-dangling.json", include_str!("../../rules/pe-connection-dangling.json")),
    ("rules/pe-data-path-shift.json", include_str!("../../rules/pe-data-path-shift.json")),
    ("rules/pe-duplicate-in-vnet.json", include_str!("../../rules/pe-duplicate-in-vnet.json")),
    ("rules/pe-network-policy-nsg-blocks.json", include_str!("../../rules/pe-network-policy-nsg-blocks.json")),
    ("rules/pe-not-approved.json", include_str!("../../rules/pe-not-approved.json")),
    ("rules/pe-on-delegated-subnet.json", include_str!("../../rules/pe-on-delegated-subnet.json")),
    ("rules/pe-premium.json", include_str!("../../rules/pe-premium.json")),
    ("rules/pe-provider-not-registered.json", include_str!("../../rules/pe-provider-not-registered.json")),
    ("rules/pe-region-mismatch.json", include_str!("../../rules/pe-region-mismatch.json")),
    ("rules/pe-removed-clients-remain.json", include_str!("../../rules/pe-removed-clients-remain.json")),
    (
        "rules/pe-replacement-interrupts-clients.json",
        include_str!("../../rules/pe-replacement-interrupts-clients.json"),
    ),
    ("rules/pe-static-ip-blocks-georep.json", include_str!("../../rules/pe-static-ip-blocks-georep.json")),
    ("rules/pe-static-ip-missing-member.json", include_str!("../../rules/pe-static-ip-missing-member.json")),
    ("rules/pe-subnet-ip-exhaustion.json", include_str!("../../rules/pe-subnet-ip-exhaustion.json")),
    ("rules/pe-unreachable-from-client.json", include_str!("../../rules/pe-unreachable-from-client.json")),
    ("rules/pe-wrong-group-id.json", include_str!("../../rules/pe-wrong-group-id.json")),
    ("rules/pod-image-pull-blocked.json", include_str!("../../rules/pod-image-pull-blocked.json")),
    ("rules/proxy-noproxy-missing.json", include_str!("../../rules/proxy-noproxy-missing.json")),
    ("rules/proxy-noproxy-wildcard.json", include_str!("../../rules/proxy-noproxy-wildcard.json")),
    ("rules/se-missing-endpoint.json", include_str!("../../rules/se-missing-endpoint.json")),
    ("rules/se-provider-not-registered.json", include_str!("../../rules/se-provider-not-registered.json")),
    ("rules/se-subnet-no-rule.json", include_str!("../../rules/se-subnet-no-rule.json")),
    ("rules/tasks-bypass-default.json", include_str!("../../rules/tasks-bypass-default.json")),
    ("rules/tasks-dualstack.json", include_str!("../../rules/tasks-dualstack.json")),
    ("rules/tasks-identity-not-attached.json", include_str!("../../rules/tasks-identity-not-attached.json")),
    (
        "rules/tasks-public-disabled-no-agentpool.json",
        include_str!("../../rules/tasks-public-disabled-no-agentpool.json"),
    ),
    ("rules/tf-virtual-network-removed.json", include_str!("../../rules/tf-virtual-network-removed.json")),
];

/// Adds the texts to the sources of a run.
pub fn add(sources: &mut Sources) -> Vec<FileId> {
    FILES.iter().map(|&(path, text)| sources.add(path, text)).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::FILES;

    #[test]
    fn every_rule_of_the_folder_is_embedded() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut folder: Vec<String> = walkdir::WalkDir::new(root.join("rules"))
            .into_iter()
            .filter_map(Result::ok)
            .filter(|entry| entry.path().extension().is_some_and(|ending| ending == "json"))
            .filter_map(|entry| Some(entry.path().strip_prefix(root).ok()?.to_string_lossy().replace('\\', "/")))
            .collect();
        folder.sort();
        let embedded: Vec<&str> = FILES.iter().map(|(path, _)| *path).collect();
        assert_eq!(embedded, folder, "list every file of rules/ in src/rules/builtin.rs, in the order of the paths");
        for (path, text) in FILES {
            assert_eq!(std::fs::read_to_string(root.join(path)).ok().as_deref(), Some(*text), "{path}");
        }
    }
}
