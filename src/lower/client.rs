//! Decodes what pulls images.
//!
//! In: bodies. Out: nodes, without any credential. Must not know: registries.

use std::collections::HashMap;

use crate::graph::{
    AgentPoolProfile, AksCluster, AksPool, ContainerApp, ContainerGroup, Credential, Graph, Head, ImageHost, List,
    ManagedEnvironment, MemberAddress, NetworkInterface, NodeKind, SubnetLink, VirtualMachine, WebApp,
};
use crate::value::{Attr, Origin, Part, Pattern, Reason, State, Symbol, Unknown};

use super::decode::{Reader, View};
use super::{Draft, defaults, parent};

pub(super) fn aks_cluster(reader: &mut Reader, view: &View, head: Head) -> AksCluster {
    let pools = reader.list(&view.at("properties.agentPoolProfiles"), |reader, view| AgentPoolProfile {
        subnet: reader.subnet(&view.at("vnetSubnetID")),
        node_public_ip: defaults::off(reader.bool(&view.at("enableNodePublicIP"))),
    });
    let profile = view.at("properties.networkProfile");
    let mut outbound = Vec::new();
    for around in ["loadBalancerProfile", "natGatewayProfile"] {
        let list = profile.member(around).member("effectiveOutboundIPs");
        outbound.extend(reader.list(&list, |reader, view| reader.link(&view.at("id"))).items);
    }
    let asked = profile.member("loadBalancerProfile");
    let prefixes = asked.at("outboundIPPrefixes.publicIPPrefixes");
    let outbound_prefixes = reader.list(&prefixes, |reader, view| reader.link(&view.at("id"))).items;
    if outbound.is_empty() {
        let addresses = asked.at("outboundIPs.publicIPs");
        outbound = reader.list(&addresses, |reader, view| reader.link(&view.at("id"))).items;
    }
    let outbound_type = defaults::outbound_type(reader.text(&profile.at("outboundType")));
    let config = view.at("properties.httpProxyConfig");
    let proxies = ["httpProxy", "httpsProxy"].map(|name| config.member(name).is_written());
    let mut proxy = defaults::any_on(proxies.to_vec(), Attr::absent(config.near())).attr;
    if reader.bool(&config.at("enabled")).value() == Some(&false) {
        proxy = Attr::known(false, config.near());
    }
    let no_proxy = reader.texts(&config.at("noProxy"));
    AksCluster { head, pools, outbound, outbound_prefixes, outbound_type, proxy, no_proxy }
}

pub(super) fn aks_pool(reader: &mut Reader, view: &View, head: Head) -> AksPool {
    AksPool {
        cluster: parent(&head),
        subnet: reader.subnet(&view.at("properties.vnetSubnetID")),
        node_public_ip: defaults::off(reader.bool(&view.at("properties.enableNodePublicIP"))),
        head,
    }
}

pub(super) fn container_group(reader: &mut Reader, view: &View, head: Head) -> ContainerGroup {
    let p = view.member("properties");
    let image = |reader: &mut Reader, view: &View| image_host(reader.text(&view.at("properties.image")), "");
    let mut images = flatten(reader.list(&p.at("containers"), image));
    let init = flatten(reader.list(&p.at("initContainers"), image));
    images.items.extend(init.items);
    images.open = images.open.or(init.open);
    ContainerGroup {
        images,
        credentials: reader.list(&p.at("imageRegistryCredentials"), |reader, view| Credential {
            server: server(reader.text(&view.at("server"))),
            identity: view.member("identity").is_written(),
            password: view.member("password").is_written(),
        }),
        subnets: reader.list(&p.at("subnetIds"), |reader, view| reader.subnet(&view.at("id"))),
        head,
    }
}

pub(super) fn managed_environment(reader: &mut Reader, view: &View, head: Head) -> ManagedEnvironment {
    let subnet = reader.subnet(&view.at("properties.vnetConfiguration.infrastructureSubnetId"));
    ManagedEnvironment { head, subnet }
}

