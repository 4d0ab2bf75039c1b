//! Dumps: every shape is recognised, becomes the same nodes as a template would, and says what it does not show.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::get_unwrap,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "what a test cannot do ends it, and what it does not test it says"
)]

mod beside;

use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use acrlint::catalog::{CATALOG, Completeness, Datum, Model, Scalar, Subject};
use acrlint::cli::{self, Exit, Streams};
use acrlint::graph::NodeKind;
use acrlint::input::{Format, dump};
use acrlint::lower;
use acrlint::source::Sources;
use serde_json::{Value, json};

fn testdata(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(folder)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "json"));
    paths.sort();
    paths
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

/// Exit code, and the report.
fn check(arguments: &[&str]) -> (Exit, Value) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut streams = Streams { out: &mut out, err: &mut err, out_width: None, err_terminal: false, no_color: true };
    let arguments = ["acrlint", "check", "--format", "json"].iter().chain(arguments).map(OsString::from);
    let exit = cli::run(arguments, &mut streams);
    (exit, serde_json::from_slice(&out).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&err))))
}

fn codes(report: &Value) -> Vec<&str> {
    report["problems"].as_array().unwrap().iter().map(|problem| problem["code"].as_str().unwrap()).collect()
}

fn violations(report: &Value) -> Vec<(&str, String, &str)> {
    let all = report["findings"].as_array().unwrap().iter().filter(|finding| finding["outcome"] == "violation");
    let mut found: Vec<_> = all
        .map(|finding| {
            let id = finding["resource"]["id"].as_str().unwrap().to_lowercase();
            (finding["rule"].as_str().unwrap(), id, finding["certainty"].as_str().unwrap())
        })
        .collect();
    found.sort();
    found
}

/// What rules see of a text.
fn nodes(path: &Path) -> String {
    use acrlint::catalog::Facts;
    let mut sources = Sources::new();
    let file = sources.add(name(path), fs::read_to_string(path).unwrap());
    let text = acrlint::input::read(file, sources.get(file).text());
    let whole = !text.is_broken();
    let mut shown = format!("{}\n", text.format.words());
    assert!(matches!(text.format, Format::Dump(_)), "{} is {:?}", path.display(), text.format);
    let trees: Vec<_> = text.documents.into_iter().map(|parsed| parsed.tree).collect();
    let known = |ty: &_| NodeKind::of(ty).is_some();
    let beside = dump::Beside::default();
    let about = dump::About { path: &name(path), registry: None, beside: &beside, whole, others: true };
    let loaded = dump::load(&trees, about, &known);
    for problem in &loaded.problems {
        let place = sources.slice(problem.span().unwrap()).lines().next().unwrap_or_default().to_owned();
        writeln!(shown, "{} [{}] {} at `{place}`", problem.level.name(), problem.code, problem.message).unwrap();
    }
    for listing in &loaded.listings {
        writeln!(shown, "all {} within {}", listing.ty, listing.within).unwrap();
    }
    for resource in &loaded.resources {
        let standing = match (resource.existing, resource.seen) {
            (true, _) => "named",
            (false, true) => "seen",
            (false, false) => "declared",
        };
        writeln!(shown, "{standing} {} {}", resource.ty, resource.address).unwrap();
    }
    let lowered = lower::lower_listed(loaded.resources, &loaded.listings);
    for problem in &lowered.problems {
        writeln!(shown, "{} [{}] {}", problem.level.name(), problem.code, problem.message).unwrap();
    }
    let model = Model::new(lowered.graph, vec![loaded.trails]);
    for kind in CATALOG.kinds {
        for subject in Facts::all(&model, kind) {
            describe(&model, subject, 0, &mut shown);
        }
    }
    shown
}

