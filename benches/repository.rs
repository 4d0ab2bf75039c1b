//! How long a check of a whole repository takes, as a multiple of a process that only walks, reads and parses its files.
//!
//! In: how many templates, on the command line (1,000 if nothing is said); two of them have a fault. Out: one line: both
//! times, the ratio, and what was found. With `write DIR` behind the number the repository is written and nothing is
//! measured. Must not know: budgets; the documentation says what the numbers should be.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use acrlint::json;
use acrlint::source::{Sources, discover};
use serde_json::{Value, json};

/// How often each is run, in turns; the median counts.
const ROUNDS: usize = 15;

/// What the process that is compared with is called by.
const ONLY_PARSE: &str = "only-parse";

#[allow(clippy::print_stdout, reason = "what this program is for")]
fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let behind = |word: &str| arguments.iter().position(|one| one == word).and_then(|at| arguments.get(at + 1));
    if let Some(folder) = behind(ONLY_PARSE) {
        println!("{} nodes", only_parse(Path::new(folder)));
        return Ok(());
    }
    let measured = arguments.iter().any(|argument| argument == "--bench");
    let count =
        arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(if measured { 1_000 } else { 20 });
    if let Some(folder) = behind("write") {
        return write(count, Path::new(folder));
    }
    let folder = std::env::temp_dir().join(format!("acrlint-repository-{}", std::process::id()));
    write(count, &folder)?;
    let line = measure(count, &folder, if measured { ROUNDS } else { 1 });
    std::fs::remove_dir_all(&folder)?;
    println!("{}", line?);
    Ok(())
}

/// Walks, reads and parses, as the program does it.
fn only_parse(folder: &Path) -> usize {
    let mut sources = Sources::new();
    let found = discover::discover(&[folder.to_path_buf()]);
    let files: Vec<_> = found
        .files
        .iter()
        .filter_map(|found| discover::read(&mut sources, &found.path).ok())
        .map(|read| read.file)
        .collect();
    files.into_iter().map(|file| json::parse(file, sources.get(file).text()).tree.node_count()).sum()
}

fn measure(count: usize, folder: &Path, rounds: usize) -> std::io::Result<String> {
    let this = std::env::current_exe()?;
    let (mut checks, mut parses) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        parses.push(run(&this, &[ONLY_PARSE.as_ref(), folder.as_os_str()])?.0);
        checks.push(run(Path::new(env!("CARGO_BIN_EXE_acrlint")), &["check".as_ref(), folder.as_os_str()])?.0);
    }
    let program = Path::new(env!("CARGO_BIN_EXE_acrlint"));
    let arguments = ["check", "--quiet", "--format", "ndjson"].map(AsRef::as_ref);
    let said = run(program, &[&arguments[..], &[folder.as_os_str()]].concat())?.1;
    let kinds = |kind: &str| said.lines().filter(|line| line.contains(&format!("\"kind\":\"{kind}\""))).count();
    let (check, parse) = (median(checks), median(parses));
    Ok(format!(
        "{count} templates: {:.1} ms, {:.2} × walking, reading and parsing ({:.1} ms); {} findings, {} problems",
        check.as_secs_f64() * 1_000.0,
        check.as_secs_f64() / parse.as_secs_f64(),
        parse.as_secs_f64() * 1_000.0,
        kinds("finding"),
        kinds("problem"),
    ))
}

/// Runs a program to its end: how long it took, and what it said.
#[allow(clippy::disallowed_methods, reason = "the benches measure whole processes; the program itself starts none")]
fn run(program: &Path, arguments: &[&std::ffi::OsStr]) -> std::io::Result<(Duration, String)> {
    let start = Instant::now();
    let output = Command::new(program).args(arguments).stderr(Stdio::null()).output()?;
    Ok((start.elapsed(), String::from_utf8_lossy(&output.stdout).into_owned()))
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// A repository of a platform team: a folder for each service, some with parameter files and Bicep sources.
fn write(count: usize, folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder.join(".git"))?;
    std::fs::write(folder.join(".gitignore"), "dist/\n*.tmp\n")?;
    for number in 0..count {
        let own = folder.join(format!("team-{:02}/service-{number:04}", number % 20));
        std::fs::create_dir_all(&own)?;
        std::fs::write(own.join("README.md"), "# A service\n")?;
        // Two of all have the fault: an IP rule that matches nobody.
        let faulty = number == count / 3 || number == 2 * count / 3;
        std::fs::write(own.join("main.json"), format!("{:#}\n", template(number, faulty)))?;
        if number.is_multiple_of(3) {
            let schema = "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#";
            let parameters = json!({ "$schema": schema, "contentVersion": "1.0.0.0",
                "parameters": { "environment": { "value": "prod" } } });
            std::fs::write(own.join("main.parameters.json"), format!("{parameters:#}\n"))?;
        }
    }
    Ok(())
}

fn template(number: usize, faulty: bool) -> Value {
    let mut resources = service(number);
    if faulty || number.is_multiple_of(10) {
        resources.extend(registry(number, faulty));
    }
    json!({
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": {
            "location": { "type": "string", "defaultValue": "westeurope", "metadata": { "description": "The region." } },
            "environment": { "type": "string", "defaultValue": "dev", "metadata": { "description": "The stage." } }
        },
        "variables": {
            "prefix": format!("[format('svc{number:04}{{0}}', parameters('environment'))]"),
            "tags": { "service": format!("service-{number:04}"), "stage": "[parameters('environment')]" }
        },
        "resources": resources,
        "outputs": { "prefix": { "type": "string", "value": "[variables('prefix')]" } }
    })
}

