//! Every command of the Azure CLI whose output acrlint can use.
//!
//! In: nothing. Out: [`ROWS`], and the resource types that one query of Resource Graph is asked for. Must not know: the
//! registry, or a shell.
//!
//! No row may print a secret: no credentials, no keys, of settings only those that are named. Where the body of a
//! resource may hold what its owner wrote into it, such as environment variables, a row asks for the rest of it.

use crate::graph::NodeKind;

/// A command and why it is run.
#[derive(Debug)]
pub struct Row {
    /// What its files begin with.
    pub file: &'static str,
    /// The words after `az`; `{name}` is the name of what the command is run for.
    pub line: &'static str,
    /// What is taken of the output, in `JMESPath`.
    pub query: Option<&'static str>,
    /// What Log Analytics is asked, in Kusto.
    pub asks: Option<&'static str>,
    /// The question that it answers.
    pub answers: &'static str,
    /// What it is run for.
    pub per: Per,
    /// What must be allowed.
    pub needs: Needs,
    /// The extension of the Azure CLI that it is part of.
    pub extension: Option<&'static str>,
    /// The resource types whose facts it shows, in lower case.
    pub shows: &'static [&'static str],
}

/// What a command is run for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Per {
    /// The resource group, or else the subscription.
    Group,
    /// The subscription, also where a resource group is named.
    Subscription,
    /// A registry.
    Registry,
    /// A private endpoint of a registry.
    Endpoint,
    /// A private DNS zone that has to do with registries.
    Zone,
    /// A route table.
    RouteTable,
    /// A policy of Azure Firewall.
    FirewallPolicy,
    /// A web app.
    WebApp,
    /// A function app.
    FunctionApp,
    /// A network interface that the user names.
    Interface,
    /// A web app or function app that the user names.
    Site,
    /// A workspace of Log Analytics that the user names.
    Workspace,
}

/// What a command needs to be allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// `Reader` where the resources are.
    Reader,
    /// This permission on the subscription, which its `Reader` has.
    OnSubscription(&'static str),
    /// This permission, which `Reader` does not have.
    More(&'static str),
}

/// The tables of Resource Graph that the types are found in: DNS records and Defender plans have their own.
pub const TABLES: [&str; 3] = ["resources", "dnsresources", "securityresources"];

/// The types that Resource Graph is not asked for, as it would give their bodies whole, with environment variables and
/// settings of extensions. Rows show the parts that matter.
pub const NEVER_WHOLE: [&str; 4] = [
    "microsoft.containerinstance/containergroups",
    "microsoft.app/containerapps",
    "microsoft.app/jobs",
    "microsoft.compute/virtualmachinescalesets",
];

/// Every type that acrlint knows and that may be shown whole, in order.
pub fn graph_types() -> Vec<&'static str> {
    let mut types: Vec<_> = NodeKind::TYPES.iter().copied().filter(|ty| !NEVER_WHOLE.contains(ty)).collect();
    types.sort_unstable();
    types
}

/// A chapter of the script.
#[derive(Debug)]
pub struct Chapter {
    /// Its heading.
    pub title: &'static str,
    /// Its commands; those for one kind of thing stand together.
    pub rows: &'static [Row],
}

const PLAIN: Row = Row {
    file: "",
    line: "",
    query: None,
    asks: None,
    answers: "",
    per: Per::Group,
    needs: Needs::Reader,
    extension: None,
    shows: &[],
};

/// All of them, in the order in which they are run.
pub const CHAPTERS: &[Chapter] = &[
    Chapter { title: "Registries", rows: REGISTRIES },
    Chapter { title: "Private endpoints and DNS", rows: ENDPOINTS },
    Chapter { title: "Networks", rows: NETWORKS },
    Chapter { title: "Clients", rows: CLIENTS },
    Chapter { title: "The subscription", rows: SUBSCRIPTION },
    Chapter { title: "More than a reader may see, for what you name", rows: NAMED },
    Chapter { title: "What registries logged, for the workspaces that you name", rows: LOGS },
];