fn describe(model: &Model, subject: Subject, depth: usize, shown: &mut String) {
    use acrlint::catalog::Facts as _;
    let kind = CATALOG.get(subject.kind).unwrap();
    let indent = "  ".repeat(depth);
    writeln!(shown, "{indent}{}", kind.name).unwrap();
    for property in kind.properties {
        let value = match model.property(property, subject).datum {
            Datum::Absent => continue,
            Datum::Known(Scalar::Bool(value)) => value.to_string(),
            Datum::Known(Scalar::Int(value)) => value.to_string(),
            Datum::Known(Scalar::Text(value)) => value.to_string(),
            Datum::Known(Scalar::Net(value)) => value.to_string(),
            Datum::Unknown(unknown) => format!("? {}", unknown.symbol.text),
        };
        if !["address", "id"].contains(&property.name) {
            writeln!(shown, "{indent}  {} = {value}", property.name).unwrap();
        }
    }
    for relation in kind.relations.iter().filter(|relation| !relation.one) {
        let related = model.related(relation, subject);
        let complete = match related.complete {
            Completeness::Complete(_) => "all".to_owned(),
            Completeness::Presumed(_) => "all, presumed".to_owned(),
            Completeness::Incomplete { settle, .. } => format!("and perhaps more: {settle}"),
        };
        writeln!(shown, "{indent}  {}: {} ({complete})", relation.name, related.members.len()).unwrap();
        // What has no owner is shown by itself.
        let (_, target) = CATALOG.kind(relation.target).unwrap();
        for member in related.members.iter().filter(|_| depth == 0 && (target.all)(model).is_empty()) {
            describe(model, member.subject, 2, shown);
        }
    }
}

#[test]
fn every_shape_becomes_nodes() {
    for path in files(&testdata("dumps")) {
        let case = name(&path).replace(".json", "");
        insta::with_settings!({ snapshot_path => "../testdata/dumps", prepend_module_to_snapshot => false,
            omit_expression => true }, { insta::assert_snapshot!(case, nodes(&path)) });
    }
}

#[test]
fn samples_of_others_are_what_they_are_said_to_be() {
    let Some(folder) = beside::shared("corpus") else { return };
    let manifest = fs::read_to_string(folder.join("MANIFEST.tsv")).unwrap();
    let mut seen = 0;
    for line in manifest.lines() {
        let columns: Vec<&str> = line.split('\t').collect();
        let (path, said) = (columns[0], columns.get(5).copied().unwrap_or_default());
        if !path.starts_with("azdump/") && !path.starts_with("graph/") {
            continue;
        }
        let full = folder.join(path);
        let (exit, report) = check(&["--allow-empty", &full.to_string_lossy()]);
        let format = report["files"][0]["format"].as_str().unwrap_or_default().to_owned();
        let text = fs::read_to_string(&full).unwrap();
        let wanted: &[&str] = match said {
            _ if path.starts_with("graph/") => &["resource-graph"],
            // Of an empty list nobody can tell.
            _ if text.contains("\"value\": []") => &["azure-cli"],
            _ if said.starts_with("az output") => &["azure-cli"],
            _ if said.starts_with("REST") => &["azure-rest"],
            _ => panic!("{path}: {said}"),
        };
        assert!(wanted.contains(&format.as_str()), "{path} is {said}, but {format}");
        let explained: &[&str] = match () {
            () if said.contains("error") => &["dump-is-an-error"],
            () if text.contains("\"$skipToken\": \"") => &["dump-incomplete"],
            () if said.contains("network-rule list") => &["dump-without-owner"],
            () => &[],
        };
        assert_eq!(codes(&report), explained, "{path}");
        assert_eq!(exit == Exit::Unusable, said.contains("error"), "{path}");
        // Every registry that the text names by its login server is one of the nodes.
        if !said.contains("error") && text.contains("\"loginServer\"") {
            assert!(nodes(&full).contains("\n  loginServer = "), "{path}");
        }
        seen += 1;
    }
    assert!(seen > 25, "{seen} samples");
}

