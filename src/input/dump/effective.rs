//! The routes that a network interface is subject to: whose they are, and what they tell of where it is.
//!
//! In: the output of `az network nic show-effective-route-table`, and what dumps show around it ([`Surroundings`]). Out: the
//! interface with its subnet, or a problem that asks for it. Must not know: rules.
//!
//! The output names no interface. It belongs to the one whose name is part of its path, or else to the only one of the
//! folder, those that only machines name among them. An interface that no dump shows has no subnet; its routes tell it:
//! those of users are the routes of the subnet's table, and those within the network are the ranges of the network. Where no
//! dump shows that table, the routes are taken for it.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::Problem;
use crate::input::arm::plain;
use crate::json::Node;
use crate::resource::{Resource, ResourceId};
use crate::source::Span;
use crate::value::{Key, Object, Origin, Pattern, Value};

use super::beside::is_part;
use super::identity;
use super::loose::{WITHOUT_OWNER, bare};
use super::shape;

const INTERFACE: &str = "Microsoft.Network/networkInterfaces";
const TABLE: &str = "Microsoft.Network/routeTables";

/// What the dumps of a run or a folder show of machines and their networks.
#[derive(Clone, Debug, Default)]
pub(super) struct Surroundings {
    /// The interfaces of machines, by the keys of their ids.
    interfaces: BTreeMap<String, Interface>,
    /// The routes of each table, by the key of its id.
    tables: BTreeMap<String, Routes>,
    /// The subnets, by the keys of their ids.
    subnets: BTreeMap<String, Subnet>,
}

/// Routes of users by name: their ranges, all in lower case. A service tag has many.
type Routes = BTreeMap<String, BTreeSet<String>>;

/// What the output tells of where the interface is.
struct Effective {
    of_users: Routes,
    /// The ranges of the network.
    of_network: BTreeSet<String>,
}

impl Effective {
    fn of(routes: Node<'_>) -> Self {
        let mut all = Self { of_users: Routes::new(), of_network: BTreeSet::new() };
        for route in routes.items() {
            let text = |name: &str| route.get_ci(name).and_then(Node::as_str).unwrap_or_default().to_lowercase();
            let ranges = route.get_ci("addressPrefix").into_iter().flat_map(Node::items);
            let ranges = ranges.filter_map(Node::as_str).map(|range| range.to_lowercase());
            if text("source") == "user" {
                all.of_users.entry(text("name")).or_default().extend(ranges);
            } else if text("nextHopType") == "vnetlocal" {
                all.of_network.extend(ranges);
            }
        }
        all
    }

    /// Whether they are those of a table.
    fn are_of(&self, table: &Routes) -> bool {
        // A tag is one word in its table.
        let same = |(name, ranges): (&String, &BTreeSet<String>)| {
            table.get(name).is_some_and(|written| written == ranges || !written.iter().any(|range| range.contains('/')))
        };
        self.of_users.len() == table.len() && self.of_users.iter().all(same)
    }
}

#[derive(Clone, Debug)]
struct Interface {
    id: ResourceId,
    name: String,
    /// The key of its subnet's id, where a dump shows it.
    subnet: Option<String>,
}

#[derive(Clone, Debug, Default)]
struct Subnet {
    id: String,
    /// The key of its table's id; several dumps may tell it.
    tables: BTreeSet<String>,
    /// The ranges of its network; empty where only a table names it.
    ranges: BTreeSet<String>,
}

impl Surroundings {
    /// What some resources show.
    pub(super) fn of(resources: &[Resource]) -> Self {
        let mut all = Self::default();
        for resource in resources {
            match resource.ty.key() {
                "microsoft.network/networkinterfaces" => all.interface(resource),
                "microsoft.compute/virtualmachines" => {
                    for interface in items(&resource.body, "properties.networkProfile.networkInterfaces") {
                        all.named(interface);
                    }
                }
                "microsoft.network/routetables" => all.table(resource),
                "microsoft.network/virtualnetworks" => all.network(resource),
                _ => {}
            }
        }
        all
    }

    pub(super) fn extend(&mut self, other: &Self) {
        for (key, interface) in &other.interfaces {
            let known = self.interfaces.entry(key.clone()).or_insert_with(|| interface.clone());
            known.subnet = known.subnet.take().or_else(|| interface.subnet.clone());
        }
        self.tables.extend(other.tables.iter().map(|(key, routes)| (key.clone(), routes.clone())));
        for (key, subnet) in &other.subnets {
            let known = self.subnets.entry(key.clone()).or_default();
            known.id.clone_from(&subnet.id);
            known.tables.extend(subnet.tables.iter().cloned());
            known.ranges.extend(subnet.ranges.iter().cloned());
        }
    }

