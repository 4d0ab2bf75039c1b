//! What an attribute can hold of another resource, as its name tells.
//!
//! In: the name of an attribute. Out: [`Want`]. Must not know: plans, and where references lead.

use crate::value::Hole;

/// Attributes that hold the name or the region of a resource.
const NAMES: [&str; 11] = [
    "name",
    "location",
    "resource_group_name",
    "virtual_network_name",
    "network_security_group_name",
    "route_table_name",
    "container_registry_name",
    "registry_name",
    "zone_name",
    "private_dns_zone_name",
    "app_service_name",
];

/// Attributes called an id that hold none of a resource.
const NO_IDS: [&str; 7] =
    ["tenant_id", "client_id", "object_id", "principal_id", "subscription_id", "application_id", "_resource_guid_id"];

/// What the types are that ids lead to: a part of the attribute's name, and the type in lower case.
const TARGETS: [(&str, &str); 16] = [
    ("subnet_id", "microsoft.network/virtualnetworks/subnets"),
    ("virtual_network_id", "microsoft.network/virtualnetworks"),
    ("private_dns_zone_id", "microsoft.network/privatednszones"),
    ("network_security_group_id", "microsoft.network/networksecuritygroups"),
    ("route_table_id", "microsoft.network/routetables"),
    ("network_interface_id", "microsoft.network/networkinterfaces"),
    ("container_registry_id", "microsoft.containerregistry/registries"),
    ("container_app_environment_id", "microsoft.app/managedenvironments"),
    ("kubernetes_cluster_id", "microsoft.containerservice/managedclusters"),
    ("public_ip_address_id", "microsoft.network/publicipaddresses"),
    ("public_ip_prefix_id", "microsoft.network/publicipprefixes"),
    ("nat_gateway_id", "microsoft.network/natgateways"),
    ("outbound_ip_address_id", "microsoft.network/publicipaddresses"),
    ("outbound_ip_prefix_id", "microsoft.network/publicipprefixes"),
    ("app_service_id", "microsoft.web/sites"),
    ("function_app_id", "microsoft.web/sites"),
];

/// What an attribute can hold of another resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Aim {
    /// An id, perhaps of a certain type.
    Id(Option<&'static str>),
    /// An attribute of this name.
    Attribute(&'static str),
    /// The name of an image, which begins with a login server.
    Image,
    /// Nothing that could be told.
    Nothing,
}

/// What is wanted of a reference.
#[derive(Clone, Copy, Debug)]
pub(super) struct Want {
    pub(super) aim: Aim,
    /// `count.index` may choose another one than its own, as it does where networks are peered.
    pub(super) other: bool,
}

impl Want {
    /// What an attribute of this name wants.
    pub(super) fn of(name: &str) -> Self {
        let aim = match (Self::class_of(name), name) {
            (Some(Hole::Id), _) => Aim::Id(TARGETS.iter().find(|(part, _)| name.contains(part)).map(|(_, ty)| *ty)),
            (_, "name") => Aim::Nothing,
            (_, "location") => Aim::Attribute("location"),
            (_, "server" | "login_server" | "registry_url" | "docker_registry_url" | "DOCKER_REGISTRY_SERVER_URL") => {
                Aim::Attribute("login_server")
            }
            (_, "next_hop_in_ip_address") => Aim::Attribute("private_ip_address"),
            (_, "image" | "docker_image" | "docker_image_name") => Aim::Image,
            (Some(_), _) => Aim::Attribute("name"),
            (None, _) => Aim::Nothing,
        };
        Self { aim, other: name.starts_with("remote_") }
    }

    /// What an attribute wants that holds the id of a resource of this type, in lower case.
    pub(super) const fn id_of(ty: &'static str) -> Self {
        Self { aim: Aim::Id(Some(ty)), other: false }
    }

    /// The class of text that an attribute holds, where its name tells.
    pub(super) fn class_of(name: &str) -> Option<Hole> {
        if NAMES.contains(&name) {
            return Some(Hole::Segment);
        }
        if name == "login_server" {
            return Some(Hole::Segment);
        }
        let id = name == "id" || name.ends_with("_id") || name.ends_with("_ids");
        (id && !NO_IDS.iter().any(|no| name.ends_with(no))).then_some(Hole::Id)
    }

    /// Whether what is found is only the beginning of the value.
    pub(super) const fn is_beginning(&self) -> bool {
        matches!(self.aim, Aim::Image)
    }

    /// The attribute that is meant where a whole resource is referred to.
    pub(super) const fn attribute(self) -> Option<&'static str> {
        match self.aim {
            Aim::Id(_) => Some("id"),
            Aim::Attribute(name) => Some(name),
            Aim::Image => Some("login_server"),
            Aim::Nothing => None,
        }
    }
}
