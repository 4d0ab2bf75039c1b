//! Plans and states: every resource that matters is a node with its address, every reference an edge, and nothing is known
//! that the plan does not know.
//!
//! The genuine plans and samples lie beside the checkout.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::get_unwrap,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "what a test cannot do ends it, and what it does not test it says"
)]

#[path = "../beside/mod.rs"]
mod beside;
mod changes;
mod edges;
mod knowledge;
mod versions;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use acrlint::cli::{self, Exit, Streams};
use acrlint::graph::{Graph, Head, Link, NodeKind, Target};
use acrlint::input::{Format, Loaded, terraform};
use acrlint::lower;
use acrlint::source::Sources;
use acrlint::value::{Attr, Pattern, State};
use serde_json::{Value, json};

fn testdata(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(path)
}

/// Exit code, and the report.
fn check(arguments: &[&str]) -> (Exit, Value) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut streams = Streams { out: &mut out, err: &mut err, out_width: None, err_terminal: false, no_color: true };
    let arguments = ["acrlint", "check", "--format", "json"].iter().chain(arguments).map(OsString::from);
    let exit = cli::run(arguments, &mut streams);
    (exit, serde_json::from_slice(&out).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&err))))
}

/// Reads a text as the command line does.
fn load(name: &str, text: &str) -> Loaded {
    let mut sources = Sources::new();
    let file = sources.add(name, text);
    let read = acrlint::input::read(file, sources.get(file).text());
    let Format::Terraform(source) = read.format else { panic!("{name} is {:?}", read.format) };
    let about = terraform::About { path: name, arena: 0, subscription: None, whole: !read.is_broken() };
    terraform::load(&read.documents[0].tree, source, about, &|ty| NodeKind::of(ty).is_some())
}

fn graph(name: &str, text: &str) -> Graph {
    let loaded = load(name, text);
    assert!(loaded.problems.is_empty(), "{name}: {:?}", loaded.problems);
    let lowered = lower::lower_listed(loaded.resources, &loaded.listings);
    assert!(lowered.problems.is_empty(), "{name}: {:?}", lowered.problems);
    lowered.graph
}

/// The genuine plans: name, the whole record, and the plan as text.
fn genuine(file: &str) -> Option<Vec<(String, Value, String)>> {
    let path = beside::shared(&format!("azurerm/{file}"))?;
    let text = fs::read_to_string(path).unwrap();
    let plans = text.lines().map(|line| {
        let record: Value = serde_json::from_str(line).unwrap();
        let plan = serde_json::to_string_pretty(&record["plan"]).unwrap();
        (record["name"].as_str().unwrap().to_owned(), record, plan)
    });
    Some(plans.collect())
}

/// Every node by its address.
fn heads(graph: &Graph) -> BTreeMap<String, &Head> {
    let mut heads = BTreeMap::new();
    macro_rules! add {
        ($($field:ident),+) => {
            $(for node in &graph.$field {
                heads.insert(node.head.address.to_string(), &node.head);
            })+
        };
    }
    add!(
        registries,
        replications,
        agent_pools,
        tasks,
        connected_registries,
        private_endpoints,
        zone_groups,
        zones,
        zone_links,
        a_records,
        virtual_networks,
        subnets,
        peerings,
        security_groups,
        route_tables,
        defender_pricings,
        provider_registrations,
        aks_clusters,
        aks_pools,
        container_groups,
        web_apps,
        managed_environments,
        container_apps,
        virtual_machines,
        network_interfaces
    );
    heads
}