    fn interface(&mut self, resource: &Resource) {
        // That of a private endpoint sends nothing.
        if at(&resource.body, "properties.privateEndpoint.id").is_some() {
            return;
        }
        let Some(name) = resource.name.as_str() else { return };
        let subnet =
            items(&resource.body, "properties.ipConfigurations").find_map(|one| text(one, "properties.subnet.id"));
        let subnet = subnet.map(str::to_lowercase);
        let interface = Interface { id: resource.id.clone(), name: name.to_owned(), subnet };
        self.interfaces.insert(resource.id.key().to_owned(), interface);
    }

    /// An interface that a machine names.
    fn named(&mut self, reference: &Value) {
        let Some(identity) =
            text(reference, "id").and_then(identity::identify).filter(|id| id.ty.eq_ignore_ascii_case(INTERFACE))
        else {
            return;
        };
        let id = ResourceId::new(Pattern::literal(&identity.id));
        let new = || Interface { id: id.clone(), name: identity.name.clone(), subnet: None };
        self.interfaces.entry(id.key().to_owned()).or_insert_with(new);
    }

    fn table(&mut self, table: &Resource) {
        let mut routes = Routes::new();
        for route in items(&table.body, "properties.routes") {
            if let (Some(name), Some(range)) = (text(route, "name"), text(route, "properties.addressPrefix")) {
                routes.entry(name.to_lowercase()).or_default().insert(range.to_lowercase());
            }
        }
        self.tables.insert(table.id.key().to_owned(), routes);
        for subnet in items(&table.body, "properties.subnets") {
            if let Some(id) = text(subnet, "id") {
                self.subnet(id).tables.insert(table.id.key().to_owned());
            }
        }
    }

    fn network(&mut self, network: &Resource) {
        let Some(above) = network.id.pattern().as_literal() else { return };
        let ranges = items(&network.body, "properties.addressSpace.addressPrefixes").filter_map(Value::as_str);
        let ranges: BTreeSet<String> = ranges.map(str::to_lowercase).collect();
        for subnet in items(&network.body, "properties.subnets") {
            let Some(name) = text(subnet, "name") else { continue };
            let table = text(subnet, "properties.routeTable.id").map(str::to_lowercase);
            let known = self.subnet(&format!("{above}/subnets/{name}"));
            known.tables.extend(table);
            known.ranges.extend(ranges.iter().cloned());
        }
    }

    fn subnet(&mut self, id: &str) -> &mut Subnet {
        let known = self.subnets.entry(id.to_lowercase()).or_default();
        id.clone_into(&mut known.id);
        known
    }

    /// The interface of a file: the one whose name is part of its path, or else the only one.
    fn owner(&self, path: &str) -> Option<&Interface> {
        let path = path.to_lowercase();
        let named = self.interfaces.values().filter(|one| is_part(&path, &one.name.to_lowercase()));
        only(named).or_else(|| only(self.interfaces.values()))
    }

    /// The only subnet whose interfaces have, or may have, these routes: a table that no dump shows may be any.
    fn subnet_of(&self, routes: &Effective) -> Option<&Subnet> {
        let may_be = |subnet: &&Subnet| match self.table_of(subnet) {
            Table::None => routes.of_users.is_empty(),
            Table::Shown(table) => routes.are_of(table),
            Table::Elsewhere(_) => true,
            Table::Several => false,
        };
        only(self.subnets.values().filter(|subnet| subnet.ranges == routes.of_network).filter(may_be))
    }

    fn table_of<'s>(&'s self, subnet: &'s Subnet) -> Table<'s> {
        let mut tables = subnet.tables.iter();
        match (tables.next(), tables.next()) {
            (None, _) => Table::None,
            (Some(id), None) => self.tables.get(id).map_or(Table::Elsewhere(id), Table::Shown),
            (Some(_), Some(_)) => Table::Several,
        }
    }
}

