//! The answers of a template to the questions of its expressions.
//!
//! In: an environment. Out: an implementation of [`crate::expr::Scope`]. Must not know: how expressions are read.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use crate::expr::{Home, Scope};
use crate::resource::Cloud;
use crate::source::Span;
use crate::value::{Data, Key, Object, Origin, Pattern, Reason, Symbol, Type, Unknown, Value};

use super::Expander;
use super::context::{Target, segment};
use super::frame::{Env, Frame};

/// What a call of a user function costs of the budget.
const USER_CALL: u64 = 100;

/// An environment that answers.
pub(super) struct Asking<'e, 't> {
    pub(super) expander: &'e Expander<'t>,
    pub(super) env: &'e Rc<Env<'t>>,
}

impl Scope for Asking<'_, '_> {
    fn parameter(&self, name: &str, at: Span) -> Result<Value, String> {
        if let Some(arguments) = &self.env.arguments {
            let found = arguments.get(&name.to_ascii_lowercase()).cloned();
            return found.ok_or_else(|| format!("the function has no parameter '{name}'"));
        }
        match &self.expander.left {
            Some(left) => Ok(left.unknown(&self.env.frame, "parameters", name, at)),
            None => self.expander.parameter(self.env.evaluating(), name, at),
        }
    }

    fn variable(&self, name: &str, at: Span) -> Result<Value, String> {
        if self.env.arguments.is_some() && !self.env.evaluating().newer() {
            return Err("a user function sees variables only with \"languageVersion\": \"2.0\"".to_owned());
        }
        match &self.expander.left {
            Some(left) => Ok(left.unknown(&self.env.frame, "variables", name, at)),
            None => self.expander.variable(self.env, name, at),
        }
    }

    fn copy_index(&self, name: Option<&str>, at: Span) -> Result<Value, String> {
        if let Some(left) = &self.expander.left {
            return Ok(left.unknown(&self.env.frame, "copyIndex", name.unwrap_or_default(), at));
        }
        match (self.env.find_loop(name), name) {
            (Some(round), _) => Ok(round.index.clone()),
            (None, Some(name)) => Err(format!("there is no loop '{name}' around this expression")),
            (None, None) => Err("copyIndex() stands in no loop of a resource".to_owned()),
        }
    }

    fn context(&self, name: &str, args: &[Value], at: Span) -> Option<Result<Value, String>> {
        let frame = self.env.evaluating();
        let answer = match (name, args.len()) {
            ("subscription", 0) => Ok(subscription(frame, at)),
            ("resourceGroup", 0) => resource_group(self.expander, frame, at),
            ("deployment", 0) => Ok(deployment(frame, at)),
            ("tenant", 0) => Ok(tenant(frame, at)),
            ("managementGroup", 0) => management_group(frame, at)?,
            ("environment", 0) => Ok(environment(frame, at)),
            ("newGuid" | "utcNow", _) if !self.expander.in_default.get() => {
                Err(format!("{name}() can be used only in the default value of a parameter"))
            }
            ("reference", 1..) => self.expander.reference(self.env, args, at)?,
            ("resourceInfo", 1..) => self.expander.resource_info(self.env, args, at)?,
            _ => return None,
        };
        Some(answer)
    }

    fn user_function(&self, namespace: &str, name: &str, args: &[Value], at: Span) -> Option<Result<Value, String>> {
        if let Some(left) = &self.expander.left {
            return Some(Ok(left.unknown(&self.env.frame, namespace, name, at)));
        }
        let frame = self.env.evaluating();
        let functions = frame.template.get_ci("functions")?;
        let matching = |node: &crate::json::Node<'_>| {
            node.get_ci("namespace")
                .and_then(|n| n.as_str().map(|s| s.eq_ignore_ascii_case(namespace)))
                .unwrap_or(false)
        };
        let declaration = functions.items().filter(matching).find_map(|node| node.get_ci("members")?.get_ci(name))?;
        let declared: Vec<_> =
            declaration.get_ci("parameters").into_iter().flat_map(crate::json::Node::items).collect();
        if declared.len() != args.len() {
            let message = format!("{namespace}.{name} takes {} arguments, not {}", declared.len(), args.len());
            return Some(Err(message));
        }
        // Calls may double at each level; each costs more than the steps inside it.
        self.expander.budget.spend(USER_CALL);
        let mut arguments = HashMap::new();
        for (parameter, value) in declared.iter().zip(args) {
            if let Some(name) = parameter.get_ci("name").and_then(|n| n.as_str().map(|s| s.to_ascii_lowercase())) {
                arguments.insert(name, value.clone());
            }
        }
        let output = declaration.get_ci("output")?.get_ci("value")?;
        let inside = Rc::new(Env { frame: Rc::clone(frame), loops: Vec::new(), arguments: Some(arguments) });
        Some(Ok(self.expander.value(&inside, output)))
    }

    fn home(&self) -> Home {
        let frame = self.env.evaluating();
        let at = Origin::at(frame.at);
        let string = |pattern: &Pattern| Value::new(pattern.clone().into_data(), at);
        match &frame.target {
            Target::ResourceGroup { subscription, group } => {
                Home::ResourceGroup { subscription: string(subscription), group: string(group) }
            }
            Target::Subscription { subscription } => Home::Subscription { subscription: string(subscription) },
            Target::ManagementGroup { name } => Home::ManagementGroup { name: string(name) },
            Target::Tenant | Target::Id(_) => Home::Tenant,
        }
    }

    fn symbols(&self) -> Arc<str> {
        Arc::clone(&self.env.evaluating().instance)
    }
}