/// Rules about what only an output shows: how a tool left a registry, and what an output hides.
const OF_DUMPS: [&str; 2] = ["acr-cli-reenable-leaves-deny", "acr-vnetrules-invisible"];

#[test]
fn a_deployment_is_judged_alike_in_every_form() {
    let mut shown = String::new();
    let mut folders: Vec<_> =
        fs::read_dir(testdata("equivalent")).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.retain(|folder| folder.is_dir());
    folders.sort();
    for folder in folders {
        let path = |name: &str| folder.join(name).to_string_lossy().into_owned();
        let (_, template) = check(&[
            &path("template.json"),
            "--subscription",
            "8d1c2a44-0f5e-4b39-9a7e-2f6c51b0e7d3",
            "--resource-group",
            "rg-images",
        ]);
        let (_, dump) = check(&[&path("dump.json")]);
        let (_, plan) = check(&[&path("plan.json")]);
        let (_, state) = check(&[&path("state.json")]);
        let (declared, mut seen) = (violations(&template), violations(&dump));
        seen.retain(|(rule, ..)| !OF_DUMPS.contains(rule));
        let bare = |found: &[(&str, String, &str)]| -> Vec<String> {
            found.iter().map(|(rule, id, _)| format!("{rule} {}", id.rsplit('/').next().unwrap())).collect()
        };
        assert_eq!(bare(&declared), bare(&seen), "{}", folder.display());
        for (kind, report) in [("plan", &plan), ("state", &state)] {
            // What one presumes the other presumes.
            assert_eq!(violations(&template), violations(report), "{} as {kind}", folder.display());
        }
        writeln!(shown, "{}", name(&folder)).unwrap();
        for ((rule, id, declared), (_, _, seen)) in declared.iter().zip(&seen) {
            let own = id.rsplit('/').next().unwrap();
            writeln!(shown, "  {rule} {own}: {declared} in the template, {seen} in the dump").unwrap();
        }
    }
    insta::with_settings!({ snapshot_path => "../testdata/equivalent", prepend_module_to_snapshot => false,
        omit_expression => true }, { insta::assert_snapshot!("findings", shown) });
}

#[test]
fn what_is_cut_off_never_passes_as_clean() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cut.json");
    for source in files(&testdata("dumps")) {
        let text = fs::read_to_string(&source).unwrap();
        let end = text.trim_end().len();
        // Of several documents in a row, a cut behind one of them leaves nothing to see.
        let documents = dump::documents::split(&text);
        for step in 0..60 {
            let at = (1..=end * step / 60).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(1);
            if at >= end || !documents.iter().any(|range| range.start < at && at < range.end) {
                continue;
            }
            fs::write(&path, &text[..at]).unwrap();
            let (exit, report) = check(&[&path.to_string_lossy()]);
            assert_eq!(exit, Exit::Unusable, "{} cut at {at}: {report}", source.display());
            let proven = violations(&report).into_iter().filter(|(_, _, certainty)| *certainty == "proven");
            let absences = ["acr-public-disabled-no-pe", "dns-zone-not-linked", "dns-record-missing-data"];
            for (rule, ..) in proven {
                assert!(!absences.contains(&rule), "{} cut at {at}: {rule}", source.display());
            }
        }
    }
}

#[test]
fn rules_without_a_registry_find_their_owner_or_ask_for_it() {
    let lone = testdata("dumps/network-rules.json").to_string_lossy().into_owned();
    let (exit, report) = check(&[&lone]);
    assert_eq!((exit, codes(&report)), (Exit::Findings, vec!["dump-without-owner"]));
    let (_, report) = check(&[&lone, "--registry", "fabrikamimages"]);
    assert_eq!(codes(&report), Vec::<&str>::new());
    assert_eq!(report["summary"]["registries"], 1);
    let open = report["findings"].as_array().unwrap();
    assert!(open.iter().all(|finding| finding["outcome"] == "open"), "{report:#}");
    assert!(open.iter().any(|finding| finding["rule"] == "se-missing-endpoint"), "{report:#}");

    // Of two registries the one whose name is in the path.
    let folder = tempfile::tempdir().unwrap();
    let list = fs::read_to_string(testdata("dumps/acr-list.json")).unwrap();
    let rules = fs::read_to_string(&lone).unwrap();
    for (file, asks) in [("both.json", true), ("rules-of-fabrikamimages.json", false)] {
        let path = folder.path().join(file);
        fs::write(&path, format!("{list}\n{rules}")).unwrap();
        let (_, report) = check(&[&path.to_string_lossy()]);
        assert_eq!(codes(&report).contains(&"dump-without-owner"), asks, "{report:#}");
    }
}