/// The table of a subnet, as far as dumps tell.
enum Table<'s> {
    None,
    Shown(&'s Routes),
    /// No dump shows it; its id.
    Elsewhere(&'s str),
    /// Dumps disagree.
    Several,
}

/// What some routes tell: the interface that they are those of, where no dump shows it, and the table that most of them
/// come from, where no dump shows that. `all`: the output; `whole`: it is not cut off.
pub(super) fn told(
    all: Node<'_>,
    around: &Surroundings,
    path: &str,
    whole: bool,
) -> Result<Vec<Resource>, Box<Problem>> {
    let Some(routes) = all.member_ci("value") else { return Ok(Vec::new()) };
    let Some(owner) = around.owner(path) else {
        let message = "these are the routes of a network interface, and nothing says of which";
        let help = "put the output of `az vm list` or of `az network nic list` into the same folder, and call the file \
                    after the interface where there are several";
        return Err(Box::new(Problem::note(WITHOUT_OWNER, all.head(), message).with_help(help)));
    };
    let subnet = match &owner.subnet {
        Some(subnet) => around.subnets.get(subnet),
        None => around.subnet_of(&Effective::of(routes.value)),
    };
    let Some(subnet) = subnet else {
        if owner.subnet.is_some() {
            return Ok(Vec::new()); // nobody shows the subnet that it is in
        }
        let message = format!("these routes do not tell which subnet {} is in", owner.name);
        let help = "put the outputs of `az network nic list`, `az network vnet list` and `az network route-table list` into \
                    the same folder";
        return Err(Box::new(Problem::note(WITHOUT_OWNER, all.head(), message).with_help(help)));
    };
    let at = routes.key.span();
    let mut told = Vec::new();
    if owner.subnet.is_none() {
        let subnet = within("subnet", within("id", Value::string(subnet.id.as_str(), Origin::at(at)), at), at);
        let configuration = Value::array(vec![within("properties", subnet, at)], Origin::at(at));
        let body = within("properties", within("ipConfigurations", configuration, at), at);
        told.push(bare(INTERFACE, owner.id.clone(), &owner.name, at, body, true));
    }
    if let Table::Elsewhere(id) = around.table_of(subnet)
        && let Some(identity) = identity::identify(id)
    {
        let routes = routes.value.items().filter(|route| is(*route, "source", "User")).flat_map(written);
        let body = within("properties", within("routes", Value::array(routes.collect(), Origin::at(at)), at), at);
        told.push(bare(TABLE, ResourceId::new(Pattern::literal(id)), &identity.name, at, body, !whole));
    }
    Ok(told)
}

/// A route as its table has it; one for each range.
fn written(route: Node<'_>) -> Vec<Value> {
    let ranges = route.get_ci("addressPrefix").into_iter().flat_map(Node::items);
    let of_range = |range: Node<'_>| {
        let mut properties = Object::new();
        properties.push(Key { name: "addressPrefix".into(), at: range.span() }, plain(range));
        if let Some(hop) = route.member_ci("nextHopType") {
            properties.push(shape::key(hop.key), plain(hop.value));
        }
        if let Some(address) = route.member_ci("nextHopIpAddress")
            && let Some(first) = address.value.items().next()
        {
            properties.push(shape::key(address.key), plain(first));
        }
        let mut body = Object::new();
        if let Some(name) = route.member_ci("name") {
            body.push(shape::key(name.key), plain(name.value));
        }
        let at = route.head();
        body.push(Key { name: "properties".into(), at }, Value::object(properties, Origin::at(at)));
        Value::object(body, Origin::at(at))
    };
    ranges.map(of_range).collect()
}

fn is(node: Node<'_>, name: &str, wanted: &str) -> bool {
    node.get_ci(name).and_then(Node::as_str).is_some_and(|text| text.eq_ignore_ascii_case(wanted))
}

/// An object with one member.
fn within(name: &str, value: Value, at: Span) -> Value {
    let mut object = Object::new();
    object.push(Key { name: name.into(), at }, value);
    Value::object(object, Origin::at(at))
}

fn only<T>(mut all: impl Iterator<Item = T>) -> Option<T> {
    all.next().filter(|_| all.next().is_none())
}

/// What a path leads to.
fn at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(value, |value, name| value.as_object()?.get(name))
}

fn text<'v>(value: &'v Value, path: &str) -> Option<&'v str> {
    at(value, path)?.as_str()
}

/// The elements of the array that a path leads to.
fn items<'v>(value: &'v Value, path: &str) -> impl Iterator<Item = &'v Value> {
    at(value, path).and_then(Value::as_array).into_iter().flat_map(|array| &array.items)
}
