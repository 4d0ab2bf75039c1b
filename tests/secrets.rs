//! Secrets never show: not in any format, not in an error, not in an excerpt cut in the middle.
//!
//! Each template holds canaries (`CANARY…`) where a secret can stand, beside what makes findings and problems, so that
//! excerpts are drawn around them. Every command runs over it as a person formats it and on one line.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::get_unwrap,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "what a test cannot do ends it, and what it does not test it says"
)]

use std::ffi::OsString;
use std::fs;

use acrlint::cli::{self, Streams};
use serde_json::{Value, json};

/// Standard output and standard error of the program.
fn acrlint(arguments: &[&str], width: Option<usize>) -> String {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let arguments = ["acrlint"].iter().chain(arguments).map(OsString::from);
    let mut streams = Streams { out: &mut out, err: &mut err, out_width: width, err_terminal: false, no_color: false };
    cli::run(arguments, &mut streams);
    String::from_utf8([out, err].concat()).unwrap()
}

/// What must not show: the canary in any case, and what `base64()` makes of it at each offset in three bytes.
const TRACES: [&str; 4] = ["canary", "q0fOqVJZ", "NBTkFSW", "DQU5BUl"];

fn trace(output: &str) -> Option<String> {
    let lower = output.to_lowercase();
    let traces = TRACES.iter().filter_map(|trace| lower.find(&trace.to_lowercase()));
    let at = traces.min()?;
    let start = lower[..at].rfind('\n').map_or(0, |at| at + 1);
    Some(lower[start..].lines().take(3).collect::<Vec<_>>().join("\n"))
}

/// Pointers to the values of an expansion, and one that leads beyond each.
fn pointers(output: &str) -> Vec<String> {
    fn walk(value: &Value, at: &str, all: &mut Vec<String>) {
        match value {
            Value::Object(members) => members.iter().for_each(|(key, value)| walk(value, &format!("{at}/{key}"), all)),
            Value::Array(items) => items.iter().enumerate().for_each(|(i, v)| walk(v, &format!("{at}/{i}"), all)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => all.push(format!("{at}/beyond")),
        }
        all.push(at.to_owned());
    }
    let mut all = Vec::new();
    if let Some(at) = output.find("{\n  \"outputs\"")
        && let Some(Ok(document)) = serde_json::Deserializer::from_str(&output[at..]).into_iter::<Value>().next()
    {
        walk(&document, "", &mut all);
        all.retain(|pointer| !pointer.contains("/$at/") && !pointer.starts_with("/problems"));
    }
    all
}

fn run_all(name: &str, template: &str, parameters: Option<&str>) {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let (file, beside, folder_name) = (path("main.json"), path("main.parameters.json"), path(""));
    fs::write(&file, template).unwrap();
    let mut commands: Vec<Vec<&str>> = vec![vec!["expand", &file], vec!["expand", &file, "--format", "tree"]];
    let pointers = pointers(&acrlint(&["expand", &file], None));
    for pointer in &pointers {
        commands.push(vec!["expand", &file, "--why", pointer]);
        commands.push(vec!["expand", &file, "--why", pointer, "--format", "json"]);
        commands.push(vec!["expand", &file, "--resource", pointer]);
    }
    let worlds = [("human", "--closed-world"), ("human", "--strict"), ("json", "--open-world"), ("json", "--quiet")];
    for (format, world) in worlds.into_iter().chain([("concise", "--open-world"), ("concise", "--closed-world")]) {
        commands.push(vec!["check", &file, "--select", "all", "--format", format, world]);
    }
    if let Some(text) = parameters {
        fs::write(&beside, text).unwrap();
        commands.push(vec!["expand", &file, "--parameters", &beside]);
        commands.push(vec!["expand", &beside]);
        commands.push(vec!["expand", &file, "--context", &beside]);
        commands.push(vec!["check", &beside]);
        commands.push(vec!["check", &beside, "--format", "json"]);
        commands.push(vec!["check", &folder_name]);
    }
    for (command, width) in commands.iter().zip([None, Some(60)].into_iter().cycle()) {
        let output = acrlint(command, width);
        if let Some(line) = trace(&output) {
            panic!("{name}: {command:?} at {width:?} shows a secret:\n{line}\nin\n{output}");
        }
    }
}

/// Runs everything over a template as written, on one line, cut short, and with a slip in it.
fn hides(name: &str, template: &Value, parameters: Option<&Value>) {
    let forms = |value: &Value| [serde_json::to_string_pretty(value).unwrap(), value.to_string()];
    let given = parameters.map(forms);
    for (form, text) in forms(template).into_iter().enumerate() {
        let parameters = given.as_ref().map(|given| given[form].as_str());
        run_all(&format!("{name}, form {form}"), &text, parameters);
        let last = text.rfind("CANARY").map_or(text.len(), |at| at + 12);
        run_all(&format!("{name}, form {form}, cut"), &text[..last], parameters.map(|text| &text[..text.len() - 3]));
        if form == 0 {
            slips(name, &text);
        }
    }
}

/// Leaves out one sign of the structure at a time, around each canary, and looks at the complaint.
fn slips(name: &str, text: &str) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("main.json");
    let path = file.to_string_lossy().into_owned();
    for (at, _) in text.match_indices("CANARY") {
        // Another place in the pattern of that length for each canary.
        let near = at.saturating_sub(60 - at % 29)..(at + 60).min(text.len());
        for slip in
            near.filter(|&at| text.is_char_boundary(at) && text[at..].starts_with(['"', ':', ',', '{', '}', ']']))
        {
            fs::write(&file, [&text[..slip], &text[slip + 1..]].concat()).unwrap();
            let output = acrlint(&["check", &path], None);
            if let Some(line) = trace(&output) {
                let around = &text[slip.saturating_sub(30)..(slip + 20).min(text.len())];
                panic!("{name}: without a sign at {slip} ({around:?}) a secret shows:\n{line}\nin\n{output}");
            }
        }
    }
}