/// An object whose other members are not known.
fn partly(at: Span, members: Vec<(&str, Value)>, rest: Option<(&str, &Frame<'_>)>) -> Value {
    let mut object = Object::new();
    for (name, value) in members {
        object.push(Key { name: name.into(), at }, value);
    }
    object.open = rest.map(|(symbol, frame)| {
        Arc::new(Unknown::new(Reason::NotInInput, Symbol::new(symbol, Arc::clone(&frame.root))).typed(Type::Object))
    });
    Value::object(object, Origin::at(at))
}

/// What only Azure knows of a place.
fn unanswered(symbol: &str, ty: Option<Type>, frame: &Frame<'_>, at: Span) -> Value {
    let mut unknown = Unknown::new(Reason::NotInInput, Symbol::new(symbol, Arc::clone(&frame.root)));
    unknown.ty = ty;
    Value::unknown(unknown, Origin::at(at))
}

fn text(pattern: Pattern, at: Span) -> Value {
    Value::new(pattern.into_data(), Origin::at(at))
}

fn subscription(frame: &Frame<'_>, at: Span) -> Value {
    let id = frame
        .target
        .subscription()
        .unwrap_or_else(|| Pattern::hole(&segment("subscription().subscriptionId", &frame.root)));
    let mut path = Pattern::literal("/subscriptions/");
    path.push(&id);
    let same = id.as_literal().is_some_and(|id| frame.context.subscription.as_deref() == Some(id));
    let tenant = super::context::known_or(frame.context.tenant.as_deref(), "tenant().tenantId", &frame.root);
    let name = match &frame.context.subscription_name {
        Some(name) if same => Pattern::literal(name),
        Some(_) | None => Pattern::hole(&segment(&format!("subscription({}).displayName", id.key()), &frame.root)),
    };
    partly(
        at,
        vec![
            ("id", text(path, at)),
            ("subscriptionId", text(id, at)),
            ("tenantId", text(tenant, at)),
            ("displayName", text(name, at)),
        ],
        Some(("subscription()", frame)),
    )
}

fn resource_group<'t>(expander: &Expander<'t>, frame: &Rc<Frame<'t>>, at: Span) -> Result<Value, String> {
    let Target::ResourceGroup { group, .. } = &frame.target else {
        return Err("resourceGroup() can be asked for only in a deployment to a resource group".to_owned());
    };
    let own = group.as_literal().map_or(
        frame.depth == 0 || group.first_hole().is_some_and(|hole| &*hole.symbol.text == "resourceGroup().name"),
        |name| frame.context.resource_group.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(name)),
    );
    let declared = if own { None } else { expander.declared_location(frame) };
    let location = match (&frame.context.group_location, declared) {
        (_, Some(location)) => location,
        (Some(location), None) if own => text(Pattern::literal(location), at),
        (Some(_) | None, None) if own => text(Pattern::hole(&segment("resourceGroup().location", &frame.root)), at),
        (Some(_) | None, None) => {
            let symbol = format!("resourceGroup('{}').location", group.to_lowercase().key());
            text(Pattern::hole(&segment(&symbol, &frame.root)), at)
        }
    };
    let mut properties = Object::new();
    properties.push(Key { name: "provisioningState".into(), at }, Value::string("Succeeded", Origin::at(at)));
    Ok(partly(
        at,
        vec![
            ("id", text(frame.target.id(), at)),
            ("name", text(group.clone(), at)),
            ("type", Value::string("Microsoft.Resources/resourceGroups", Origin::at(at))),
            ("location", location),
            ("tags", unanswered("resourceGroup().tags", Some(Type::Object), frame, at)),
            ("managedBy", unanswered("resourceGroup().managedBy", Some(Type::String), frame, at)),
            ("properties", Value::object(properties, Origin::at(at))),
        ],
        None,
    ))
}

fn deployment(frame: &Frame<'_>, at: Span) -> Value {
    let name = Value { origin: Origin::at(at), ..frame.name.clone() };
    let mut members = vec![("name", name)];
    if !matches!(frame.target, Target::ResourceGroup { .. }) {
        let location =
            super::context::known_or(frame.context.location.as_deref(), "deployment().location", &frame.root);
        members.push(("location", text(location, at)));
    }
    partly(at, members, Some(("deployment()", frame)))
}