/// The outcome of a rule on documents in a row: `violation`, `open` or nothing.
fn outcome(rule: &str, documents: &[Value], arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("estate.json").to_string_lossy().into_owned();
    let texts: Vec<_> = documents.iter().map(ToString::to_string).collect();
    fs::write(&path, texts.join("\n")).unwrap();
    let (_, report) = check(&[&[path.as_str(), "--select", rule], arguments].concat());
    let found = report["findings"].as_array().unwrap();
    found.first().map(|finding| finding["outcome"].as_str().unwrap().to_owned()).unwrap_or_default()
}

fn id(subscription: u8, rest: &str) -> String {
    format!("/subscriptions/{subscription}/resourceGroups/rg/providers/{rest}")
}

fn registry(more: &Value) -> Value {
    let mut acr = json!({"id": id(1, "Microsoft.ContainerRegistry/registries/acr"), "name": "acr", "location": "westeurope",
        "type": "Microsoft.ContainerRegistry/registries", "sku": {"name": "Premium"}, "loginServer": "acr.azurecr.io",
        "publicNetworkAccess": "Enabled", "networkRuleBypassOptions": "None", "privateEndpointConnections": [],
        "networkRuleSet": {"defaultAction": "Deny", "ipRules": [], "virtualNetworkRules": []}});
    acr.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    acr
}

#[test]
fn registrations_of_the_provider_decide() {
    let subnet = id(2, "Microsoft.Network/virtualNetworks/v/subnets/s");
    let rules = json!({"defaultAction": "Deny", "virtualNetworkRules": [{"virtualNetworkResourceId": subnet}]});
    let acr = registry(&json!({"networkRuleSet": rules}));
    let provider = |subscription: u8, name: &str, state: &str| {
        json!({"id": format!("/subscriptions/{subscription}/providers/{name}"), "namespace": name,
            "registrationState": state, "resourceTypes": []})
    };
    let name = "Microsoft.ContainerRegistry";
    let judged =
        |more: &[Value]| outcome("se-provider-not-registered", &[std::slice::from_ref(&acr), more].concat(), &[]);
    assert_eq!(judged(&[]), "open");
    assert_eq!(judged(&[provider(1, name, "Registered")]), "open");
    assert_eq!(judged(&[provider(2, name, "Registered")]), "");
    assert_eq!(judged(&[provider(2, name, "NotRegistered")]), "violation");
    assert_eq!(judged(&[json!([provider(2, "Microsoft.Network", "Registered")])]), "violation");
}

#[test]
fn the_plans_of_a_subscription_decide() {
    let plans = |tier: &str| {
        let id = "/subscriptions/1/providers/Microsoft.Security/pricings/Containers";
        json!({"value": [{"id": id, "name": "Containers", "type": "Microsoft.Security/pricings", "pricingTier": tier}]})
    };
    let acr = registry(&json!({}));
    let judged = |more: &[Value]| outcome("defender-bypass-off", &[std::slice::from_ref(&acr), more].concat(), &[]);
    assert_eq!(judged(&[]), "open");
    assert_eq!(judged(&[plans("Standard")]), "violation");
    assert_eq!(judged(&[plans("Free")]), "");
}