fn template(parameters: &Value, variables: &Value, more: &[Value], outputs: &Value) -> Value {
    let mut resources = vec![json!({
        "type": "Microsoft.ContainerRegistry/registries", "apiVersion": "2023-07-01", "name": "[parameters('name')]",
        "location": "westeurope", "sku": {"name": "Premium"},
        "properties": {"publicNetworkAccess": "Disabled", "adminUserEnabled": true,
            "networkRuleSet": {"defaultAction": "Deny", "ipRules": [{"action": "Allow", "value": "10.0.0.1"}]}}
    })];
    resources.extend(more.iter().cloned());
    let mut all = json!({"name": {"type": "string"}});
    all.as_object_mut().unwrap().extend(parameters.as_object().unwrap().clone());
    json!({
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0", "parameters": all, "variables": variables, "resources": resources,
        "outputs": outputs
    })
}

fn registry(name: &str, properties: &Value) -> Value {
    json!({"type": "Microsoft.ContainerRegistry/registries", "apiVersion": "2023-07-01", "name": name,
        "location": "westeurope", "sku": {"name": "Premium"}, "properties": properties})
}

fn secure() -> Value {
    json!({
        "adminLogin": {"type": "secureString", "defaultValue": "CANARY-1"},
        "settings": {"type": "secureObject", "defaultValue": {"CANARY-key": "CANARY-2", "list": ["CANARY-3", 1]}},
        "unused": {"type": "SecureString", "defaultValue": "CANARY-4", "metadata": {"description": "nobody asks"}},
        "refused": {"type": "securestring", "defaultValue": "[concat('CANARY-5', nonsense())]"},
        "limited": {"type": "securestring", "defaultValue": "CANARY-6", "allowedValues": ["CANARY-7"]}
    })
}

const NOTHING: fn() -> Value = || json!({});