const REGISTRIES: &[Row] = &[
    Row {
        file: "registries",
        line: "acr list",
        answers: "Which registries are there? One whose name does not resolve may share a DNS zone with another.",
        shows: &["microsoft.containerregistry/registries"],
        ..PLAIN
    },
    Row {
        file: "registry",
        line: "acr show --name {name}",
        answers: "Whom does it let in: public access, default action, rules, bypass, tier? (Its network rules are part of \
                  it, which makes a list of them needless.)",
        per: Per::Registry,
        shows: &["microsoft.containerregistry/registries"],
        ..PLAIN
    },
    Row {
        file: "registry-endpoints",
        line: "acr show-endpoints --name {name}",
        answers: "Which hosts must clients resolve and reach, for login and for layers?",
        per: Per::Registry,
        ..PLAIN
    },
    Row {
        file: "registry-replications",
        line: "acr replication list --registry {name}",
        answers: "In which regions are layers served? (Fails where the tier is not Premium: there are none.)",
        per: Per::Registry,
        shows: &["microsoft.containerregistry/registries/replications"],
        ..PLAIN
    },
    Row {
        file: "registry-connections",
        line: "acr private-endpoint-connection list --registry-name {name}",
        answers: "Which private endpoints are approved, pending, or left over?",
        per: Per::Registry,
        shows: &["microsoft.containerregistry/registries/privateendpointconnections"],
        ..PLAIN
    },
    Row {
        file: "registry-tasks",
        line: "acr task list --registry {name}",
        answers: "As whom and from where do tasks sign in?",
        query: Some(
            "[].{id: id, name: name, type: type, location: location, identity: identity, agentPoolName: agentPoolName, \
             isSystemTask: isSystemTask, status: status, credentials: credentials}",
        ),
        per: Per::Registry,
        shows: &["microsoft.containerregistry/registries/tasks"],
        ..PLAIN
    },
    Row {
        file: "registry-agent-pools",
        line: "acr agentpool list --registry {name}",
        answers: "Which subnets do tasks run in?",
        per: Per::Registry,
        shows: &["microsoft.containerregistry/registries/agentpools"],
        ..PLAIN
    },
    Row {
        file: "registry-connected",
        line: "acr connected-registry list --registry {name}",
        answers: "Which registries on premises synchronize with it?",
        per: Per::Registry,
        shows: &["microsoft.containerregistry/registries/connectedregistries"],
        ..PLAIN
    },
];

const ENDPOINTS: &[Row] = &[
    Row {
        file: "private-endpoints",
        line: "network private-endpoint list",
        answers: "Which private endpoints lead to a registry, and from which subnet?",
        shows: &["microsoft.network/privateendpoints"],
        ..PLAIN
    },
    Row {
        file: "dns-zone-groups",
        line: "network private-endpoint dns-zone-group list --endpoint-name {name}",
        answers: "Does Azure keep the records of this endpoint, and in which zone?",
        per: Per::Endpoint,
        shows: &["microsoft.network/privateendpoints/privatednszonegroups"],
        ..PLAIN
    },
    Row {
        file: "private-dns-zones",
        line: "network private-dns zone list",
        answers: "Which private DNS zones are there, under which names?",
        shows: &["microsoft.network/privatednszones"],
        ..PLAIN
    },
    Row {
        file: "dns-records",
        line: "network private-dns record-set a list --zone-name {name}",
        answers: "Which names does this zone know: the login name, and a data name for each region?",
        per: Per::Zone,
        shows: &["microsoft.network/privatednszones/a"],
        ..PLAIN
    },
    Row {
        file: "dns-links",
        line: "network private-dns link vnet list --zone-name {name}",
        answers: "Which networks ask this zone?",
        per: Per::Zone,
        shows: &["microsoft.network/privatednszones/virtualnetworklinks"],
        ..PLAIN
    },
];

