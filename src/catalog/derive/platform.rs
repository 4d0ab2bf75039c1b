//! Whether security rules that let the nodes of a cluster load images of the platform forget where these come from.
//!
//! In: the graph. Out: [`Platform`]s. Must not know: registries.
//!
//! `mcr.microsoft.com` is entered through Azure Front Door, whose tag is another one than that of the registry ("Microsoft
//! Container Registry: client firewall rules").

use crate::catalog::names;
use crate::graph::{AksCluster, Graph, Link, SecurityRule, SubnetLink};
use crate::value::{Origin, Truth};

use super::client_subnets::{Obstacle, named};
use super::outbound::{To, outbound};

/// The tag of Microsoft's registry, in lower case.
const REGISTRY: &str = "microsoftcontainerregistry";

/// What keeps the nodes of a cluster from images of the platform.
#[derive(Debug)]
pub(in crate::catalog) struct Platform {
    pub(in crate::catalog) obstacle: Obstacle,
    /// The rule that lets them reach the registry itself.
    pub(in crate::catalog) allowed: Origin,
}

/// What keeps the nodes of a cluster from images of the platform, where a rule is there to let them through.
pub(super) fn platform(graph: &Graph, cluster: &AksCluster) -> Option<Platform> {
    let mine = |link: &Link| link.id.as_ref().is_some_and(|id| id.key() == cluster.head.id.key());
    let separate = graph.aks_pools.iter().filter(|pool| mine(&pool.cluster)).map(|pool| &pool.subnet);
    let subnets = cluster.pools.items.iter().map(|pool| &pool.subnet).chain(separate);
    let found = subnets.filter_map(|subnet| of_subnet(graph, subnet));
    found.filter(|_| cluster.proxy.value() != Some(&true)).max_by_key(|found| found.obstacle.truth)
}

fn of_subnet(graph: &Graph, link: &SubnetLink) -> Option<Platform> {
    let subnet = link.subnet.node().and_then(|at| graph.subnets.get(at)).filter(|subnet| !subnet.head.existing)?;
    let group = subnet.security_group.node().and_then(|at| graph.security_groups.get(at))?;
    let registry = outbound(group, subnet, &To::Public(&[REGISTRY]));
    let rule = registry.by.filter(|rule| registry.denied == Truth::False && is_for_the_registry(rule))?;
    let door = outbound(group, subnet, &To::Public(&["azurefrontdoor.firstparty"]));
    let truth = door.denied.and(group.head.exists).and(subnet.head.exists);
    Some(Platform {
        obstacle: Obstacle {
            truth,
            at: door.by.map_or(group.rules.at, |rule| rule.access.origin),
            name: door.by.map(|rule| named(rule, group)),
        },
        allowed: rule.destinations.items.first().map_or(rule.destinations.at, |first| first.origin),
    })
}

fn is_for_the_registry(rule: &SecurityRule) -> bool {
    let tags = rule.destinations.items.iter().filter_map(names::trimmed);
    tags.into_iter().any(|tag| tag.to_ascii_lowercase().split('.').next() == Some(REGISTRY))
}