#[test]
fn secure_parameters() {
    let outputs = json!({
        "plain": {"type": "string", "value": "[parameters('adminLogin')]"},
        "object": {"type": "object", "value": "[parameters('settings')]"},
        "member": {"type": "string", "value": "[first(parameters('settings').list)]"},
        "missing": {"type": "string", "value": "[parameters('settings').missing]"},
        "made": {"type": "string", "value": "[format('x-{0}-{1}', toUpper(parameters('adminLogin')), base64(parameters('adminLogin')))]"},
        "uri": {"type": "string", "value": "[uriComponent(dataUri(parameters('adminLogin')))]"},
        "hash": {"type": "string", "value": "[uniqueString(parameters('adminLogin'))]"},
        "split": {"type": "array", "value": "[split(parameters('adminLogin'), 'Y')]"},
        "text": {"type": "string", "value": "[string(parameters('settings'))]"},
        "json": {"type": "object", "value": "[json(concat('{\"a\": \"', parameters('adminLogin'), '\"}'))]"},
        "number": {"type": "int", "value": "[int(parameters('adminLogin'))]"},
        "key": {"type": "object", "value": "[createObject(parameters('adminLogin'), 1)]"},
        "items": {"type": "array", "value": "[items(parameters('settings'))]"},
        "keys": {"type": "array", "value": "[objectKeys(parameters('settings'))]"},
        "lambda": {"type": "array", "value": "[map(parameters('settings').list, lambda('x', concat('-', lambdaVariables('x'))))]"},
        "group": {"type": "object", "value": "[toObject(parameters('settings').list, lambda('x', string(lambdaVariables('x'))))]"},
        "refused": {"type": "string", "value": "[parameters('refused')]"},
        "limited": {"type": "string", "value": "[parameters('limited')]"},
        "loop": {"type": "array", "copy": {"count": 2, "input": "[parameters('adminLogin')]"}}
    });
    let bodies = [
        registry(
            "[concat('acr', parameters('adminLogin'))]",
            &json!({"publicNetworkAccess": "[parameters('adminLogin')]"}),
        ),
        registry(
            "[parameters('limited')]",
            &json!({"publicNetworkAccess": "Disabled", "[parameters('adminLogin')]": 1}),
        ),
        registry(
            "acrloop",
            &json!({"networkRuleSet": {"defaultAction": "Deny", "copy": [{"name": "ipRules", "count": 2,
            "input": {"value": "[concat(parameters('adminLogin'), copyIndex('ipRules'))]"}}]}}),
        ),
        json!({"type": "Microsoft.Network/privateEndpoints", "apiVersion": "2023-09-01",
            "name": "[concat('pe-', parameters('adminLogin'))]", "location": "[parameters('adminLogin')]", "properties": {
            "privateLinkServiceConnections": [{"name": "c", "properties": {"groupIds": ["[parameters('adminLogin')]"],
            "privateLinkServiceId": "[resourceId('Microsoft.ContainerRegistry/registries', concat('acr', parameters('adminLogin')))]"}}]}}),
        json!({"type": "[concat('Microsoft.ContainerRegistry/registries', parameters('adminLogin'))]",
            "apiVersion": "[parameters('adminLogin')]", "name": "a"}),
        json!({"type": "Microsoft.ContainerRegistry/registries/replications", "apiVersion": "2023-07-01",
            "name": "[parameters('adminLogin')]", "location": "x", "condition": "[equals(parameters('adminLogin'), 'a')]"}),
        json!({"type": "Microsoft.ContainerRegistry/registries", "apiVersion": "2023-07-01", "location": "x",
            "name": "[concat('a', copyIndex())]", "copy": {"name": "[parameters('adminLogin')]", "count": "[length(parameters('adminLogin'))]"}}),
    ];
    hides("secure", &template(&secure(), &NOTHING(), &bodies, &outputs), None);
}