const NETWORKS: &[Row] = &[
    Row {
        file: "networks",
        line: "network vnet list",
        answers: "Which networks and subnets are there, with service endpoints, DNS servers and peerings?",
        shows: &[
            "microsoft.network/virtualnetworks",
            "microsoft.network/virtualnetworks/subnets",
            "microsoft.network/virtualnetworks/virtualnetworkpeerings",
        ],
        ..PLAIN
    },
    Row {
        file: "network-interfaces",
        line: "network nic list",
        answers: "Which addresses do the private endpoints have, for which hosts, and which subnets are clients in?",
        shows: &["microsoft.network/networkinterfaces"],
        ..PLAIN
    },
    Row {
        file: "security-groups",
        line: "network nsg list",
        answers: "Do network security groups let clients out to the registry?",
        shows: &["microsoft.network/networksecuritygroups", "microsoft.network/networksecuritygroups/securityrules"],
        ..PLAIN
    },
    Row {
        file: "nat-gateways",
        line: "network nat gateway list",
        answers: "Behind which NAT gateway is a subnet?",
        ..PLAIN
    },
    Row {
        file: "public-ips",
        line: "network public-ip list",
        answers: "Which addresses do clients come from?",
        ..PLAIN
    },
    Row {
        file: "public-ip-prefixes",
        line: "network public-ip prefix list",
        answers: "Which ranges do clients come from?",
        ..PLAIN
    },
    Row {
        file: "route-table",
        line: "network route-table show --name {name}",
        answers: "Where does the traffic of its subnets go?",
        per: Per::RouteTable,
        shows: &["microsoft.network/routetables", "microsoft.network/routetables/routes"],
        ..PLAIN
    },
    Row {
        file: "firewalls",
        line: "network firewall list",
        answers: "Which firewalls does the traffic pass, and which addresses does it leave them with?",
        extension: Some("azure-firewall"),
        ..PLAIN
    },
    Row {
        file: "firewall-policies",
        line: "network firewall policy list",
        answers: "Do the firewalls answer DNS, and which policy is above which?",
        extension: Some("azure-firewall"),
        ..PLAIN
    },
    Row {
        file: "firewall-rules",
        line: "network firewall policy rule-collection-group list --policy-name {name}",
        answers: "Does this policy let clients out to the hosts of the registry?",
        per: Per::FirewallPolicy,
        extension: Some("azure-firewall"),
        ..PLAIN
    },
];

const CLIENTS: &[Row] = &[
    Row {
        file: "aks-clusters",
        line: "aks list",
        answers: "Which subnets do nodes pull from, how do they get out, and past which proxy?",
        shows: &["microsoft.containerservice/managedclusters", "microsoft.containerservice/managedclusters/agentpools"],
        ..PLAIN
    },
    Row {
        file: "container-groups",
        line: "container list",
        answers: "Which container groups pull from it, as whom and from where?",
        query: Some(
            "[].{id: id, name: name, type: type, location: location, identity: identity, subnetIds: subnetIds, \
             ipAddress: ipAddress, dnsConfig: dnsConfig, sku: sku, imageRegistryCredentials: \
             imageRegistryCredentials[].{server: server, username: username, identity: identity, identityUrl: \
             identityUrl}, containers: containers[].{name: name, image: image}, initContainers: initContainers[].{name: \
             name, image: image}}",
        ),
        shows: &["microsoft.containerinstance/containergroups"],
        ..PLAIN
    },
    Row {
        file: "web-apps",
        line: "webapp list",
        answers: "Which web apps are there, and which subnet do they go through?",
        shows: &["microsoft.web/sites"],
        ..PLAIN
    },
    Row {
        file: "web-app-config",
        line: "webapp config show --name {name}",
        answers: "Which image does this app run, and does it sign in with its identity? (Not its settings.)",
        query: Some(SITE_CONFIG),
        per: Per::WebApp,
        shows: &["microsoft.web/sites/config"],
        ..PLAIN
    },
    Row {
        file: "function-apps",
        line: "functionapp list",
        answers: "Which function apps are there, and which subnet do they go through?",
        shows: &["microsoft.web/sites"],
        ..PLAIN
    },
    Row {
        file: "function-app-config",
        line: "functionapp config show --name {name}",
        answers: "Which image does this app run, and does it sign in with its identity? (Not its settings.)",
        query: Some(SITE_CONFIG),
        per: Per::FunctionApp,
        shows: &["microsoft.web/sites/config"],
        ..PLAIN
    },
    Row {
        file: "container-app-environments",
        line: "containerapp env list",
        answers: "Which subnets do container apps run in?",
        query: Some(
            "[].{id: id, name: name, type: type, location: location, properties: {vnetConfiguration: \
             properties.vnetConfiguration, workloadProfiles: properties.workloadProfiles, staticIp: properties.staticIp, \
             publicNetworkAccess: properties.publicNetworkAccess}}",
        ),
        shows: &["microsoft.app/managedenvironments"],
        ..PLAIN
    },
    Row {
        file: "container-apps",
        line: "containerapp list",
        answers: "Which container apps pull from it, and as whom?",
        query: Some(CONTAINER_APPS),
        shows: &["microsoft.app/containerapps"],
        ..PLAIN
    },
    Row {
        file: "container-app-jobs",
        line: "containerapp job list",
        answers: "Which jobs of Container Apps pull from it, and as whom?",
        query: Some(CONTAINER_APPS),
        shows: &["microsoft.app/jobs"],
        ..PLAIN
    },
    Row {
        file: "virtual-machines",
        line: "vm list",
        answers: "Which machines are clients, and which network interfaces do they have?",
        query: Some(
            "[].{id: id, name: name, type: type, location: location, identity: identity, networkProfile: networkProfile}",
        ),
        shows: &["microsoft.compute/virtualmachines"],
        ..PLAIN
    },
    Row {
        file: "scale-sets",
        line: "vmss list",
        answers: "Which scale sets are clients, and which subnets are they in?",
        query: Some(
            "[].{id: id, name: name, type: type, location: location, identity: identity, virtualMachineProfile: \
             {networkProfile: virtualMachineProfile.networkProfile}}",
        ),
        shows: &["microsoft.compute/virtualmachinescalesets"],
        ..PLAIN
    },
    Row {
        file: "ml-workspaces",
        line: "ml workspace list",
        answers: "Which workspaces of Machine Learning build into it, and are they isolated?",
        extension: Some("ml"),
        ..PLAIN
    },
];

