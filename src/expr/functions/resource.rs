//! Functions about resources and the deployment: ids, `parameters`, `variables`, and what Azure knows at run time.
//!
//! In: names, and the [`Scope`](crate::expr::Scope). Out: ids as strings with holes at the unknown names; for run-time
//! functions what the scope answers, else an unknown. Must not know: resources.

use std::sync::Arc;

use super::{ANY, Body, MANY, Row, STRING, Site, Work, Zeal, row};
use crate::expr::eval::Answer;
use crate::expr::{Home, Refusal, symbol};
use crate::value::{Data, Hole, Part, Pattern, Reason, Type, Unknown, Value};

pub(super) const ROWS: &[Row] = &[
    row("parameters", (1, 1), &[STRING], Body::Lazy(|site| named(site, &Named::Parameter))),
    row("variables", (1, 1), &[STRING], Body::Lazy(|site| named(site, &Named::Variable))),
    row("resourceId", (2, MANY), &[STRING], Body::Open(resource_id)).hole(Hole::Id).zeal(Zeal::All),
    row("subscriptionResourceId", (2, MANY), &[STRING], Body::Open(subscription_id)).hole(Hole::Id).zeal(Zeal::All),
    row("tenantResourceId", (2, MANY), &[STRING], Body::Open(tenant_id)).hole(Hole::Id).zeal(Zeal::Kinds),
    row("managementGroupResourceId", (3, MANY), &[STRING], Body::Open(management_group_id))
        .own_group()
        .hole(Hole::Id)
        .zeal(Zeal::Kinds),
    row("extensionResourceId", (3, MANY), &[STRING], Body::Open(extension_id)).hole(Hole::Id).zeal(Zeal::Kinds),
    row("resourceGroup", (0, 2), &[ANY], Body::Runtime(Reason::NotInInput)).gives(Type::Object),
    row("subscription", (0, 1), &[ANY], Body::Runtime(Reason::NotInInput)).gives(Type::Object),
    row("tenant", (0, 0), &[ANY], Body::Runtime(Reason::NotInInput)).gives(Type::Object),
    row("managementGroup", (0, 1), &[ANY], Body::Runtime(Reason::NotInInput)).gives(Type::Object),
    row("deployment", (0, 0), &[ANY], Body::Runtime(Reason::NotInInput)).gives(Type::Object),
    row("deployer", (0, 0), &[ANY], Body::Runtime(Reason::RuntimeFunction)).gives(Type::Object),
    row("environment", (0, 0), &[ANY], Body::Runtime(Reason::NotInInput)).gives(Type::Object),
    row("externalInputs", (1, 1), &[STRING], Body::Runtime(Reason::NotInInput)),
    row("fail", (1, 1), &[STRING], Body::Strict(fail)),
    row("reference", (1, 3), &[STRING], Body::Runtime(Reason::RuntimeFunction)),
    row("references", (1, 3), &[ANY], Body::Runtime(Reason::RuntimeFunction)),
    row("resourceInfo", (1, 1), &[ANY], Body::Runtime(Reason::RuntimeFunction)),
    row("providers", (1, 2), &[STRING], Body::Runtime(Reason::RuntimeFunction)),
    row("pickZones", (3, 5), &[ANY], Body::Runtime(Reason::RuntimeFunction)),
    row("roleDefinitions", (1, 1), &[STRING], Body::Runtime(Reason::RuntimeFunction)),
    row("toLogicalZone", (2, 3), &[STRING], Body::Runtime(Reason::RuntimeFunction)),
    row("toLogicalZones", (2, 3), &[ANY], Body::Runtime(Reason::RuntimeFunction)),
    row("toPhysicalZone", (2, 3), &[STRING], Body::Runtime(Reason::RuntimeFunction)),
    row("toPhysicalZones", (2, 3), &[ANY], Body::Runtime(Reason::RuntimeFunction)),
];

enum Named {
    Parameter,
    Variable,
}

fn named(site: &Site<'_, '_>, what: &Named) -> Answer {
    let name = site.args.first().map(|arg| site.run.value(arg)).transpose()?;
    let secret = name.as_ref().is_some_and(|name| name.secret);
    let Some(name) = name else { return Err(Refusal::new(site.at.clone(), format!("{} takes a name", site.name))) };
    if matches!(name.data, Data::Pattern(_) | Data::Unknown(_)) {
        // Which one is meant is not known, and so neither is what it holds.
        let args = [name];
        let reason = symbol::reason_of(&args).unwrap_or(Reason::Unsupported);
        let unknown = Unknown::new(reason, symbol::call(site.name, &args));
        let value = Value::unknown(unknown, site.run.computed(site.name, site.at));
        return Ok(if secret { value.into_secret() } else { value });
    }
    let Some(name) = name.as_str() else {
        return Err(Refusal::new(site.at.clone(), format!("{} takes a name, which is a string", site.name)));
    };
    let at = site.run.span(site.at);
    let answer = match what {
        Named::Parameter => site.run.on.scope.parameter(name, at),
        Named::Variable => site.run.on.scope.variable(name, at),
    };
    answer.map_err(|message| {
        let message = if secret { format!("{} does not know this name", site.name) } else { message };
        Refusal::new(site.at.clone(), message)
    })
}

