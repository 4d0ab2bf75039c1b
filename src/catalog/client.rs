//! What pulls images: container groups, web apps, container apps.
//!
//! In: nodes. Out: tables of properties and relations. Must not know: rules, verdicts.

use super::answer::{all_of, bool_setting, boolean, decided, fact, many, one, place, property, registries_meant, text};
use super::derive::Pull;
use super::head::{ADDRESS, API_VERSION, ID, LOCATION, NAME};
use super::model::Name;
use super::{Completeness, Datum, Kind, Member, Model, Related, Subject, Ty};
use crate::graph::{ImageHost, List};
use crate::value::Truth;

fn pull(m: &Model, s: Subject) -> &Pull {
    &m.derived().pulls[s.at()]
}

fn pulls(m: &Model, list: Option<&Vec<u32>>, images: &List<ImageHost>, command: &str) -> Related {
    let members = list.map(Vec::as_slice).unwrap_or_default().iter().filter_map(|&at| {
        let pull = m.derived().pulls.get(at as usize)?;
        let places = vec![place(pull.host.origin)];
        Some(Member { subject: Name::ImagePull.node(at), related: Truth::True, places })
    });
    Related { members: members.collect(), complete: all_of(images, command) }
}

pub(super) const CONTAINER_GROUP: Kind<Model> = Kind {
    name: Name::ContainerGroup.text(),
    doc: "A container group of Container Instances.",
    all: |m| Name::ContainerGroup.all(m.graph.container_groups.len()),
    properties: &[NAME, LOCATION, ADDRESS, ID, API_VERSION],
    relations: &[many("pulls", Name::ImagePull.text(), "The registries that it pulls from.", |m, s| {
        let list = m.derived().pulls_of_groups.get(s.at());
        pulls(m, list, &m.graph.container_groups[s.at()].images, "az container show")
    })],
};

pub(super) const WEB_APP: Kind<Model> = Kind {
    name: Name::WebApp.text(),
    doc: "A web app, function app or slot.",
    all: |m| Name::WebApp.all(m.graph.web_apps.len()),
    properties: &[NAME, LOCATION, ADDRESS, ID, API_VERSION],
    relations: &[many("pulls", Name::ImagePull.text(), "The registries that it pulls from.", |m, s| {
        let list = m.derived().pulls_of_web_apps.get(s.at());
        pulls(m, list, &m.graph.web_apps[s.at()].images, "az webapp show")
    })],
};

pub(super) const CONTAINER_APP: Kind<Model> = Kind {
    name: Name::ContainerApp.text(),
    doc: "A container app or job.",
    all: |m| Name::ContainerApp.all(m.graph.container_apps.len()),
    properties: &[NAME, LOCATION, ADDRESS, ID, API_VERSION],
    relations: &[many("pulls", Name::ImagePull.text(), "The registries that it pulls from.", |m, s| {
        let list = m.derived().pulls_of_container_apps.get(s.at());
        pulls(m, list, &m.graph.container_apps[s.at()].images, "az containerapp show")
    })],
};

pub(super) const IMAGE_PULL: Kind<Model> = Kind {
    name: Name::ImagePull.text(),
    doc: "The pull of images from one registry by one client.",
    all: |_| Vec::new(),
    properties: &[
        property("host", Ty::Text, "The host that is pulled from.", |m, s| text(&pull(m, s).host)),
        property("identity", Ty::Bool, "A managed identity logs in.", |m, s| boolean(&pull(m, s).identity)),
        property("password", Ty::Bool, "A password logs in.", |m, s| boolean(&pull(m, s).password)),
        property("injected", Ty::Bool, "The client is in a virtual network.", |m, s| {
            let injected = &pull(m, s).injected;
            decided(injected.0, "the network of the client", injected.1.clone())
        }),
        property("pullsOverVnet", Ty::Bool, "A web app pulls its image through its virtual network.", |m, s| {
            let pull = pull(m, s);
            match &pull.over_network {
                Some(setting) => bool_setting(setting),
                None => fact(Datum::Absent, vec![place(pull.host.origin)]),
            }
        }),
        property("privatePath", Ty::Bool, "A private endpoint of the registry is in reach of the pull.", |m, s| {
            let path = &pull(m, s).private_path;
            decided(path.0, "the way that the pull takes", path.1.clone())
        }),
    ],
    relations: &[one("registry", Name::Registry.text(), "The registry.", |m, s| {
        let pull = pull(m, s);
        let at = place(pull.host.origin);
        registries_meant(pull.registries.iter().copied(), at, |place| Completeness::Incomplete {
            place,
            settle: "the output of `az acr list`".into(),
        })
    })],
};
