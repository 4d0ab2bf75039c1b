//! Resources by the names that people give them.
//!
//! In: resources, and names as typed: `TYPE/NAME` or an id. Out: the resources meant, or a complaint that names the
//! nearest. Must not know: what is done with them.

use crate::report::Redactions;
use crate::resource::Resource;
use crate::rules::suggest::closest;
use crate::value::Pattern;

use super::Failure;

/// So many names are listed where one is not found.
const LISTED: usize = 10;

/// The resources that the names mean, in their own order; each name must mean one.
pub fn choose<'r>(
    resources: &[&'r Resource],
    names: &[String],
    redact: &Redactions,
) -> Result<Vec<&'r Resource>, Failure> {
    let spelled: Vec<Vec<String>> = resources.iter().map(|resource| spellings(resource)).collect();
    let mut chosen = vec![false; resources.len()];
    for name in names {
        let wanted = name.trim_matches('/').to_lowercase();
        let mut found = false;
        for (mark, spellings) in chosen.iter_mut().zip(&spelled) {
            if spellings.contains(&wanted) {
                *mark = true;
                found = true;
            }
        }
        if !found {
            return Err(Failure::Usage(redact.clean(&unknown(name, &wanted, resources, &spelled)).into_owned()));
        }
    }
    Ok(resources.iter().zip(chosen).filter(|(_, chosen)| *chosen).map(|(resource, _)| *resource).collect())
}

/// `Microsoft.Network/virtualNetworks/subnets/hub/default`: the type, then the name.
fn shown(resource: &Resource) -> String {
    format!("{}/{}", resource.ty.as_str().trim_end_matches('/'), name(resource).shown())
}

fn name(resource: &Resource) -> Pattern {
    resource.name.as_name().unwrap_or_default()
}

/// Everything that a resource may be called, in lower case: the type and the name behind or within each other, and the
/// id; names that are not known as `expand` shows them, in full or shortened.
fn spellings(resource: &Resource) -> Vec<String> {
    let ty = resource.ty.as_str().trim_end_matches('/');
    let mut spelled = Vec::new();
    for written in [Pattern::to_string, Pattern::shown] {
        let name = written(&name(resource));
        spelled.push(format!("{ty}/{name}"));
        spelled.extend(within(ty, &resource.id, written));
        spelled.push(written(resource.id.pattern()));
    }
    spelled.iter().map(|text| text.trim_matches('/').to_lowercase()).collect()
}

/// `Microsoft.Network/virtualNetworks/hub/subnets/default`: the end of the id.
fn within(ty: &str, id: &crate::resource::ResourceId, written: fn(&Pattern) -> String) -> Option<String> {
    let pieces = id.pattern().split('/')?;
    let levels = ty.matches('/').count();
    let names = pieces.iter().rev().step_by(2).take(levels).collect::<Vec<_>>();
    let mut types = ty.split('/');
    let mut spelled = types.next().unwrap_or_default().to_owned();
    for (ty, name) in types.zip(names.into_iter().rev()) {
        spelled.push('/');
        spelled.push_str(ty);
        spelled.push('/');
        spelled.push_str(&written(name));
    }
    Some(spelled)
}

fn unknown(name: &str, wanted: &str, resources: &[&Resource], spelled: &[Vec<String>]) -> String {
    let near = closest(wanted, spelled.iter().flatten().map(String::as_str));
    let near = near.and_then(|near| spelled.iter().position(|all| all.iter().any(|one| one == near)));
    let hint = match (near.and_then(|at| resources.get(at)), resources.len()) {
        (Some(near), _) => format!("did you mean `{}`?", shown(near)),
        (None, 0) => "nothing is deployed".to_owned(),
        (None, count) => {
            let mut names: Vec<String> = resources.iter().take(LISTED).map(|resource| shown(resource)).collect();
            if count > LISTED {
                names.push(format!("and {} more", count - LISTED));
            }
            format!("there are:\n  {}", names.join("\n  "))
        }
    };
    format!("no resource `{name}` is deployed; {hint}")
}