pub(super) fn container_app(reader: &mut Reader, view: &View, head: Head) -> ContainerApp {
    let p = view.member("properties");
    let old = p.member("managedEnvironmentId");
    let new = p.member("environmentId");
    let image = |reader: &mut Reader, view: &View| image_host(reader.text(&view.at("image")), "");
    let mut images = flatten(reader.list(&p.at("template.containers"), image));
    let init = flatten(reader.list(&p.at("template.initContainers"), image));
    images.items.extend(init.items);
    images.open = images.open.or(init.open);
    ContainerApp {
        environment: reader.link(if old.is_absent() && !new.is_absent() { &new } else { &old }),
        images,
        credentials: reader.list(&p.at("configuration.registries"), |reader, view| Credential {
            server: server(reader.text(&view.at("server"))),
            identity: view.member("identity").is_written(),
            password: view.member("passwordSecretRef").is_written(),
        }),
        head,
    }
}

/// What [`virtual_machine`] asks of `properties`.
pub(super) const OF_VIRTUAL_MACHINES: &[&str] = &["networkProfile", "virtualMachineProfile"];

pub(super) fn virtual_machine(reader: &mut Reader, view: &View, head: Head) -> VirtualMachine {
    let own = view.at("properties.networkProfile");
    let set = view.at("properties.virtualMachineProfile.networkProfile");
    let profile = if own.is_absent() && !set.is_absent() { set } else { own };
    let configurations = reader.list(&profile.at("networkInterfaceConfigurations"), |reader, view| {
        interface_subnets(reader, &view.member("properties"))
    });
    let mut subnets = List { items: Vec::new(), open: configurations.open, at: configurations.at };
    for list in configurations.items {
        subnets.items.extend(list.items);
        subnets.open = subnets.open.or(list.open);
    }
    VirtualMachine {
        interfaces: reader.list(&profile.at("networkInterfaces"), |reader, view| reader.link(&view.at("id"))),
        subnets,
        head,
    }
}

/// What [`network_interface`] asks of `properties`.
pub(super) const OF_NETWORK_INTERFACES: &[&str] = &["ipConfigurations"];

pub(super) fn network_interface(reader: &mut Reader, view: &View, head: Head) -> NetworkInterface {
    let p = view.member("properties");
    NetworkInterface {
        head,
        subnets: interface_subnets(reader, &p),
        addresses: reader.list(&p.member("ipConfigurations"), |reader, view| MemberAddress {
            member: reader.text(&view.at("properties.privateLinkConnectionProperties.requiredMemberName")),
            address: reader.text(&view.at("properties.privateIPAddress")),
        }),
    }
}

fn interface_subnets(reader: &mut Reader, properties: &View) -> List<SubnetLink> {
    reader.list(&properties.member("ipConfigurations"), |reader, view| reader.subnet(&view.at("properties.subnet.id")))
}

pub(super) fn web_app(reader: &mut Reader, view: &View, head: Head) -> WebApp {
    let p = view.member("properties");
    let all = p.at("possibleOutboundIpAddresses");
    let outbound = reader.text(&if all.is_absent() { p.at("outboundIpAddresses") } else { all });
    let mut app = WebApp {
        images: List::empty(p.member("siteConfig").near()),
        managed_identity: defaults::off(reader.bool(&p.at("siteConfig.acrUseManagedIdentityCreds"))),
        password: Attr::known(false, p.member("siteConfig").near()),
        subnet: reader.subnet(&p.at("virtualNetworkSubnetId")),
        outbound,
        pulls_over_vnet: defaults::any_on(Vec::new(), Attr::absent(p.near())),
        head,
    };
    let written = p.at("siteConfig.appSettings");
    let mut settings = Settings::array(reader, &written);
    if app.head.seen && written.is_absent() {
        settings.open = settings.open.or_else(|| Some(Settings::not_shown(&app.head)));
    }
    site_config(reader, &p.member("siteConfig"), &mut app);
    app_settings(reader, &settings, &mut app);
    let switches = ["vnetImagePullEnabled", "outboundVnetRouting.imagePullTraffic", "outboundVnetRouting.allTraffic"];
    let mut switches: Vec<_> = switches.iter().map(|path| reader.bool(&p.at(path))).collect();
    switches.push(settings.bool(reader, PULL_OVER_VNET));
    let near = Attr::absent(if p.at("virtualNetworkSubnetId").is_absent() {
        p.near()
    } else {
        p.at("virtualNetworkSubnetId").near()
    });
    app.pulls_over_vnet = defaults::any_on(switches, near);
    app
}