/// What pulls of a site depend on.
const SITE_CONFIG: &str = "{id: id, name: name, type: type, linuxFxVersion: linuxFxVersion, windowsFxVersion: \
                           windowsFxVersion, acrUseManagedIdentityCreds: acrUseManagedIdentityCreds, \
                           vnetRouteAllEnabled: vnetRouteAllEnabled}";

/// What pulls of a container app or a job depend on.
const CONTAINER_APPS: &str = "[].{id: id, name: name, type: type, location: location, identity: identity, properties: \
                              {managedEnvironmentId: properties.managedEnvironmentId, environmentId: \
                              properties.environmentId, configuration: {registries: properties.configuration.registries}, \
                              template: {containers: properties.template.containers[].{name: name, image: image}, \
                              initContainers: properties.template.initContainers[].{name: name, image: image}}}}";

const SUBSCRIPTION: &[Row] = &[
    Row {
        file: "provider",
        line: "provider show --namespace Microsoft.ContainerRegistry",
        answers: "Is the provider registered, which rules for subnets and endpoints of this subscription need?",
        per: Per::Subscription,
        needs: Needs::OnSubscription("Microsoft.Resources/subscriptions/providers/read"),
        shows: &["microsoft.resources/providers"],
        ..PLAIN
    },
    Row {
        file: "defender-plans",
        line: "security pricing list",
        answers: "Which plans of Defender for Cloud scan images?",
        per: Per::Subscription,
        needs: Needs::OnSubscription("Microsoft.Security/pricings/read"),
        shows: &["microsoft.security/pricings"],
        ..PLAIN
    },
];

const NAMED: &[Row] = &[
    Row {
        file: "effective-routes",
        line: "network nic show-effective-route-table --name {name}",
        answers: "Where does the traffic of this interface really go?",
        per: Per::Interface,
        needs: Needs::More("Microsoft.Network/networkInterfaces/effectiveRouteTable/action"),
        ..PLAIN
    },
    Row {
        file: "effective-rules",
        line: "network nic list-effective-nsg --name {name}",
        answers: "Which security rules really hold for this interface?",
        per: Per::Interface,
        needs: Needs::More("Microsoft.Network/networkInterfaces/effectiveNetworkSecurityGroups/action"),
        ..PLAIN
    },
    Row {
        file: "app-settings",
        line: "webapp config appsettings list --name {name}",
        answers: "Does this app pull over its network? Of its settings only these four, which are no secrets, are kept.",
        query: Some(
            "[?name == 'WEBSITE_PULL_IMAGE_OVER_VNET' || name == 'WEBSITE_VNET_ROUTE_ALL' || name == \
             'WEBSITE_DNS_SERVER' || name == 'DOCKER_REGISTRY_SERVER_URL'].{name: name, value: value}",
        ),
        per: Per::Site,
        needs: Needs::More("Microsoft.Web/sites/config/list/action"),
        shows: &["microsoft.web/sites/config"],
        ..PLAIN
    },
];

const LOGS: &[Row] = &[Row {
    file: "login-events",
    line: "monitor log-analytics query --workspace {name} --timespan P7D",
    answers: "Which addresses did registries refuse in the last seven days, and which did they let in? Without the \
                  names of users.",
    asks: Some(
        "ContainerRegistryLoginEvents | summarize count(), TimeGenerated = max(TimeGenerated) by OperationName, \
             LoginServer, CallerIpAddress, ResultType, ResultDescription, _ResourceId",
    ),
    per: Per::Workspace,
    extension: Some("log-analytics"),
    ..PLAIN
}];
