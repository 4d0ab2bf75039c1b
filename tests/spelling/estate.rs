//! An estate as a person thinks of it: resources, who refers to whom, and one value that may be faulty.
//!
//! Strings in bodies may say what they mean instead of how it is written: `@id:SYM` is the id of a resource, `@text:…`
//! a text with `<reg>`, `<net>`, `<zon>`, `<loc>` in place of the names of the registry, the network,
//! the zone and the region, `@host:BEFORE|AFTER` a
//! text around the login server. An object `{"$fault": [BAD, GOOD]}` is the value that the fault is about.

use serde_json::{Map, Value, json};

use super::marks;

/// One resource.
#[derive(Clone)]
pub struct Resource {
    pub sym: &'static str,
    pub ty: &'static str,
    pub api: &'static str,
    pub parent: Option<&'static str>,
    /// Its own segment of the name.
    pub name: Value,
    /// What stands beside `properties`.
    pub beside: Map<String, Value>,
    pub properties: Value,
    pub type_marked: bool,
    pub properties_marked: bool,
}

/// What a template is rendered from.
#[derive(Clone)]
#[allow(clippy::struct_excessive_bools, reason = "each says one thing of a fault")]
pub struct Estate {
    pub resources: Vec<Resource>,
    /// Whether the fault is in it; otherwise it is the repaired twin.
    pub broken: bool,
    /// The finding points at the name of the registry.
    pub name_marked: bool,
    /// The A records are declared.
    pub records_by_hand: bool,
    /// The fault is about where things are.
    pub region_matters: bool,
}

pub fn fault(bad: impl Into<Value>, good: impl Into<Value>) -> Value {
    json!({ "$fault": [bad.into(), good.into()] })
}

impl Estate {
    /// A private registry, its endpoint with DNS, and a cluster in the same network.
    pub fn healthy(broken: bool) -> Self {
        let mut estate =
            Self { resources: Vec::new(), broken, name_marked: false, records_by_hand: false, region_matters: false };
        estate.add("registry", "Microsoft.ContainerRegistry/registries", "2025-11-01", "<reg>");
        estate.get("registry").beside.insert("location".to_owned(), json!("@text:<loc>"));
        estate.get("registry").beside.insert("sku".to_owned(), json!({ "name": "Premium" }));
        *estate.of("registry") = json!({ "publicNetworkAccess": "Disabled" });
        estate.add("net", "Microsoft.Network/virtualNetworks", "2024-05-01", "<net>");
        estate.get("net").beside.insert("location".to_owned(), json!("@text:<loc>"));
        *estate.of("net") = json!({ "addressSpace": { "addressPrefixes": ["10.20.0.0/16"] } });
        estate.subnet("endpoints", "net", "snet-endpoints", "10.20.1.0/24");
        estate.subnet("work", "net", "snet-work", "10.20.2.0/24");
        estate.add("pe", "Microsoft.Network/privateEndpoints", "2024-05-01", "pe-<reg>");
        estate.get("pe").beside.insert("location".to_owned(), json!("@text:<loc>"));
        *estate.of("pe") = json!({
            "subnet": { "id": "@id:endpoints" },
            "privateLinkServiceConnections": [
                { "name": "registry", "properties": { "privateLinkServiceId": "@id:registry", "groupIds": ["registry"] } }
            ]
        });
        estate.add("zone", "Microsoft.Network/privateDnsZones", "2024-06-01", "<zon>");
        estate.get("zone").beside.insert("location".to_owned(), json!("global"));
        estate.get("zone").properties = Value::Null;
        estate.child(
            "link",
            "zone",
            "Microsoft.Network/privateDnsZones/virtualNetworkLinks",
            "2024-06-01",
            "link-<net>",
        );
        estate.get("link").beside.insert("location".to_owned(), json!("global"));
        *estate.of("link") = json!({ "registrationEnabled": false, "virtualNetwork": { "id": "@id:net" } });
        let group = "Microsoft.Network/privateEndpoints/privateDnsZoneGroups";
        estate.child("group", "pe", group, "2024-05-01", "default");
        *estate.of("group") =
            json!({ "privateDnsZoneConfigs": [{ "name": "acr", "properties": { "privateDnsZoneId": "@id:zone" } }] });
        estate.add("aks", "Microsoft.ContainerService/managedClusters", "2024-05-01", "aks-<net>");
        estate.get("aks").beside.insert("location".to_owned(), json!("@text:<loc>"));
        estate.get("aks").beside.insert("identity".to_owned(), json!({ "type": "SystemAssigned" }));
        *estate.of("aks") = json!({
            "dnsPrefix": "work",
            "agentPoolProfiles": [{ "name": "system", "mode": "System", "count": 3, "vnetSubnetID": "@id:work" }]
        });
        estate
    }