const PULL_OVER_VNET: &str = "WEBSITE_PULL_IMAGE_OVER_VNET";
const SERVER_URL: &str = "DOCKER_REGISTRY_SERVER_URL";
const SERVER_USER: &str = "DOCKER_REGISTRY_SERVER_USERNAME";

fn site_config(reader: &mut Reader, config: &View, app: &mut WebApp) {
    for name in ["linuxFxVersion", "windowsFxVersion"] {
        if config.member(name).is_absent() {
            continue;
        }
        let image = reader.text(&config.member(name));
        // In an `existing` app nothing is known, not even that it runs a container.
        let written = config.member(name).value().is_some();
        if let Some(host) = image_host(image, "docker|").filter(|_| written) {
            app.images.items.push(host);
        }
    }
}

fn app_settings(reader: &mut Reader, settings: &Settings, app: &mut WebApp) {
    if let Some(view) = settings.get(SERVER_URL) {
        app.images.items.push(ImageHost { host: server(reader.text(&view)) });
    }
    if settings.get(SERVER_USER).is_some() {
        app.password = Attr::known(true, settings.get(SERVER_USER).map_or(app.password.origin, |view| view.near()));
    } else if let Some(open) = &settings.open {
        app.password = Attr::unknown(std::sync::Arc::clone(open), app.password.origin);
    }
}

/// App settings: an array of names and values, or an object.
struct Settings {
    known: Vec<(String, View)>,
    open: Option<std::sync::Arc<Unknown>>,
    /// The key, or the nearest one.
    at: Origin,
}

impl Settings {
    /// Azure shows an app without its settings, which may hold secrets ("Web Apps - List Application Settings").
    fn not_shown(app: &Head) -> std::sync::Arc<Unknown> {
        let symbol = Symbol::new(format!("the app settings of {}", app.address), app.id.key());
        std::sync::Arc::new(Unknown::new(Reason::NotInInput, symbol))
    }

    fn array(reader: &mut Reader, view: &View) -> Self {
        let list = reader.list(view, |reader, view| (reader.text(&view.at("name")), view.member("value")));
        let mut settings = Self { known: Vec::new(), open: list.open, at: list.at };
        for (name, value) in list.items {
            match name.as_literal() {
                Some(name) => settings.known.push((name.to_ascii_lowercase(), value)),
                None => {
                    let hole = name.value().and_then(Pattern::first_hole).cloned();
                    let unknown = if let State::Unknown(unknown) = name.state { Some(unknown) } else { hole };
                    settings.open = settings.open.or(unknown);
                }
            }
        }
        settings
    }

    fn object(view: &View) -> Self {
        let mut settings = Self { known: Vec::new(), open: None, at: view.near() };
        if let Some(object) = view.value().and_then(|value| value.as_object()) {
            settings.open.clone_from(&object.open);
            for (key, _) in object.iter() {
                settings.known.push((key.name.to_ascii_lowercase(), view.any_member(&key.name)));
            }
        }
        settings
    }

    fn get(&self, name: &str) -> Option<View> {
        self.known.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, view)| view.clone())
    }

    fn bool(&self, reader: &mut Reader, name: &str) -> Attr<bool> {
        match (self.get(name), &self.open) {
            (Some(view), _) => reader.bool(&view),
            (None, Some(open)) => Attr::unknown(std::sync::Arc::clone(open), self.at),
            (None, None) => Attr::absent(self.at),
        }
    }
}