#[test]
fn rules_of_a_registry_that_is_only_named_are_judged() {
    let rules = json!({"ipRules": [{"action": "Allow", "ipAddressOrRange": "10.0.0.0/8"}], "virtualNetworkRules": []});
    let judged = |arguments: &[&str]| outcome("acr-iprule-private-range", std::slice::from_ref(&rules), arguments);
    assert_eq!(judged(&[]), "");
    assert_eq!(judged(&["--registry", "acr"]), "violation");
}

#[test]
fn what_a_version_does_not_show_is_not_absent() {
    let judged = |acr: &Value| outcome("acr-deny-no-rules-no-pe", std::slice::from_ref(acr), &[]);
    assert_eq!(judged(&registry(&json!({}))), "violation");
    let hidden = json!({"networkRuleSet": {"defaultAction": "Deny", "ipRules": []}});
    assert_eq!(judged(&registry(&hidden)), "open", "the rules for subnets may be hidden");
    let rules = json!({"ipRules": [], "virtualNetworkRules": []});
    assert_eq!(outcome("acr-deny-no-rules-no-pe", &[registry(&hidden), rules], &[]), "violation");
}

#[test]
fn records_are_held_against_the_interfaces_of_endpoints() {
    let network = |name: &str, rest: &str| id(1, &format!("Microsoft.Network/virtualNetworks/{name}{rest}"));
    let endpoint = |name: &str, net: &str| {
        json!({"id": id(1, &format!("Microsoft.Network/privateEndpoints/{name}")), "name": name,
            "type": "Microsoft.Network/privateEndpoints", "location": "westeurope",
            "subnet": {"id": network(net, "/subnets/endpoints")},
            "networkInterfaces": [{"id": id(1, &format!("Microsoft.Network/networkInterfaces/{name}.nic"))}],
            "privateLinkServiceConnections": [{"name": "c", "groupIds": ["registry"],
                "privateLinkServiceId": id(1, "Microsoft.ContainerRegistry/registries/acr")}]})
    };
    let interface = |name: &str, login: &str, data: &str| {
        let one = |member: &str, address: &str| {
            json!({"name": member, "privateIPAddress": address,
                "privateLinkConnectionProperties": {"groupId": "registry", "requiredMemberName": member}})
        };
        json!({"id": id(1, &format!("Microsoft.Network/networkInterfaces/{name}.nic")), "name": format!("{name}.nic"),
            "type": "Microsoft.Network/networkInterfaces", "location": "westeurope",
            "ipConfigurations": [one("registry", login), one("registry_data_westeurope", data)]})
    };
    let zone = id(1, "Microsoft.Network/privateDnsZones/privatelink.azurecr.io");
    let record = |name: &str, addresses: &[&str]| {
        let addresses: Vec<_> = addresses.iter().map(|address| json!({"ipv4Address": address})).collect();
        json!({"id": format!("{zone}/A/{name}"), "name": name, "type": "Microsoft.Network/privateDnsZones/A",
            "etag": "1", "ttl": 10, "aRecords": addresses})
    };
    let connected = |names: &[&str]| {
        let connection = |name: &&str| {
            let own = "Microsoft.ContainerRegistry/registries/acr/privateEndpointConnections";
            json!({"id": id(1, &format!("{own}/{name}")), "name": name,
                "privateEndpoint": {"id": id(1, &format!("Microsoft.Network/privateEndpoints/{name}"))},
                "privateLinkServiceConnectionState": {"status": "Approved"}})
        };
        registry(&json!({"privateEndpointConnections": names.iter().map(connection).collect::<Vec<_>>()}))
    };
    let one = |addresses: &[&str]| {
        [connected(&["pe"]), endpoint("pe", "near"), interface("pe", "10.1.0.5", "10.1.0.4"), record("acr", addresses)]
    };
    let wrong = |documents: &[Value]| outcome("dns-record-wrong-ip", documents, &[]);
    assert_eq!(wrong(&one(&["10.1.0.5"])), "");
    assert_eq!(wrong(&one(&["10.1.0.4"])), "violation", "the address of the data endpoint");
    assert_eq!(wrong(&one(&["10.1.0.5", "10.1.0.9"])), "violation", "one of two");
    let [connections, endpoint_alone, _, right] = one(&["10.1.0.5"]);
    assert_eq!(wrong(&[connections, endpoint_alone, right]), "open", "without the interface");

    let two = |addresses: &[&str], far: &[Value]| {
        let near = one(addresses);
        let both = [connected(&["pe", "far"]), endpoint("far", "far")];
        outcome("dns-shared-zone-multi-pe", &[&near[1..], &both, far].concat(), &[])
    };
    let far = [interface("far", "10.2.0.5", "10.2.0.4")];
    assert_eq!(two(&["10.1.0.5"], &far), "");
    assert_eq!(two(&["10.1.0.5", "10.2.0.5"], &far), "violation");
    assert_eq!(two(&["10.1.0.5", "10.2.0.5"], &[]), "open", "nobody knows whose the second address is");

    let stale = |acr: Value| outcome("dns-stale-after-pe-delete", &[acr, record("acr", &["10.1.0.5"])], &[]);
    assert_eq!(stale(registry(&json!({}))), "violation", "the registry shows that it has no connection");
    assert_eq!(stale(connected(&["pe"])), "");
    let mut hidden = registry(&json!({}));
    hidden.as_object_mut().unwrap().remove("privateEndpointConnections");
    assert_eq!(stale(hidden), "open", "the registry does not show its connections");
}