#[test]
fn values_of_parameter_files() {
    let parameters = json!({"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#",
        "contentVersion": "1.0.0.0", "parameters": {
            "adminLogin": {"value": "CANARY-1"}, "settings": {"value": {"CANARY-key": "CANARY-2", "list": ["CANARY-3"]}},
            "stray": {"value": "not a secret"}, "strayPassword": {"value": "CANARY-4"},
            "unused": {"value": {"wrong": "CANARY-5"}}, "refused": {"value": 0}, "limited": {"value": "CANARY-8"},
            "dbPassword": {"value": "CANARY-9"}, "connectionStrings": {"value": {"main": "CANARY-10"}},
            "name": {"value": "acr1"}
    }});
    let mut declared = secure();
    declared["dbPassword"] = json!({"type": "string"});
    declared["connectionStrings"] = json!({"type": "object"});
    let outputs = json!({
        "a": {"type": "string", "value": "[concat(parameters('adminLogin'), parameters('dbPassword'))]"},
        "b": {"type": "object", "value": "[parameters('settings')]"},
        "c": {"type": "object", "value": "[parameters('connectionStrings')]"},
        "d": {"type": "object", "value": "[parameters('unused')]"},
        "e": {"type": "string", "value": "[parameters('limited')]"}
    });
    hides("parameter file", &template(&declared, &NOTHING(), &[], &outputs), Some(&parameters));
}

#[test]
fn credentials_by_name() {
    let parameters = json!({
        "dbPassword": {"type": "string", "defaultValue": "CANARY-1"},
        "registryPassword1": {"type": "string", "defaultValue": "[concat('CANARY-2', parameters('name'))]"},
        "unusedConnectionString": {"type": "string", "defaultValue": "CANARY-3"},
        "credentials": {"type": "object", "defaultValue": {"user": "me", "password": "CANARY-4"}}
    });
    let variables = json!({
        "storageAccountKey": "CANARY-5", "computedPassword": "[concat('CANARY-6', 'x')]",
        "holedPassword": "[concat('CANARY-7', parameters('name'))]", "unusedPassword": "CANARY-8",
        "DOCKER_REGISTRY_SERVER_PASSWORD": "CANARY-9", "plain": "[parameters('dbPassword')]",
        "passwords": ["CANARY-11"], "nested": {"deep": [{"clientSecret": "CANARY-12"}]}
    });
    let outputs = json!({
        "a": {"type": "string", "value": "[concat(parameters('dbPassword'), parameters('registryPassword1'))]"},
        "b": {"type": "object", "value": "[parameters('credentials')]"},
        "c": {"type": "array", "value": "[createArray(variables('storageAccountKey'), variables('computedPassword'), variables('holedPassword'))]"},
        "d": {"type": "object", "value": "[variables('nested')]"},
        "e": {"type": "array", "value": "[variables('passwords')]"},
        "adminPassword": {"type": "string", "value": "CANARY-13"},
        "g": {"type": "string", "value": "[variables('DOCKER_REGISTRY_SERVER_PASSWORD')]"}
    });
    let bodies = [
        json!({"type": "Microsoft.Web/sites", "apiVersion": "2023-01-01", "name": "web", "location": "x", "properties": {
            "siteConfig": {"linuxFxVersion": "DOCKER|acr1.azurecr.io/a:1", "appSettings": [
                {"name": "DOCKER_REGISTRY_SERVER_URL", "value": "https://acr1.azurecr.io"},
                {"name": "DOCKER_REGISTRY_SERVER_PASSWORD", "value": "CANARY-20"},
                {"name": "API_KEY", "value": "[variables('plain')]"},
                {"value": "CANARY-21", "name": "ConnectionStrings__Password"}],
                "connectionStrings": [{"name": "main", "connectionString": "Server=a;Password=CANARY-22"}]}}}),
        json!({"type": "Microsoft.Web/sites/config", "apiVersion": "2023-01-01", "name": "web/appsettings", "properties": {
            "DOCKER_REGISTRY_SERVER_PASSWORD": "CANARY-23"}}),
        json!({"type": "Microsoft.ContainerInstance/containerGroups", "apiVersion": "2023-05-01", "name": "aci",
            "location": "x", "properties": {"osType": "Linux", "containers": [{"name": "c", "properties": {
                "image": "acr1.azurecr.io/a:1", "environmentVariables": [{"name": "X", "secureValue": "CANARY-24"}],
                "resources": {"requests": {"cpu": 1, "memoryInGB": 1}}}}],
            "imageRegistryCredentials": [{"server": "acr1.azurecr.io", "username": "u", "password": "CANARY-25"}],
            "volumes": [{"name": "v", "secret": {"file": "CANARY-26"}},
                {"name": "w", "azureFile": {"shareName": "s", "storageAccountName": "t", "storageAccountKey": "CANARY-27"}}]}}),
        json!({"type": "Microsoft.App/containerApps", "apiVersion": "2023-05-01", "name": "app", "location": "x", "properties": {
            "configuration": {"secrets": [{"name": "pwd", "value": "CANARY-28"}], "registries": [
                {"server": "acr1.azurecr.io", "username": "u", "passwordSecretRef": "pwd"}]},
            "template": {"containers": [{"name": "c", "image": "acr1.azurecr.io/a:1"}]}}}),
        json!({"type": "Microsoft.Compute/virtualMachines", "apiVersion": "2023-03-01", "name": "vm", "location": "x", "properties": {
            "osProfile": {"adminPassword": "CANARY-29"}}}),
        json!({"type": "Microsoft.Compute/virtualMachines/extensions", "apiVersion": "2023-03-01", "name": "vm/e", "location": "x",
            "properties": {"protectedSettings": {"storageAccountKey": "CANARY-32", "adminPassword": "[concat('CANARY-33 ', parameters('name'))]"}}}),
        json!({"type": "Microsoft.KeyVault/vaults/secrets", "apiVersion": "2023-02-01", "name": "kv/s", "properties": {"value": "CANARY-34"}}),
        json!({"type": "Microsoft.ContainerRegistry/registries/tasks", "apiVersion": "2019-04-01", "name": "[concat(parameters('name'), '/t')]",
            "location": "x", "properties": {"step": {"type": "Docker", "dockerFilePath": "Dockerfile",
                "arguments": [{"name": "a", "value": "CANARY-35", "isSecret": true}]},
            "trigger": {"sourceTriggers": [{"sourceRepository": {"sourceControlAuthProperties": {"token": "CANARY-36", "tokenType": "PAT"}}}]},
            "credentials": {"customRegistries": {"x": {"userName": {"value": "u", "type": "Opaque"}, "password": {"value": "CANARY-37", "type": "Opaque"}}}}}}),
    ];
    let whole = template(&parameters, &variables, &bodies, &outputs);
    hides("names", &whole, None);
}