/// Adds what `config` children (`web`, `appsettings`) say to their apps.
pub(super) fn add_configs(reader: &mut Reader, drafts: &[Draft], graph: &mut Graph) {
    let apps: HashMap<_, _> =
        graph.web_apps.iter().enumerate().map(|(at, app)| (app.head.id.key().to_owned(), at)).collect();
    for draft in drafts.iter().filter(|draft| draft.kind == NodeKind::WebAppConfig && !draft.resource.existing) {
        let Some(parent) = draft.resource.id.parent() else { continue };
        let Some(app) = apps.get(parent.key()).and_then(|&at| graph.web_apps.get_mut(at)) else { continue };
        let name = draft.resource.id.name();
        let name = name.as_ref().and_then(Pattern::as_literal).unwrap_or("");
        let view = View::of(&draft.resource).member("properties");
        if name == "web" {
            site_config(reader, &view, app);
            let identity = reader.bool(&view.member("acrUseManagedIdentityCreds"));
            if !identity.is_absent() {
                app.managed_identity = defaults::off(identity);
            }
        } else if name == "appsettings" {
            let settings = Settings::object(&view);
            app_settings(reader, &settings, app);
            if let Some(view) = settings.get(PULL_OVER_VNET) {
                let old = app.pulls_over_vnet.clone();
                let near = Attr::absent(old.attr.origin);
                app.pulls_over_vnet = defaults::any_on(vec![reader.bool(&view), old.attr], near);
            }
        }
    }
}

fn flatten(list: List<Option<ImageHost>>) -> List<ImageHost> {
    List { items: list.items.into_iter().flatten().collect(), open: list.open, at: list.at }
}

/// The host in front of an image's repository; `None` for images of Docker Hub and for what is no image.
///
/// `prefix` is what a web app writes before an image, in lower case; without it there is no image.
pub(super) fn image_host(image: Attr<Pattern>, prefix: &str) -> Option<ImageHost> {
    let State::Known(pattern) = &image.state else {
        return (!image.is_absent()).then_some(ImageHost { host: image });
    };
    let mut host = Pattern::new();
    let mut found = false;
    for (i, part) in pattern.parts().iter().enumerate() {
        match part {
            Part::Hole(unknown) => host.push_hole(unknown),
            Part::Literal(text) => {
                let mut text = text.as_str();
                if i == 0 && !prefix.is_empty() {
                    let start = text.get(..prefix.len())?;
                    if !start.eq_ignore_ascii_case(prefix) {
                        return None;
                    }
                    text = text.get(prefix.len()..)?;
                }
                let (before, slash) = text.split_once('/').map_or((text, false), |(before, _)| (before, true));
                host.push_str(before);
                if slash {
                    found = true;
                    break;
                }
            }
        }
    }
    let literal = host.as_literal().is_some();
    let is_host = host.as_literal().is_none_or(|text| text.contains(['.', ':']) || text == "localhost");
    // `⟨name⟩:tag` may hold a host within its hole; `app:1` cannot.
    if (found && is_host) || (!found && !literal) {
        return Some(ImageHost { host: Attr::known(host, image.origin) });
    }
    None
}

/// The host of a server, which may be written as a URL; what stands before an `@` is a credential and is dropped.
fn server(server: Attr<Pattern>) -> Attr<Pattern> {
    server.map(|pattern| {
        let Some(Part::Literal(first)) = pattern.parts().first() else { return pattern };
        let literal = pattern.as_literal().is_some();
        let rest = first.split_once("://").map_or(first.as_str(), |(_, rest)| rest);
        let rest = if literal { rest.split('/').next().unwrap_or(rest) } else { rest };
        let rest = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
        let mut host = Pattern::literal(rest);

        for part in pattern.parts().iter().skip(1) {
            match part {
                Part::Hole(unknown) => host.push_hole(unknown),
                Part::Literal(text) => match text.split_once('/') {
                    Some((before, _)) => {
                        host.push_str(before);
                        break;
                    }
                    None => host.push_str(text),
                },
            }
        }
        host
    })
}
