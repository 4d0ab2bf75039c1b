//! The vocabulary of rules: every property and relation that a rule may name.
//!
//! In: a [`Model`] (graph and trails). Out: [`Fact`]s and [`Related`] subjects, each with the places that prove it.
//! Must not know: rules, verdicts, or the format that a resource came from.
//!
//! A rule names entries of these tables; names and types are checked when the rule is loaded. What is too clever for
//! predicates (the records that a registry needs, the resolver of a network) is a derived relation or property here.

mod access_rule;
mod answer;
mod api_property;
pub mod azure_types;
mod change;
mod client;
mod client_network;
mod client_setup;
mod client_subnet;
mod cluster;
mod declared_client;
mod defender;
mod derive;
mod dns;
mod drift;
mod egress_client;
pub mod fact;
mod head;
mod image_reference;
mod login_event;
pub mod model;
mod names;
mod network;
mod pod_pull;
mod private_endpoint;
mod record_target;
mod region_zone;
mod registry;
mod registry_child;
mod resolver;
#[cfg(test)]
mod tests;
mod twice;
mod unseen;

pub use model::{Model, Name};

pub use fact::{Completeness, Datum, Fact, Member, Place, Related, Scalar};

/// The type of a property, which decides what operators it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ty {
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Int,
    /// A string; enumerations, names, regions, hosts. Compares without case.
    Text,
    /// A resource id. Compares without case.
    Id,
    /// An address range.
    Net,
}

/// A kind of thing that rules speak about: a node of the graph, or an element of one.
///
/// The number is the index into the catalog's table of kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KindId(pub u16);

/// One thing: a node, or an element of a node. Cheap, without lifetime; only its catalog can read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Subject {
    /// Its kind.
    pub kind: KindId,
    /// The node.
    pub node: u32,
    /// The element of the node; 0 for the node itself.
    pub element: u32,
}

/// A named kind with all that rules may ask of it.
#[derive(Debug)]
pub struct Kind<M: 'static> {
    /// The word of rules: `registry`, `privateEndpoint`, `registry.networkRuleSet.ipRules` has elements of kind `ipRule`.
    pub name: &'static str,
    /// One sentence.
    pub doc: &'static str,
    /// All subjects of this kind that have no owner; elements of a relation give none.
    pub all: fn(&M) -> Vec<Subject>,
    /// Its properties.
    pub properties: &'static [Property<M>],
    /// Its relations.
    pub relations: &'static [Relation<M>],
}

/// A named property. The name is ARM's path, such as `networkRuleSet.defaultAction`.
#[derive(Debug)]
pub struct Property<M: 'static> {
    /// ARM's path, without `properties.`; derived properties have names of the same style.
    pub name: &'static str,
    /// Its type.
    pub ty: Ty,
    /// One sentence.
    pub doc: &'static str,
    /// Reads it.
    pub get: fn(&M, Subject) -> Fact,
}

/// A named relation to subjects of one kind.
#[derive(Debug)]
pub struct Relation<M: 'static> {
    /// ARM's path, or a derived name.
    pub name: &'static str,
    /// The name of the kind it leads to.
    pub target: &'static str,
    /// At most one subject, so that a property path may run through it (`rule.subnet.name`).
    pub one: bool,
    /// One sentence.
    pub doc: &'static str,
    /// Follows it.
    pub each: fn(&M, Subject) -> Related,
}

/// A table of kinds over some model. The real one is [`CATALOG`]; tests make others.
#[derive(Debug)]
pub struct Catalog<M: 'static> {
    /// All kinds; [`KindId`] indexes this.
    pub kinds: &'static [Kind<M>],
}

impl<M: 'static> Catalog<M> {
    /// A kind by name.
    pub fn kind(&self, name: &str) -> Option<(KindId, &'static Kind<M>)> {
        let at = self.kinds.iter().position(|kind| kind.name == name)?;
        Some((KindId(u16::try_from(at).ok()?), self.kinds.get(at)?))
    }

    /// A kind by number.
    pub fn get(&self, id: KindId) -> Option<&'static Kind<M>> {
        self.kinds.get(usize::from(id.0))
    }
}

/// What a judge asks. The real answers come from the catalog's functions; tests forget or blank some of them.
pub trait Facts<M: 'static> {
    /// The value of a property of a subject.
    fn property(&self, property: &'static Property<M>, subject: Subject) -> Fact;
    /// The subjects that a relation leads to.
    fn related(&self, relation: &'static Relation<M>, subject: Subject) -> Related;
    /// All subjects of a kind.
    fn all(&self, kind: &'static Kind<M>) -> Vec<Subject>;
}

impl<M: 'static> Facts<M> for M {
    fn property(&self, property: &'static Property<M>, subject: Subject) -> Fact {
        (property.get)(self, subject)
    }

    fn related(&self, relation: &'static Relation<M>, subject: Subject) -> Related {
        (relation.each)(self, subject)
    }

    fn all(&self, kind: &'static Kind<M>) -> Vec<Subject> {
        (kind.all)(self)
    }
}

/// The vocabulary of acrlint's rules; its order is that of [`Name`].
pub static CATALOG: Catalog<Model> = Catalog {
    kinds: &[
        registry::REGISTRY,
        access_rule::IP_RULE,
        access_rule::VIRTUAL_NETWORK_RULE,
        access_rule::PROVIDER_REGISTRATION,
        registry_child::REPLICATION,
        registry_child::CONNECTION,
        registry_child::AGENT_POOL,
        registry_child::TASK,
        registry_child::CONNECTED_REGISTRY,
        client_network::CLIENT_NETWORK,
        client_network::SERVICE_ENDPOINT_CLIENT,
        dns::EXPECTED_RECORD,
        region_zone::REGION_ZONE,
        private_endpoint::PRIVATE_ENDPOINT,
        private_endpoint::PRIVATE_LINK_CONNECTION,
        private_endpoint::GROUP_ID,
        private_endpoint::IP_CONFIGURATION,
        private_endpoint::EXPECTED_MEMBER,
        private_endpoint::ZONE_GROUP,
        private_endpoint::ZONE_CONFIG,
        dns::PRIVATE_DNS_ZONE,
        dns::ZONE_LINK,
        dns::A_RECORD,
        dns::RECORD_ADDRESS,
        record_target::ANSWERING_ENDPOINT,
        network::VIRTUAL_NETWORK,
        network::DNS_SERVER,
        network::SUBNET,
        network::SERVICE_ENDPOINT,
        network::PEERING,
        defender::DEFENDER_PRICING,
        defender::PRICING_EXTENSION,
        cluster::AKS_CLUSTER,
        cluster::NO_PROXY_ENTRY,
        client::CONTAINER_GROUP,
        client::WEB_APP,
        client::CONTAINER_APP,
        client::IMAGE_PULL,
        image_reference::IMAGE_REFERENCE,
        api_property::API_PROPERTY,
        login_event::LOGIN_EVENT,
        login_event::EGRESS_ADDRESS,
        egress_client::EGRESS_CLIENT,
        declared_client::DECLARED_CLIENT,
        client_subnet::CLIENT_SUBNET,
        client_setup::HOSTS_ENTRY,
        client_setup::PROXY,
        client_setup::PROXIED_REGISTRY,
        client_setup::FORWARDER,
        pod_pull::POD_PULL,
        drift::DRIFT,
        change::CHANGED_PATH,
    ],
};