#[test]
fn nested_deployments() {
    let inner = |scope: &str, template: &Value, parameters: &Value| {
        json!({"type": "Microsoft.Resources/deployments", "apiVersion": "2022-09-01", "name": format!("d-{scope}"),
            "properties": {"mode": "Incremental", "expressionEvaluationOptions": {"scope": scope},
                "parameters": parameters, "template": template}})
    };
    let declared = json!({"token": {"type": "secureString"}, "open": {"type": "string"}, "vault": {"type": "securestring"},
        "bag": {"type": "secureObject"}, "limited": {"type": "secureString", "allowedValues": ["CANARY-1"]}});
    let nested = template(
        &declared,
        &NOTHING(),
        &[registry("[concat('n', parameters('token'))]", &json!({"publicNetworkAccess": "[parameters('open')]"}))],
        &json!({"leak": {"type": "string", "value": "[concat(parameters('token'), parameters('open'))]"},
            "bag": {"type": "object", "value": "[parameters('bag')]"}, "kept": {"type": "secureString", "value": "CANARY-2"}}),
    );
    let given = json!({"token": {"value": "CANARY-3"}, "open": {"value": "[parameters('adminLogin')]"}, "name": {"value": "n"},
        "vault": {"reference": {"keyVault": {"id": "/subscriptions/x"}, "secretName": "s"}},
        "bag": {"value": {"CANARY-k": "CANARY-4"}}, "limited": {"value": "[concat('CANARY-5', parameters('name'))]"},
        "strayPassword": {"value": "CANARY-6"}});
    let computed = json!("[createObject('token', createObject('value', 'CANARY-7'))]");
    let outer = json!({"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0", "parameters": {"alone": {"type": "secureString", "defaultValue": "CANARY-8"}},
        "resources": [registry("[concat('o', parameters('adminLogin'))]", &json!({"publicNetworkAccess": "[parameters('adminLogin')]"}))]});
    let outputs = json!({
        "a": {"type": "string", "value": "[reference('d-inner').outputs.leak.value]"},
        "b": {"type": "object", "value": "[reference('d-inner').outputs.bag.value]"},
        "c": {"type": "string", "value": "[reference('d-inner').outputs.kept.value]"}
    });
    let bodies = [
        inner("inner", &nested, &given),
        inner("outer", &outer, &NOTHING()),
        inner("inner", &nested, &json!({"token": computed, "open": "[createObject('value', 'x')]"})),
    ];
    hides("nested", &template(&secure(), &NOTHING(), &bodies, &outputs), None);
}