fn tenant(frame: &Frame<'_>, at: Span) -> Value {
    let tenant = super::context::known_or(frame.context.tenant.as_deref(), "tenant().tenantId", &frame.root);
    let mut id = Pattern::literal("/tenants/");
    id.push(&tenant);
    let members = vec![
        ("id", text(id, at)),
        ("tenantId", text(tenant, at)),
        ("countryCode", unanswered("tenant().countryCode", Some(Type::String), frame, at)),
        ("displayName", unanswered("tenant().displayName", Some(Type::String), frame, at)),
    ];
    partly(at, members, None)
}

/// `managementGroup()`; the evaluator answers where the deployment is not at that level.
fn management_group(frame: &Frame<'_>, at: Span) -> Option<Result<Value, String>> {
    let Target::ManagementGroup { name } = &frame.target else { return None };
    let members = vec![
        ("id", text(frame.target.id(), at)),
        ("name", text(name.clone(), at)),
        ("type", Value::string("/providers/Microsoft.Management/managementGroups", Origin::at(at))),
    ];
    Some(Ok(partly(at, members, Some(("managementGroup()", frame)))))
}

/// The cloud: the public one, unless users say otherwise.
fn environment(frame: &Frame<'_>, at: Span) -> Value {
    match frame.context.cloud {
        None | Some(Cloud::Public) => public_cloud(at),
        Some(cloud @ (Cloud::UsGovernment | Cloud::China)) => other_cloud(cloud, frame, at),
    }
}

/// What matters here of another cloud (`az cloud list`); the rest is not known.
fn other_cloud(cloud: Cloud, frame: &Frame<'_>, at: Span) -> Value {
    let suffixes = match cloud {
        Cloud::Public | Cloud::UsGovernment => [".azurecr.us", ".vault.usgovcloudapi.net", "core.usgovcloudapi.net"],
        Cloud::China => [".azurecr.cn", ".vault.azure.cn", "core.chinacloudapi.cn"],
    };
    let names = ["acrLoginServer", "keyvaultDns", "storage"];
    let suffixes = names.iter().zip(suffixes).map(|(name, text)| (*name, Value::string(text, Origin::at(at))));
    let suffixes = partly(at, suffixes.collect(), Some(("environment().suffixes", frame)));
    let members = vec![("name", Value::string(cloud.name(), Origin::at(at))), ("suffixes", suffixes)];
    partly(at, members, Some(("environment()", frame)))
}

fn public_cloud(at: Span) -> Value {
    let object = |members: &[(&str, &str)]| {
        let mut object = Object::new();
        for (name, value) in members {
            object.push(Key { name: (*name).into(), at }, Value::string(*value, Origin::at(at)));
        }
        object
    };
    let mut environment = object(&[
        ("name", "AzureCloud"),
        ("gallery", "https://gallery.azure.com/"),
        ("graph", "https://graph.windows.net/"),
        ("graphAudience", "https://graph.windows.net/"),
        ("media", "https://rest.media.azure.net"),
        ("portal", "https://portal.azure.com"),
        ("resourceManager", "https://management.azure.com/"),
        ("batch", "https://batch.core.windows.net/"),
        ("sqlManagement", "https://management.core.windows.net:8443/"),
        (
            "vmImageAliasDoc",
            "https://raw.githubusercontent.com/Azure/azure-rest-api-specs/master/arm-compute/quickstart-templates/aliases.json",
        ),
        ("activeDirectoryDataLake", "https://datalake.azure.net/"),
    ]);
    let mut authentication = object(&[
        ("loginEndpoint", "https://login.microsoftonline.com/"),
        ("tenant", "common"),
        ("identityProvider", "AAD"),
    ]);
    let audiences = ["https://management.core.windows.net/", "https://management.azure.com/"];
    let audiences = audiences.map(|audience| Value::string(audience, Origin::at(at))).to_vec();
    authentication.push(Key { name: "audiences".into(), at }, Value::array(audiences, Origin::at(at)));
    let suffixes = object(&[
        ("acrLoginServer", ".azurecr.io"),
        ("azureDatalakeAnalyticsCatalogAndJob", "azuredatalakeanalytics.net"),
        ("azureDatalakeStoreFileSystem", "azuredatalakestore.net"),
        ("keyvaultDns", ".vault.azure.net"),
        ("sqlServerHostname", ".database.windows.net"),
        ("storage", "core.windows.net"),
        ("azureFrontDoorEndpointSuffix", "azurefd.net"),
    ]);
    environment.push(Key { name: "authentication".into(), at }, Value::object(authentication, Origin::at(at)));
    environment.push(Key { name: "suffixes".into(), at }, Value::object(suffixes, Origin::at(at)));
    Value::new(Data::Object(Arc::new(environment)), Origin::at(at))
}
