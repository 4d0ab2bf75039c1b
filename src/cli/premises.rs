//! What users say of the world beyond the input.
//!
//! In: configurations, and scopes that were typed. Out: [`Premises`], which become part of what is known.
//! Must not know: rules.

use crate::config::Client;
use crate::config::clients::Subnet;
use crate::graph::{Graph, Link, SubnetLink, Target};
use crate::input::client;
use crate::resource::{Cloud, Resource, ResourceId};
use crate::source::{Sources, Span};
use crate::value::{Origin, Pattern, Reason, Symbol, Unknown};

use super::Failure;
use super::settings::Layer;

/// What is said about the world beyond the input.
#[derive(Clone, Debug, Default)]
pub struct Premises {
    /// Scopes of which the input shows everything.
    pub complete: Vec<(ResourceId, Origin)>,
    /// Types, in lower case, whose resources others deploy.
    pub managed_elsewhere: Vec<(String, Origin)>,
    /// Clients that no file declares, and their proxies.
    pub clients: Vec<Resource>,
    /// Subnets of such clients by network and name: the place of the client, and the name.
    pub subnets: Vec<(Span, String)>,
    /// The cloud that everything is in.
    pub cloud: Option<Cloud>,
}

impl Premises {
    /// Takes together what configurations and arguments say.
    pub fn gather(sources: &mut Sources, layers: &[Layer], complete: &[String]) -> Result<Self, Failure> {
        let mut premises = Self::default();
        for layer in layers {
            let config = &layer.config;
            let scopes = config.complete.iter().map(|scope| (id(&scope.value), Origin::at(scope.at)));
            premises.complete.extend(scopes);
            let types = config.managed_elsewhere.iter().map(|ty| (ty.value.key().to_owned(), Origin::at(ty.at)));
            premises.managed_elsewhere.extend(types);
            premises.cloud = config.cloud.as_ref().map(|cloud| cloud.value).or(premises.cloud);
            config.clients.iter().for_each(|client| premises.take(client));
        }
        for scope in complete {
            if let Some(error) = crate::config::scope_error(scope) {
                return Err(Failure::Usage(format!("--complete: {error}")));
            }
            let file = sources.add("--complete", scope.as_str());
            let whole = Span::new(file, 0, u32::try_from(scope.len()).unwrap_or(u32::MAX));
            premises.complete.push((id(scope), Origin::at(whole)));
        }
        Ok(premises)
    }

    fn take(&mut self, client: &Client) {
        let mut settings: Vec<client::Said> = vec![("kind", client.kind.value.to_owned(), client.kind.at)];
        if let Some(subnet) = &client.subnet {
            match &subnet.value {
                Subnet::Id(id) => settings.push(("subnetId", id.clone(), subnet.at)),
                Subnet::Named(name) => self.subnets.push((subnet.at, name.clone())),
            }
        }
        if let Some(resolver) = &client.resolver {
            let text = match &resolver.value {
                crate::config::Resolver::Azure => "168.63.129.16".to_owned(),
                crate::config::Resolver::Server(server) => server.to_string(),
            };
            settings.push(("resolver", text, resolver.at));
        }
        let addresses = client.addresses.iter().map(|net| (net.value.to_string(), net.at)).collect();
        let registries = client.registries.iter().map(|name| (name.value.clone(), name.at)).collect();
        let lists = [("addresses", addresses), ("registries", registries)];
        self.clients.push(client::declared(&client.name.value, client.name.at, client.at, &settings, lists));
        if let Some(proxy) = &client.proxy {
            let mut settings: Vec<client::Said> = vec![("httpsProxy", proxy.url.value.clone(), proxy.url.at)];
            settings.extend(proxy.no_proxy.iter().map(|hosts| ("noProxy", hosts.value.clone(), hosts.at)));
            self.clients.extend(client::proxy_of(&client.name.value, "daemon", &settings));
        }
    }

    /// Makes them part of what is known.
    pub fn apply(&self, graph: &mut Graph) {
        for (scope, at) in &self.complete {
            graph.listings.add_everything(scope, *at);
        }
        graph.managed_elsewhere.extend(self.managed_elsewhere.iter().cloned());
        for registry in &mut graph.registries {
            registry.cloud = self.cloud;
        }
        for (at, name) in &self.subnets {
            let link = subnet(graph, name, *at);
            let inside = |place: Span| place.contains(*at);
            let mut clients = graph.clients.iter_mut();
            if let Some(client) = clients.find(|client| client.head.places.iter().any(|places| inside(places.whole))) {
                client.subnet = link;
            }
        }
    }
}

/// The subnet that the input declares under a name; not known where it declares none, or several.
fn subnet(graph: &Graph, name: &str, at: Span) -> SubnetLink {
    let origin = Origin::at(at);
    let called = |pattern: Option<&Pattern>| {
        pattern.and_then(Pattern::as_literal).is_some_and(|own| own.eq_ignore_ascii_case(name))
    };
    let mut found = (0_u32..).zip(&graph.subnets).filter(|(_, node)| called(node.head.full_name.value()));
    match (found.next(), found.next()) {
        (Some((node, subnet)), None) => {
            let link = Link { id: Some(subnet.head.id.clone()), origin, target: Target::Node(node) };
            SubnetLink { subnet: link, virtual_network: Link { origin, ..subnet.virtual_network.clone() } }
        }
        (None | Some(_), _) => {
            let symbol = Symbol::new(format!("the subnet {name}"), "");
            let unknown = std::sync::Arc::new(Unknown::new(Reason::NotInInput, symbol));
            let link = Link { id: None, origin, target: Target::Unknown(unknown) };
            SubnetLink { subnet: link.clone(), virtual_network: link }
        }
    }
}

fn id(scope: &str) -> ResourceId {
    ResourceId::new(Pattern::literal(scope))
}