/// The types that are a node of their own, as this test knows them.
const NODES: [&str; 34] = [
    "azurerm_container_registry",
    "azurerm_container_registry_agent_pool",
    "azurerm_container_registry_task",
    "azurerm_container_connected_registry",
    "azurerm_private_endpoint",
    "azurerm_private_dns_zone",
    "azurerm_private_dns_zone_virtual_network_link",
    "azurerm_private_dns_a_record",
    "azurerm_virtual_network",
    "azurerm_subnet",
    "azurerm_virtual_network_peering",
    "azurerm_network_security_group",
    "azurerm_route_table",
    "azurerm_security_center_subscription_pricing",
    "azurerm_resource_provider_registration",
    "azurerm_kubernetes_cluster",
    "azurerm_kubernetes_cluster_node_pool",
    "azurerm_container_group",
    "azurerm_linux_web_app",
    "azurerm_windows_web_app",
    "azurerm_linux_function_app",
    "azurerm_windows_function_app",
    "azurerm_linux_web_app_slot",
    "azurerm_windows_web_app_slot",
    "azurerm_linux_function_app_slot",
    "azurerm_app_service",
    "azurerm_function_app",
    "azurerm_container_app_environment",
    "azurerm_container_app",
    "azurerm_linux_virtual_machine",
    "azurerm_windows_virtual_machine",
    "azurerm_linux_virtual_machine_scale_set",
    "azurerm_windows_virtual_machine_scale_set",
    "azurerm_network_interface",
];

fn changes(plan: &Value) -> impl Iterator<Item = &Value> {
    plan["resource_changes"].as_array().unwrap().iter().filter(|change| change["mode"] == "managed")
}

fn stays(change: &Value) -> bool {
    change["change"]["actions"] != json!(["delete"])
}

#[test]
fn every_resource_that_matters_is_a_node_with_its_address() {
    for file in ["plans.jsonl", "changes.jsonl"] {
        let Some(plans) = genuine(file) else { return };
        let mut count = 0;
        for (name, record, plan) in &plans {
            let graph = graph(name, plan);
            let heads = heads(&graph);
            for change in changes(&record["plan"]) {
                let (ty, address) = (change["type"].as_str().unwrap(), change["address"].as_str().unwrap());
                if NODES.contains(&ty) {
                    assert_eq!(heads.contains_key(address), stays(change), "{name}: {address}");
                    count += usize::from(stays(change));
                }
            }
        }
        assert!(count > 100, "{count} nodes in {file}");
    }
}

#[test]
fn the_findings_of_the_genuine_plans() {
    let folder = tempfile::tempdir().unwrap();
    let mut shown = String::new();
    for file in ["plans.jsonl", "changes.jsonl"] {
        let Some(plans) = genuine(file) else { return };
        for (name, _, plan) in plans {
            let path = folder.path().join("plan.json");
            fs::write(&path, plan).unwrap();
            let (_, report) = check(&[&path.to_string_lossy()]);
            let all = report["findings"].as_array().unwrap();
            let violations = all.iter().filter(|finding| finding["outcome"] == "violation");
            let open = all.iter().filter(|finding| finding["outcome"] == "open").count();
            let mut lines: Vec<String> = violations
                .map(|finding| {
                    format!(
                        "  {} {} at {}",
                        finding["level"].as_str().unwrap(),
                        finding["rule"].as_str().unwrap(),
                        finding["resource"]["address"].as_str().unwrap()
                    )
                })
                .collect();
            lines.sort();
            lines.extend(
                report["problems"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|problem| format!("  problem {}", problem["message"])),
            );
            if !lines.is_empty() {
                writeln!(shown, "{name} ({open} open)\n{}", lines.join("\n")).unwrap();
            }
        }
    }
    insta::with_settings!({ snapshot_path => "../../testdata/terraform", prepend_module_to_snapshot => false,
        omit_expression => true }, { insta::assert_snapshot!("genuine", shown) });
}

#[test]
fn samples_of_others_are_read_or_refused_with_a_reason() {
    let mut shown = String::new();
    for kind in ["tfplan", "tfstate"] {
        let Some(folder) = beside::shared(&format!("corpus/{kind}")) else { return };
        let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        for path in paths {
            let start = Instant::now();
            let (exit, report) = check(&[&path.to_string_lossy()]);
            assert!(start.elapsed() < Duration::from_secs(1), "{} took {:?}", path.display(), start.elapsed());
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let format = report["files"][0]["format"].as_str().unwrap_or("?");
            let problems = report["problems"].as_array().unwrap();
            let reasons: Vec<_> = problems.iter().map(|problem| problem["message"].as_str().unwrap()).collect();
            assert_eq!(exit == Exit::Unusable, !reasons.is_empty(), "{name}: {reasons:?}");
            writeln!(shown, "{name}: {format} {}", reasons.join("; ")).unwrap();
        }
    }
    insta::with_settings!({ snapshot_path => "../../testdata/terraform", prepend_module_to_snapshot => false,
        omit_expression => true }, { insta::assert_snapshot!("samples", shown) });
}