#[test]
fn what_list_functions_answer_and_are_asked() {
    let outputs = json!({
        "a": {"type": "string", "value": "[listCredentials(resourceId('Microsoft.ContainerRegistry/registries', 'a'), '2023-07-01').passwords[0].value]"},
        "b": {"type": "object", "value": "[listAccountSas(parameters('name'), '2023-01-01', createObject('key', parameters('adminLogin')))]"},
        "c": {"type": "string", "value": "[concat('x', listKeys(parameters('adminLogin'), '2023-01-01').keys[0].value)]"},
        "d": {"type": "string", "value": "[listKeys('x')[parameters('adminLogin')]]"},
        "e": {"type": "string", "value": "[reference(parameters('adminLogin')).x]"},
        "f": {"type": "string", "value": "[reference(concat('x', parameters('adminLogin')), '2023-01-01')]"}
    });
    let bodies = [registry(
        "[listKeys(parameters('adminLogin'), '2023-01-01').name]",
        &json!({"publicNetworkAccess": "[listKeys('x', 'y').a]"}),
    )];
    hides("lists", &template(&secure(), &NOTHING(), &bodies, &outputs), None);
}

#[test]
fn snapshots() {
    let id = |ty: &str| format!("/subscriptions/1/resourceGroups/g/providers/{ty}/a");
    let entry = |ty: &str, properties: Value| json!({"id": id(ty), "type": ty, "name": "a", "apiVersion": "2023-07-01", "properties": properties});
    let snapshot = json!({
        "predictedResources": [
            entry("Microsoft.ContainerRegistry/registries", json!({"adminPassword": "CANARY-1", "publicNetworkAccess": "Disabled"})),
            entry("Microsoft.KeyVault/vaults/secrets", json!({"value": "CANARY-2"})),
            entry("Microsoft.Web/sites", json!({"settings": [{"name": "API_PASSWORD", "value": "CANARY-3"}],
                "clientSecret": "[concat('CANARY-4', parameters('x'))]", "accountKey": "[\"CANARY-5\"]"}))
        ],
        "diagnostics": [],
        "outputs": {"accessToken": "CANARY-6", "location": "westeurope"}
    });
    hides("a snapshot", &snapshot, None);
}

