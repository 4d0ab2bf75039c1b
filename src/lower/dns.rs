//! Decodes private DNS zones, their links and records, and zone groups.
//!
//! In: bodies. Out: nodes. Must not know: other resources.

use crate::graph::{ARecord, Head, Zone, ZoneConfig, ZoneGroup, ZoneLink};

use super::decode::{Reader, View};
use super::{defaults, parent};

pub(super) fn zone(reader: &mut Reader, view: &View, head: Head) -> Zone {
    let p = view.member("properties");
    Zone {
        links: reader.int(&p.at("numberOfVirtualNetworkLinks")),
        record_sets: reader.int(&p.at("numberOfRecordSets")),
        head,
        referenced: false,
    }
}

pub(super) fn zone_link(reader: &mut Reader, view: &View, head: Head) -> ZoneLink {
    let p = view.member("properties");
    ZoneLink {
        zone: parent(&head),
        virtual_network: reader.link(&p.at("virtualNetwork.id")),
        resolution_policy: defaults::resolution_policy(reader.text(&p.at("resolutionPolicy"))),
        registration_enabled: defaults::off(reader.bool(&p.at("registrationEnabled"))),
        head,
    }
}

pub(super) fn a_record(reader: &mut Reader, view: &View, head: Head) -> ARecord {
    ARecord {
        zone: parent(&head),
        addresses: reader.list(&view.at("properties.aRecords"), |reader, view| reader.text(&view.at("ipv4Address"))),
        head,
    }
}

pub(super) fn zone_group(reader: &mut Reader, view: &View, head: Head) -> ZoneGroup {
    ZoneGroup {
        private_endpoint: parent(&head),
        configs: reader.list(&view.at("properties.privateDnsZoneConfigs"), |reader, view| ZoneConfig {
            zone: reader.link(&view.at("properties.privateDnsZoneId")),
        }),
        head,
    }
}