fn fail(work: &Work<'_, '_, '_>) -> Answer {
    let message = work.str(0).filter(|_| !work.args.iter().any(|arg| arg.secret));
    Err(work.refuse_all(message.map_or("fail() ends the deployment".to_owned(), |text| format!("fail(): {text}"))))
}

/// The parts of a call that makes an id.
struct Parts<'w> {
    /// What stands before the type.
    before: &'w [Value],
    /// The type, without slashes at its ends.
    kind: &'w str,
    names: &'w [Value],
}

/// Finds the type among the first arguments: the one with a slash. `None` where an unknown one may be it.
fn parts<'w>(work: &Work<'w, '_, '_>, most_before: usize) -> Result<Option<Parts<'w>>, Refusal> {
    let name = work.row.name;
    let slashed = |arg: &Value| match &arg.data {
        Data::String(text) => text.contains('/'),
        Data::Pattern(pattern) => {
            pattern.parts().iter().any(|part| matches!(part, Part::Literal(text) if text.contains('/')))
        }
        _ => false,
    };
    let Some(at) = work.args.iter().position(slashed) else {
        if work.args.iter().take(most_before + 1).any(|arg| arg.as_str().is_none()) {
            return Ok(None);
        }
        return Err(work.refuse_all(format!(
            "{name} wants a resource type with its namespace, such as 'Microsoft.Network/virtualNetworks'"
        )));
    };
    let Some(kind) = work.args.get(at).and_then(Value::as_str) else { return Ok(None) };
    if at > most_before {
        let message = match most_before {
            0 => format!("{name} wants the resource type as its first argument"),
            before => format!("{name} wants the resource type among its first {} arguments", before + 1),
        };
        return Err(work.refuse(at, message));
    }
    let kind = kind.trim_matches('/');
    let wanted = kind.split('/').count() - 1;
    let (before, rest) = work.args.split_at(at);
    let names = rest.get(1..).unwrap_or_default();
    if let Some(bad) = names.iter().position(slashed) {
        return Err(work.refuse(at + 1 + bad, format!("{name} takes one name an argument, and no slash in it")));
    }
    if names.len() != wanted {
        let message = format!("the type `{kind}` wants {wanted} names, not {}", names.len());
        return Err(work.refuse(at, message));
    }
    Ok(Some(Parts { before, kind, names }))
}

/// A name as a part of an id: it holds no slash.
fn segment(value: &Value) -> Pattern {
    let mut pattern = Pattern::new();
    for part in value.as_pattern().unwrap_or_default().parts() {
        match part {
            Part::Literal(text) => pattern.push_str(text),
            Part::Hole(unknown) if unknown.hole == Hole::Any => {
                let segment = Unknown { hole: Hole::Segment, ty: Some(Type::String), ..(**unknown).clone() };
                pattern.push_hole(&Arc::new(segment));
            }
            Part::Hole(unknown) => pattern.push_hole(unknown),
        }
    }
    pattern
}

fn push_segment(id: &mut Pattern, before: &str, value: &Value) {
    id.push_str(before);
    id.push(&segment(value));
}

/// `/providers/Namespace/type/name/type/name`; an empty name is left out, with one type for it.
fn push_provider(id: &mut Pattern, kind: &str, names: &[Value]) {
    let mut types = kind.split('/');
    id.push_str("/providers/");
    id.push_str(types.next().unwrap_or(""));
    let named = names.iter().filter(|name| name.as_str() != Some(""));
    let mut any = false;
    for (kind, name) in types.zip(named) {
        any = true;
        id.push_str("/");
        id.push_str(kind);
        push_segment(id, "/", name);
    }
    if !any {
        id.push_str("/");
    }
}

fn check_subscription(work: &Work<'_, '_, '_>, value: &Value) -> Result<(), Refusal> {
    match value.as_str() {
        Some(text) if uuid::Uuid::parse_str(text).is_err() && work.args.iter().all(|arg| arg.as_str().is_some()) => {
            Err(work.refuse(0, "the id of a subscription is a GUID"))
        }
        Some(_) | None => Ok(()),
    }
}