#[test]
fn dumps() {
    let group = "/subscriptions/8d1c2a44-0f5e-4b39-9a7e-2f6c51b0e7d3/resourceGroups/rg/providers";
    let id = |ty: &str, name: &str| format!("{group}/{ty}/{name}");
    let acr = json!({"id": id("Microsoft.ContainerRegistry/registries", "acr1"), "name": "acr1", "location": "westeurope",
        "type": "Microsoft.ContainerRegistry/registries", "publicNetworkAccess": "Disabled", "provisioningState": "Succeeded",
        "networkRuleSet": {"defaultAction": "Deny", "ipRules": [{"ipAddressOrRange": "10.0.0.1"}]},
        "tags": {"adminPassword": "CANARY-1", "token": "CANARY-2"}, "adminPasswords": ["CANARY-3"],
        "privateEndpointConnections": [], "sku": {"name": "Premium"}});
    let aci = json!({"id": id("Microsoft.ContainerInstance/containerGroups", "aci"), "name": "aci", "location": "westeurope",
        "type": "Microsoft.ContainerInstance/containerGroups", "provisioningState": "Succeeded",
        "containers": [{"name": "c", "image": "acr1.azurecr.io/a:1", "environmentVariables": [
            {"name": "FEED_TOKEN", "secureValue": "CANARY-4", "value": null}, {"name": "DB_PASSWORD", "value": "CANARY-5"}]}],
        "imageRegistryCredentials": [{"server": "acr1.azurecr.io", "username": "acr1", "password": "CANARY-6"}]});
    let task = json!({"id": id("Microsoft.ContainerRegistry/registries", "acr1/tasks/t"), "name": "t", "location": "westeurope",
        "type": "Microsoft.ContainerRegistry/registries/tasks", "provisioningState": "Succeeded", "identity": null,
        "credentials": {"customRegistries": {"x": {"password": {"value": "CANARY-7", "type": "Opaque"}}}},
        "step": {"type": "Docker", "values": [{"name": "v", "value": "CANARY-8", "isSecret": true}],
            "contextAccessToken": "CANARY-9"}});
    let vault = json!({"id": id("Microsoft.KeyVault/vaults", "kv/secrets/s"), "name": "s", "etag": "1",
        "type": "Microsoft.KeyVault/vaults/secrets", "properties": {"value": "CANARY-10"}});
    hides("list", &json!([acr, aci, task, vault]), None);
    hides("page", &json!({"value": [acr, aci, task], "nextLink": "https://management.azure.com/x"}), None);
    let wire = json!({"id": acr["id"], "name": "acr1", "type": "microsoft.containerregistry/registries", "location": "westeurope",
        "tenantId": "t", "subscriptionId": "s", "sku": {"name": "Premium"},
        "properties": {"publicNetworkAccess": "Disabled", "privateEndpointConnections": [], "adminPassword": "CANARY-11"}});
    hides("graph", &json!({"count": 1, "data": [wire], "skip_token": "more", "total_records": 2}), None);
    let columns =
        json!([{"name": "id"}, {"name": "name"}, {"name": "type"}, {"name": "properties"}, {"name": "adminPassword"}]);
    let row = json!([acr["id"], "acr1", acr["type"], wire["properties"], "CANARY-12"]);
    run_all(
        "table",
        &json!({"count": 1, "data": {"columns": columns, "rows": [row]}, "totalRecords": 1}).to_string(),
        None,
    );
    let change = json!({"resourceId": acr["id"], "changeType": "Modify", "before": wire, "after": wire});
    hides("what-if", &json!({"changes": [change], "status": "Succeeded"}), None);
    let shallow = json!({"Id": acr["id"], "Name": "acr1", "Type": acr["type"], "PublicNetworkAccess": "Disabled",
        "NetworkRuleSetDefaultAction": "Deny", "Identity": "@{Name=x; Password=CANARY-13}", "SkuName": "Premium"});
    run_all("shallow", &serde_json::to_string_pretty(&shallow).unwrap(), None);
    let lines = [&acr, &aci, &task].map(ToString::to_string).join("\n");
    run_all("lines", &format!("WARNING: a preview\n{lines}\n"), None);
    let error = json!({"error": {"code": "Refused", "message": "no", "details": [{"password": "CANARY-14"}]}});
    run_all("error", &serde_json::to_string_pretty(&error).unwrap(), None);
}