    /// The same registry without anything private; who may come is for the caller to say.
    pub fn public(broken: bool) -> Self {
        let mut estate = Self::healthy(broken);
        estate.remove(&["pe", "group", "zone", "link", "endpoints"]);
        estate.of("registry")["publicNetworkAccess"] = json!("Enabled");
        estate
    }

    /// With the A records declared one by one instead of by a zone group, but for the one named.
    pub fn by_hand(broken: bool, without: &str) -> Self {
        let mut estate = Self::healthy(broken);
        estate.records_by_hand = true;
        estate.remove(&["group"]);
        for (sym, name) in [("login", "<reg>"), ("data", "<reg>.<loc>.data")] {
            if !broken || sym != without {
                estate.record(sym, name);
            }
        }
        estate
    }

    pub fn record(&mut self, sym: &'static str, name: &str) {
        self.child(sym, "zone", "Microsoft.Network/privateDnsZones/A", "2024-06-01", name);
        *self.of(sym) = json!({ "ttl": 300, "aRecords": [{ "ipv4Address": "10.20.1.4" }] });
    }

    pub fn add(&mut self, sym: &'static str, ty: &'static str, api: &'static str, name: &str) {
        self.resources.push(Resource {
            sym,
            ty,
            api,
            parent: None,
            name: json!(format!("@text:{name}")),
            beside: Map::new(),
            properties: json!({}),
            type_marked: false,
            properties_marked: false,
        });
    }

    pub fn child(&mut self, sym: &'static str, parent: &'static str, ty: &'static str, api: &'static str, name: &str) {
        self.add(sym, ty, api, name);
        self.get(sym).parent = Some(parent);
    }

    pub fn subnet(&mut self, sym: &'static str, net: &'static str, name: &str, prefix: &str) {
        self.child(sym, net, "Microsoft.Network/virtualNetworks/subnets", "2024-05-01", name);
        *self.of(sym) = json!({ "addressPrefix": prefix });
    }

    pub fn replica(&mut self, location: Value) {
        let ty = "Microsoft.ContainerRegistry/registries/replications";
        self.child("replica", "registry", ty, "2025-11-01", "north");
        self.get("replica").beside.insert("location".to_owned(), location);
    }

    pub fn task(&mut self, identity: Option<&str>) {
        let ty = "Microsoft.ContainerRegistry/registries/tasks";
        self.child("task", "registry", ty, "2019-06-01-preview", "nightly");
        self.get("task").beside.insert("location".to_owned(), json!("@text:<loc>"));
        if let Some(identity) = identity {
            self.get("task").beside.insert("identity".to_owned(), json!({ "type": identity }));
        }
        *self.of("task") = json!({
            "status": "Enabled",
            "platform": { "os": "Linux", "architecture": "amd64" },
            "step": { "type": "EncodedTask", "encodedTaskContent": "c3RlcHM6IFtd" }
        });
    }

    pub fn container_group(&mut self, image: &Value, identity: bool) {
        self.add("aci", "Microsoft.ContainerInstance/containerGroups", "2023-05-01", "aci-job");
        self.get("aci").beside.insert("location".to_owned(), json!("@text:<loc>"));
        let id = "[resourceId('Microsoft.ManagedIdentity/userAssignedIdentities', 'id-job')]";
        *self.of("aci") = json!({
            "osType": "Linux",
            "containers": [{ "name": "job", "properties": { "image": image } }]
        });
        if identity {
            self.of("aci")["imageRegistryCredentials"] = json!([{ "server": "@host:|", "identity": id }]);
            let identity = json!({ "type": "UserAssigned", "userAssignedIdentities": { id: {} } });
            self.get("aci").beside.insert("identity".to_owned(), identity);
        }
    }

    pub fn plan(&mut self, tier: &Value) {
        self.add("plan", "Microsoft.Security/pricings", "2024-01-01", "Containers");
        *self.of("plan") = json!({ "pricingTier": tier });
    }

    pub fn remove(&mut self, syms: &[&str]) {
        self.resources.retain(|resource| !syms.contains(&resource.sym));
    }

    pub fn find(&self, sym: &str) -> &Resource {
        self.resources.iter().find(|resource| resource.sym == sym).unwrap_or_else(|| panic!("no resource {sym}"))
    }

    pub fn get(&mut self, sym: &str) -> &mut Resource {
        let found = self.resources.iter_mut().find(|resource| resource.sym == sym);
        found.unwrap_or_else(|| panic!("no resource {sym}"))
    }

    /// The properties of a resource.
    pub fn of(&mut self, sym: &str) -> &mut Value {
        &mut self.get(sym).properties
    }

    /// The name of a property, marked where the estate is broken.
    pub fn key(&self, key: &str) -> String {
        if self.broken { marks::quoted(key) } else { key.to_owned() }
    }
}