fn resource_id(work: &Work<'_, '_, '_>) -> Answer {
    if let Some(answer) = work.context() {
        return answer;
    }
    let Some(Parts { before, kind, names }) = parts(work, 2)? else { return work.undecided() };
    let mut id = Pattern::new();
    match (before, work.site.run.on.scope.home()) {
        ([subscription, group], _) => {
            check_subscription(work, subscription)?;
            push_segment(&mut id, "/subscriptions/", subscription);
            push_segment(&mut id, "/resourceGroups/", group);
        }
        ([group], Home::ResourceGroup { subscription, .. } | Home::Subscription { subscription }) => {
            push_segment(&mut id, "/subscriptions/", &subscription);
            push_segment(&mut id, "/resourceGroups/", group);
        }
        ([], Home::ResourceGroup { subscription, group }) => {
            push_segment(&mut id, "/subscriptions/", &subscription);
            push_segment(&mut id, "/resourceGroups/", &group);
        }
        ([], Home::Subscription { subscription }) => push_segment(&mut id, "/subscriptions/", &subscription),
        (_, Home::ManagementGroup { .. } | Home::Tenant) => {}
        (_, Home::ResourceGroup { .. } | Home::Subscription { .. }) => return work.undecided(),
    }
    push_provider(&mut id, kind, names);
    work.give_pattern(id)
}

fn subscription_id(work: &Work<'_, '_, '_>) -> Answer {
    if let Some(answer) = work.context() {
        return answer;
    }
    let Some(Parts { before, kind, names }) = parts(work, 1)? else { return work.undecided() };
    let mut id = Pattern::new();
    match (before, work.site.run.on.scope.home()) {
        ([subscription, ..], _) => {
            check_subscription(work, subscription)?;
            push_segment(&mut id, "/subscriptions/", subscription);
        }
        ([], Home::ResourceGroup { subscription, .. } | Home::Subscription { subscription }) => {
            push_segment(&mut id, "/subscriptions/", &subscription);
        }
        ([], Home::ManagementGroup { .. } | Home::Tenant) => return work.undecided(),
    }
    match names {
        // A resource group is no resource of a provider: its id has a form of its own.
        [group] if kind.eq_ignore_ascii_case("Microsoft.Resources/resourceGroups") => {
            push_segment(&mut id, "/resourceGroups/", group);
        }
        _ => push_provider(&mut id, kind, names),
    }
    work.give_pattern(id)
}

fn tenant_id(work: &Work<'_, '_, '_>) -> Answer {
    if let Some(answer) = work.context() {
        return answer;
    }
    let Some(Parts { kind, names, .. }) = parts(work, 0)? else { return work.undecided() };
    let mut id = Pattern::new();
    push_provider(&mut id, kind, names);
    work.give_pattern(id)
}

fn management_group_id(work: &Work<'_, '_, '_>) -> Answer {
    if let Some(answer) = work.context() {
        return answer;
    }
    let Some(Parts { before, kind, names }) = parts(work, 1)? else { return work.undecided() };
    let group = match (before, work.site.run.on.scope.home()) {
        ([], Home::ManagementGroup { name }) => name,
        // Azure takes the first argument for the name of the group, even where it is the type.
        (_, Home::ManagementGroup { .. } | Home::ResourceGroup { .. } | Home::Subscription { .. } | Home::Tenant) => {
            let Some(group) = work.arg(0) else { return work.undecided() };
            group.clone()
        }
    };
    let mut id = Pattern::literal("/providers/Microsoft.Management/managementGroups/");
    id.push(&segment(&group));
    push_provider(&mut id, kind, names);
    work.give_pattern(id)
}

/// `extensionResourceId(id, type, names…)`: an id behind an id.
fn extension_id(work: &Work<'_, '_, '_>) -> Answer {
    if let Some(answer) = work.context() {
        return answer;
    }
    let Some((base, _)) = work.args.split_first() else { return work.undecided() };
    if let Some(text) = base.as_str()
        && !text.starts_with('/')
    {
        return Err(
            work.refuse(0, "extensionResourceId wants the id of the resource that is extended, which begins with `/`")
        );
    }
    let Some(kind) = work.args.get(1) else { return work.undecided() };
    let names = work.args.get(2..).unwrap_or_default();
    let Some(kind) = kind.as_str() else { return work.undecided() };
    let kind = kind.trim_matches('/');
    let wanted = kind.split('/').count() - 1;
    if names.len() != wanted {
        return Err(work.refuse(1, format!("the type `{kind}` wants {wanted} names, not {}", names.len())));
    }
    if let Some(bad) = names.iter().position(|name| name.as_str().is_some_and(|name| name.contains('/'))) {
        return Err(work.refuse(2 + bad, "extensionResourceId takes one name an argument, and no slash in it"));
    }
    let mut id = base.as_pattern().unwrap_or_default();
    push_provider(&mut id, kind, names);
    work.give_pattern(id)
}