/// A plan of `terraform_data` alone, its blocks called as the resources of a provider that they stand for.
fn disguised(plan: &Value) -> String {
    let mut text = plan.to_string();
    for (front, ty) in
        [("subnet_", "azurerm_subnet"), ("pe_", "azurerm_private_endpoint"), ("aci_", "azurerm_container_group")]
    {
        text = text.replace(&format!("terraform_data.{front}"), &format!("{ty}.{front}"));
    }
    let mut plan: Value = serde_json::from_str(&text).unwrap();
    rename(&mut plan);
    plan.to_string()
}

fn rename(value: &mut Value) {
    match value {
        Value::Object(members) => {
            let ty = members.get("address").and_then(Value::as_str).and_then(|address| {
                ["azurerm_subnet", "azurerm_private_endpoint", "azurerm_container_group"]
                    .into_iter()
                    .find(|ty| address.contains(&format!("{ty}.")))
            });
            if let Some(ty) = ty {
                members.insert("type".to_owned(), json!(ty));
                let to = match ty {
                    "azurerm_private_endpoint" => "subnet_id",
                    "azurerm_container_group" => "subnet_ids",
                    _ => "other",
                };
                for part in ["expressions", "values"] {
                    move_member(members.get_mut(part), to);
                }
                for part in ["after", "after_unknown"] {
                    move_member(members.get_mut("change").and_then(|change| change.get_mut(part)), to);
                }
            }
            members.values_mut().for_each(rename);
        }
        Value::Array(items) => items.iter_mut().for_each(rename),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn move_member(object: Option<&mut Value>, to: &str) {
    if let Some(members) = object.and_then(Value::as_object_mut)
        && let Some(value) = members.remove("input")
    {
        members.insert(to.to_owned(), value);
    }
}

#[test]
fn references_are_followed_in_every_form() {
    let plan: Value =
        serde_json::from_str(&fs::read_to_string(testdata("terraform/references/plan.json")).unwrap()).unwrap();
    let graph = graph("references", &disguised(&plan));
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (from, attribute, to, certain) in edges::links(&graph) {
        if attribute.starts_with("subnet_id") {
            let to: BTreeSet<String> = if certain { to } else { BTreeSet::new() };
            found.entry(from).or_default().extend(to);
        }
    }
    let wanted = [
        ("azurerm_private_endpoint.pe_direct", "azurerm_subnet.subnet_one"),
        ("azurerm_private_endpoint.pe_literal_key", "azurerm_subnet.subnet_each[\"aks\"]"),
        ("azurerm_private_endpoint.pe_by_key[\"aks\"]", "azurerm_subnet.subnet_each[\"aks\"]"),
        ("azurerm_private_endpoint.pe_by_key[\"pe\"]", "azurerm_subnet.subnet_each[\"pe\"]"),
        ("azurerm_private_endpoint.pe_by_index[0]", "azurerm_subnet.subnet_count[0]"),
        ("azurerm_private_endpoint.pe_by_index[1]", "azurerm_subnet.subnet_count[1]"),
        ("azurerm_private_endpoint.pe_chained[\"aks\"]", "azurerm_subnet.subnet_each[\"aks\"]"),
        ("azurerm_private_endpoint.pe_chained[\"pe\"]", "azurerm_subnet.subnet_each[\"pe\"]"),
        ("azurerm_private_endpoint.pe_by_value[\"first\"]", "azurerm_subnet.subnet_each[\"pe\"]"),
        ("azurerm_container_group.aci_splat", "azurerm_subnet.subnet_count[0] azurerm_subnet.subnet_count[1]"),
        ("azurerm_private_endpoint.pe_local", ""),
        ("azurerm_private_endpoint.pe_either", ""),
        ("module.endpoint[\"aks\"].azurerm_private_endpoint.pe_input", "azurerm_subnet.subnet_each[\"aks\"]"),
        ("module.endpoint[\"pe\"].azurerm_private_endpoint.pe_input", "azurerm_subnet.subnet_each[\"pe\"]"),
        ("azurerm_private_endpoint.pe_output", "azurerm_subnet.subnet_each[\"pe\"]"),
        ("azurerm_private_endpoint.pe_output_map", "module.endpoint[\"aks\"].azurerm_subnet.subnet_inner[\"two\"]"),
    ];
    let found: BTreeMap<String, String> =
        found.into_iter().map(|(from, to)| (from, to.into_iter().collect::<Vec<_>>().join(" "))).collect();
    let wanted: BTreeMap<String, String> =
        wanted.into_iter().map(|(from, to)| (from.to_owned(), to.to_owned())).collect();
    assert_eq!(found, wanted);
    // Nothing that is not followed is equal to anything else.
    let unknown: Vec<&str> = graph
        .private_endpoints
        .iter()
        .filter(|node| !matches!(node.subnet.subnet.target, Target::Node(_)))
        .filter_map(|node| node.subnet.subnet.id.as_ref().map(acrlint::resource::ResourceId::key))
        .collect();
    assert_eq!(unknown.iter().collect::<BTreeSet<_>>().len(), unknown.len(), "{unknown:?}");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the test runs Terraform; the program starts no process")]
fn the_committed_plan_is_what_terraform_makes() {
    let there = std::process::Command::new("terraform").arg("version").output().is_ok_and(|done| done.status.success());
    if !there {
        let _ = std::io::Write::write_fmt(&mut std::io::stderr(), format_args!("NOT TESTED: terraform is not there\n"));
        return;
    }
    let folder = testdata("terraform/references");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tools/terraform_plan.sh");
    let made = std::process::Command::new("sh").arg(script).arg(&folder).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let bare = |text: &[u8]| {
        let mut plan: Value = serde_json::from_slice(text).unwrap();
        for name in ["timestamp", "terraform_version", "format_version"] {
            plan.as_object_mut().unwrap().remove(name);
        }
        // Their order is another one each time.
        plan["relevant_attributes"].as_array_mut().unwrap().sort_by_key(Value::to_string);
        plan
    };
    assert_eq!(bare(&made.stdout), bare(&fs::read(folder.join("plan.json")).unwrap()));
}

#[test]
fn what_is_cut_off_never_passes_as_clean() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cut.json");
    for case in ["public-access-disabled/plan.json", "zone-not-linked/plan.json", "zone-not-linked/state.json"] {
        let text = fs::read_to_string(testdata("equivalent").join(case)).unwrap();
        let end = text.trim_end().len();
        for step in 0..60 {
            let at = (1..=end * step / 60).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(1);
            fs::write(&path, &text[..at]).unwrap();
            let (exit, report) = check(&[&path.to_string_lossy()]);
            assert_eq!(exit, Exit::Unusable, "{case} cut at {at}: {report}");
            let presumed = report["findings"].as_array().unwrap().iter().filter(|f| f["outcome"] == "violation");
            for finding in presumed {
                assert_eq!(finding["certainty"], "proven", "{case} cut at {at}: {finding}");
            }
        }
    }
}

#[test]
fn other_formats_are_refused_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plan.json");
    let refused = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        let (exit, report) = check(&[&path.to_string_lossy()]);
        assert_eq!(exit, Exit::Unusable, "{report}");
        let problem = &report["problems"][0];
        (problem["code"].as_str().unwrap().to_owned(), problem["help"].as_str().unwrap_or_default().to_owned())
    };
    let (code, _) = refused(br#"{"format_version": "2.0", "planned_values": {}, "resource_changes": []}"#);
    assert_eq!(code, "terraform-version");
    let (code, help) = refused(br#"{"version": 3, "terraform_version": "0.11.14", "modules": []}"#);
    assert_eq!(code, "terraform-version");
    assert!(help.contains("terraform show -json"), "{help}");
    let (code, help) = refused(b"PK\x03\x04\x14\x00\x08\x00\xff\xfe\x00tfplan\x00\xff");
    assert_eq!(code, "terraform-binary-plan");
    assert!(help.contains("terraform show -json"), "{help}");
    let (code, help) = refused(br#"{"@level": "info", "@message": "Terraform 1.11.4", "type": "version"}"#);
    assert_eq!(code, "terraform-version");
    assert!(help.contains("terraform show -json"), "{help}");
    fs::write(&path, br#"{"format_version": "1.9", "planned_values": [], "resource_changes": {}}"#).unwrap();
    let (exit, report) = check(&[&path.to_string_lossy()]);
    assert_eq!((exit, report["problems"][0]["code"].as_str()), (Exit::Findings, Some("terraform-part")));

    // What PowerShell writes.
    let plan = fs::read_to_string(testdata("equivalent/public-access-disabled/plan.json")).unwrap();
    let bytes: Vec<u8> = "\u{feff}".encode_utf16().chain(plan.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    fs::write(&path, bytes).unwrap();
    let (_, report) = check(&[&path.to_string_lossy()]);
    assert_eq!(report["files"][0]["format"], "terraform-plan");
    assert!(report["findings"].as_array().unwrap().iter().any(|f| f["rule"] == "acr-public-disabled-no-pe"));

    // Sources without a plan.
    fs::remove_file(&path).unwrap();
    fs::write(folder.path().join("main.tf"), "").unwrap();
    for more in [&[][..], &["--allow-empty"][..]] {
        let folder = folder.path().to_string_lossy().into_owned();
        let arguments: Vec<&str> = more.iter().copied().chain([folder.as_str()]).collect();
        let (_, report) = check(&arguments);
        let notes = report["notes"].to_string();
        assert!(notes.contains("terraform plan -out") && notes.contains("terraform show -json"), "{notes}");
    }
}

/// A plan of a private endpoint whose subnet comes from somewhere, and the subnets of two modules.
fn endpoint_of_a_module(subnet: &Value, module: &Value) -> String {
    let subnets = ["a", "b"].map(|key| {
        json!({"address": format!("module.app[\"{key}\"].azurerm_subnet.this"), "mode": "managed", "type": "azurerm_subnet",
            "name": "this", "change": {"actions": ["create"], "before": null, "after_unknown": {"id": true},
            "after": {"name": format!("snet-{key}"), "virtual_network_name": "vnet", "resource_group_name": "rg"}}})
    });
    let endpoint = json!({"address": "azurerm_private_endpoint.pe[\"b\"]", "mode": "managed", "index": "b",
        "type": "azurerm_private_endpoint", "name": "pe", "change": {"actions": ["create"], "before": null,
        "after": {"name": "pe-b", "resource_group_name": "rg"}, "after_unknown": {"id": true, "subnet_id": true}}});
    let changes: Vec<Value> = subnets.into_iter().chain([endpoint]).collect();
    json!({"format_version": "1.2", "resource_changes": changes, "planned_values": {"root_module": {}},
        "configuration": {"root_module": {
            "resources": [{"address": "azurerm_private_endpoint.pe", "mode": "managed", "type": "azurerm_private_endpoint",
                "name": "pe", "for_each_expression": {}, "expressions": {"subnet_id": subnet}}],
            "module_calls": {"app": {"for_each_expression": {}, "module": module}}}}})
    .to_string()
}

#[test]
fn the_key_of_a_module_chooses_what_it_hands_out() {
    let subnet = json!({"address": "azurerm_subnet.this", "mode": "managed", "type": "azurerm_subnet", "name": "this",
        "expressions": {}});
    let id = json!({"expression": {"references": ["azurerm_subnet.this.id", "azurerm_subnet.this"]}});
    let by_key = json!({"references": ["module.app", "each.key"]});
    let module = json!({"resources": [subnet], "outputs": {"subnet_id": id}});
    let led = |text: &str| {
        let graph = graph("plan", text);
        let target = &graph.private_endpoints[0].subnet.subnet.target;
        match target {
            Target::Node(at) => graph.subnets[*at as usize].head.address.to_string(),
            Target::Maybe(_) | Target::Elsewhere | Target::Unknown(_) | Target::Absent => String::new(),
        }
    };
    assert_eq!(led(&endpoint_of_a_module(&by_key, &module)), "module.app[\"b\"].azurerm_subnet.this");
    // Nobody says which one it is.
    let bare = json!({"references": ["module.app"]});
    assert_eq!(led(&endpoint_of_a_module(&bare, &module)), "");
}
