//! The ids of the resources that a deployment makes.
//!
//! In: where a deployment goes, a type, a name with holes. Out: [`ResourceId`]s.
//! Must not know: expressions (their `resourceId` family makes ids of its own).

use std::sync::Arc;

use crate::resource::ResourceId;
use crate::value::{Hole, Part, Pattern, Unknown};

/// The segments of a name, one for each level of its type.
///
/// A hole of a name cannot hold a slash when the literal slashes alone give the number of segments that the type
/// needs: Azure refuses every other value. `None` when the number does not fit.
pub(super) fn segments(name: &Pattern, levels: usize) -> Option<Vec<Pattern>> {
    let refined = refine(name);
    let pieces = refined.split('/')?;
    (pieces.len() == levels).then_some(pieces)
}

/// The same string, each hole known to hold no slash.
pub(super) fn refine(name: &Pattern) -> Pattern {
    let mut refined = Pattern::new();
    for part in name.parts() {
        match part {
            Part::Literal(text) => refined.push_str(text),
            Part::Hole(unknown) if unknown.hole == Hole::Segment => refined.push_hole(unknown),
            Part::Hole(unknown) => refined.push_hole(&Arc::new(Unknown { hole: Hole::Segment, ..(**unknown).clone() })),
        }
    }
    refined
}

/// `{scope}/providers/{namespace}/{type}/{name}/…`, and the two types whose ids have a form of their own.
pub(super) fn resource_id(scope: &Pattern, ty: &str, names: &[Pattern]) -> ResourceId {
    let mut id = Pattern::new();
    if ty.eq_ignore_ascii_case("Microsoft.Resources/resourceGroups") {
        id.push(scope);
        id.push_str("/resourceGroups/");
        if let Some(name) = names.first() {
            id.push(name);
        }
        return ResourceId::new(id);
    }
    id.push(scope);
    id.push_str("/providers/");
    let mut types = ty.split('/');
    id.push_str(types.next().unwrap_or_default());
    for (ty, name) in types.zip(names) {
        id.push_str("/");
        id.push_str(ty);
        id.push_str("/");
        id.push(name);
    }
    ResourceId::new(id)
}