#[test]
fn what_clients_show_of_themselves() {
    let id = "/subscriptions/1/resourceGroups/rg/providers/Microsoft.ContainerRegistry/registries/acr1";
    let acr = json!({"id": id, "name": "acr1", "location": "westeurope", "type": "Microsoft.ContainerRegistry/registries",
        "publicNetworkAccess": "Disabled", "privateEndpointConnections": [], "provisioningState": "Succeeded"});
    let docker = json!({"auths": {"acr1.azurecr.io": {"auth": "CANARY-1", "identitytoken": "CANARY-2", "CANARY-3": {}}},
        "HttpHeaders": {"X-Source": "CANARY-4"},
        "proxies": {"default": {"httpsProxy": "http://user:CANARY-5@proxy:3128", "noProxy": "localhost"}}});
    let daemon = json!({"log-driver": "json-file", "proxies": {"http-proxy": "http://user:CANARY-6@proxy:3128/",
        "https-proxy": "http://user:CANARY-7@proxy:3128", "no-proxy": "localhost"}});
    let applied = json!({"spec": {"containers": [{"env": [{"name": "X", "value": "CANARY-8"}]}]}}).to_string();
    let message = "failed to copy: failed to do request: Get \"https://weumanaged15.blob.core.windows.net/a?se=1&sig=CANARY-9&sp=r\": EOF";
    let pod = json!({"apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": "p", "annotations": {"kubectl.kubernetes.io/last-applied-configuration": applied}},
        "spec": {"containers": [{"name": "c", "image": "acr1.azurecr.io/a:1", "env": [
            {"name": "DB_PASSWORD", "value": "CANARY-10"}, {"name": "FEED", "value": "https://me:CANARY-11@feed.example/x"}]}]},
        "status": {"containerStatuses": [{"name": "c", "state": {"waiting": {"reason": "ErrImagePull", "message": message}}}]}});
    hides("docker's client", &json!([acr, docker]), None);
    hides("docker's client alone", &docker, None);
    hides("docker's daemon", &json!([acr, daemon]), None);
    hides("a pod", &json!([acr, pod]), None);
    let unit = "[Service]\nEnvironment=\"HTTPS_PROXY=http://user:CANARY-12@proxy:3128\" \"NO_PROXY=localhost\"\n";
    run_all("a unit", unit, None);
}

#[test]
fn plans_and_states() {
    let registry = json!({
        "name": "contoso", "resource_group_name": "rg", "location": "westeurope", "sku": "Standard",
        "public_network_access_enabled": false, "admin_password": "CANARY-admin", "tags": { "owner": "CANARY-tag" },
        "network_rule_set": [{ "default_action": "Deny", "ip_rule": [{ "action": "Allow", "ip_range": "CANARY-range" }] }],
    });
    let group = json!({
        "name": "aci", "resource_group_name": "rg", "location": "westeurope",
        "container": [{ "name": "a", "image": "contoso.azurecr.io/a:1", "secure_environment_variables": { "K": "CANARY-env" } }],
        "image_registry_credential": [{ "server": "contoso.azurecr.io", "username": "u", "password": "CANARY-pull" }],
    });
    let sensitive = json!({ "tags": { "owner": true }, "network_rule_set": [{ "ip_rule": true }] });
    let change = |ty: &str, values: &Value, mask: &Value| {
        json!({
            "address": format!("{ty}.x"), "mode": "managed", "type": ty, "name": "x",
            "provider_name": "registry.terraform.io/hashicorp/azurerm",
            "change": {
                "actions": ["update"], "before": values, "after": values, "after_unknown": {},
                "before_sensitive": mask, "after_sensitive": mask,
            },
        })
    };
    let plan = json!({
        "format_version": "1.2", "terraform_version": "1.11.4",
        "variables": { "token": { "value": "CANARY-variable" } },
        "resource_changes": [
            change("azurerm_container_registry", &registry, &sensitive),
            change("azurerm_container_group", &group, &json!({})),
        ],
        "planned_values": { "outputs": { "o": { "sensitive": true, "value": "CANARY-output" } }, "root_module": {} },
        "configuration": { "root_module": {
            "variables": { "token": { "sensitive": true, "default": "CANARY-default" } },
            "resources": [{
                "address": "azurerm_container_group.x", "mode": "managed", "type": "azurerm_container_group", "name": "x",
                "expressions": { "image_registry_credential": [{ "password": { "constant_value": "CANARY-pull" } }] },
            }],
        } },
    });
    hides("plan", &plan, None);
    let state = json!({
        "version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "x",
        "outputs": { "o": { "sensitive": true, "value": "CANARY-output", "type": "string" } },
        "resources": [{
            "mode": "managed", "type": "azurerm_container_registry", "name": "x",
            "provider": "provider[\"registry.terraform.io/hashicorp/azurerm\"]",
            "instances": [{
                "schema_version": 2, "attributes": registry,
                "sensitive_attributes": [
                    [{ "type": "get_attr", "value": "tags" }],
                    [{ "type": "get_attr", "value": "network_rule_set" }],
                ],
            }],
        }],
    });
    hides("state", &state, None);
}