#[test]
fn pages_prove_nothing_until_the_last_one() {
    let folder = tempfile::tempdir().unwrap();
    let page = |id: &str, more: bool| {
        let zone = format!("/subscriptions/1/resourceGroups/r/providers/Microsoft.Network/privateDnsZones/z/A/{id}");
        let mut page = serde_json::json!({"value": [{"id": zone, "name": id, "type": "Microsoft.Network/privateDnsZones/A",
            "etag": "1", "properties": {"aRecords": []}}]});
        if more {
            page["nextLink"] = "https://management.azure.com/next".into();
        }
        page.to_string()
    };
    let listed = |text: &str| {
        let path = folder.path().join("page.json");
        fs::write(&path, text).unwrap();
        let shown = nodes(&path);
        (shown.contains("all Microsoft.Network/privateDnsZones/A within"), shown.contains("dump-incomplete"))
    };
    assert_eq!(listed(&page("a", false)), (true, false));
    assert_eq!(listed(&page("a", true)), (false, true));
    assert_eq!(listed(&format!("{}\n{}", page("a", true), page("b", true))), (false, true));
    assert_eq!(listed(&format!("{}\n{}", page("a", true), page("b", false))), (true, false));
    assert_eq!(listed(&format!("[{}, {}]", page("a", true), page("b", false))), (true, false));
    assert_eq!(listed(&format!("[[{}], {}]", page("a", false), page("b", true))), (false, true));
}

#[test]
fn other_json_is_no_dump() {
    let folder = tempfile::tempdir().unwrap();
    for text in [
        "{}",
        "3",
        "[1, 2]",
        "[[]]",
        "{\"value\": 3}",
        "{\"id\": \"4b1c2f7e\", \"name\": \"account\", \"tenantId\": \"x\"}",
        "{\"data\": [1], \"count\": 1}",
        "{\"error\": \"no\"}",
        "{\"ipRules\": [], \"virtualNetworkRules\": [], \"bypass\": \"AzureServices\"}",
        "{\"format_version\": \"1.2\", \"planned\": {}}",
    ] {
        fs::write(folder.path().join("x.json"), text).unwrap();
        let (_, report) = check(&["--allow-empty", &folder.path().to_string_lossy()]);
        assert_eq!(report["files"].as_array().map(Vec::len), Some(0), "{text}: {report:#}");
    }
}
