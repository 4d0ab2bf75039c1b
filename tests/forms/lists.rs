//! Rules whose fixtures are not templates, so that nothing renders them in another form.

/// Rules about what was seen of registries and clients, which stands in no template.
pub const OF_CLIENTS: [&str; 11] = [
    "acr-cli-reenable-leaves-deny",
    "acr-client-ip-denied",
    "acr-client-private-ip-denied",
    "acr-hosted-ci-blocked",
    "acr-vnetrules-invisible",
    "dns-forwarder-privatelink-suffix",
    "dns-hosts-file-only-login",
    "dns-hosts-file-wrong-ip",
    "dns-resolver-not-azure",
    "pod-image-pull-blocked",
    "proxy-noproxy-missing",
];

/// Rules about plans: about a change, of which a template does not say what was there before, and about what only Terraform
/// refuses.
pub const OF_CHANGES: [&str; 8] = [
    "acr-rule-removed-clients-remain",
    "acr-sku-downgrade",
    "dns-zone-declared-twice",
    "pe-data-path-shift",
    "pe-removed-clients-remain",
    "pe-replacement-interrupts-clients",
    "pe-static-ip-blocks-georep",
    "tf-virtual-network-removed",
];

/// Whether a rule is one of these.
pub fn of_others(rule: &str) -> bool {
    OF_CLIENTS.contains(&rule) || OF_CHANGES.contains(&rule)
}