fn resource(ty: &str, version: &str, name: &str, more: Value) -> Value {
    let mut whole = json!({ "type": ty, "apiVersion": version, "name": name, "location": "[parameters('location')]",
        "tags": "[variables('tags')]" });
    if let (Some(whole), Value::Object(more)) = (whole.as_object_mut(), more) {
        whole.extend(more);
    }
    whole
}

/// What most services are made of.
fn service(number: usize) -> Vec<Value> {
    let octet = number % 250;
    let rule = |at: usize| {
        json!({ "name": format!("allow-{at}"), "properties": {
            "protocol": "Tcp", "sourcePortRange": "*", "destinationPortRange": format!("{}", 8000 + at),
            "sourceAddressPrefix": format!("10.{octet}.{at}.0/24"), "destinationAddressPrefix": "*", "access": "Allow",
            "priority": 100 + at, "direction": "Inbound" } })
    };
    let subnet = |name: &str, at: usize| {
        json!({ "name": name, "properties": { "addressPrefix": format!("10.{octet}.{at}.0/24"),
            "networkSecurityGroup": {
                "id": "[resourceId('Microsoft.Network/networkSecurityGroups', format('{0}-nsg', variables('prefix')))]" } } })
    };
    vec![
        resource(
            "Microsoft.Network/networkSecurityGroups",
            "2023-11-01",
            "[format('{0}-nsg', variables('prefix'))]",
            json!({
            "properties": { "securityRules": (0..6).map(rule).collect::<Vec<_>>() } }),
        ),
        resource(
            "Microsoft.Network/virtualNetworks",
            "2023-11-01",
            "[format('{0}-vnet', variables('prefix'))]",
            json!({
            "properties": { "addressSpace": { "addressPrefixes": [format!("10.{octet}.0.0/16")] },
                "subnets": [subnet("app", 0), subnet("data", 1), subnet("endpoints", 2)] } }),
        ),
        resource(
            "Microsoft.Storage/storageAccounts",
            "2023-01-01",
            "[toLower(format('{0}st', variables('prefix')))]",
            json!({
            "sku": { "name": "Standard_ZRS" }, "kind": "StorageV2",
            "properties": { "minimumTlsVersion": "TLS1_2", "allowBlobPublicAccess": false } }),
        ),
        resource(
            "Microsoft.KeyVault/vaults",
            "2023-07-01",
            "[format('{0}-kv', variables('prefix'))]",
            json!({
            "properties": { "tenantId": "[subscription().tenantId]", "sku": { "family": "A", "name": "standard" },
                "enableRbacAuthorization": true, "accessPolicies": [] } }),
        ),
        resource(
            "Microsoft.Insights/components",
            "2020-02-02",
            "[format('{0}-ai', variables('prefix'))]",
            json!({
            "kind": "web", "properties": { "Application_Type": "web", "RetentionInDays": 90 } }),
        ),
        resource(
            "Microsoft.ServiceBus/namespaces",
            "2022-10-01-preview",
            "[format('{0}-bus', variables('prefix'))]",
            json!({
            "sku": { "name": "Standard" }, "properties": { "minimumTlsVersion": "1.2" } }),
        ),
    ]
}

/// A registry with its private endpoint and zone.
fn registry(number: usize, faulty: bool) -> Vec<Value> {
    let name = format!("crsvc{number:04}");
    let mut properties = json!({ "publicNetworkAccess": "Disabled", "networkRuleBypassOptions": "AzureServices" });
    if faulty {
        properties = json!({ "publicNetworkAccess": "Enabled", "networkRuleBypassOptions": "AzureServices",
            "networkRuleSet": { "defaultAction": "Deny", "ipRules": [{ "action": "Allow", "value": "10.0.0.0/8" }] } });
    }
    let id = format!("[resourceId('Microsoft.ContainerRegistry/registries', '{name}')]");
    let network = "[resourceId('Microsoft.Network/virtualNetworks', format('{0}-vnet', variables('prefix')))]";
    let subnet = "[resourceId('Microsoft.Network/virtualNetworks/subnets', format('{0}-vnet', variables('prefix')), 'endpoints')]";
    let zone = "[resourceId('Microsoft.Network/privateDnsZones', 'privatelink.azurecr.io')]";
    vec![
        resource(
            "Microsoft.ContainerRegistry/registries",
            "2023-07-01",
            &name,
            json!({
            "sku": { "name": "Premium" }, "properties": properties }),
        ),
        resource(
            "Microsoft.Network/privateEndpoints",
            "2023-11-01",
            &format!("pe-{name}"),
            json!({
            "properties": { "subnet": { "id": subnet }, "privateLinkServiceConnections": [{ "name": "registry",
                "properties": { "privateLinkServiceId": id, "groupIds": ["registry"] } }] } }),
        ),
        resource(
            "Microsoft.Network/privateEndpoints/privateDnsZoneGroups",
            "2023-11-01",
            &format!("pe-{name}/default"),
            json!({
            "properties": { "privateDnsZoneConfigs": [{ "name": "registry",
                "properties": { "privateDnsZoneId": zone } }] } }),
        ),
        resource(
            "Microsoft.Network/privateDnsZones",
            "2020-06-01",
            "privatelink.azurecr.io",
            json!({ "location": "global" }),
        ),
        resource(
            "Microsoft.Network/privateDnsZones/virtualNetworkLinks",
            "2020-06-01",
            "privatelink.azurecr.io/own",
            json!({
            "location": "global", "properties": { "registrationEnabled": false, "virtualNetwork": { "id": network } } }),
        ),
    ]
}
