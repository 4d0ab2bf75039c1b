//! Writes an estate out as a template, in one of its spellings.

mod names;

use serde_json::{Map, Value, json};

use super::axes::{
    Case, Conditions, Definition, Dress, Existing, Form, Ids, Layout, Lists, Naming, Pass, Spelling, Subnets, Wrap,
};
use super::estate::{Estate, Resource};
use super::marks;

/// A value on its way into the template.
#[derive(Clone)]
enum Spelt {
    Literal(Value),
    /// Without brackets.
    Expression(String),
}

use Spelt::{Expression, Literal};

impl Spelt {
    fn text(text: &str) -> Self {
        Literal(json!(text))
    }

    fn json(&self) -> Value {
        match self {
            Literal(value) => value.clone(),
            Expression(text) => json!(format!("[{text}]")),
        }
    }

    fn expression(&self) -> String {
        match self {
            Literal(Value::String(text)) => format!("'{text}'"),
            Literal(Value::Bool(value)) => format!("{value}()"),
            Literal(value) => value.to_string(),
            Expression(text) => text.clone(),
        }
    }

    /// As a value of its own, under a finding.
    fn marked(&self) -> Value {
        match self.json() {
            Value::String(text) => json!(marks::quoted(&text)),
            value => json!(marks::unquoted(&value.to_string())),
        }
    }

    /// Inside an expression, under a finding.
    fn marked_inside(&self) -> String {
        match self {
            Literal(Value::String(text)) => format!("'{}'", marks::quoted(text)),
            Literal(_) | Expression(_) => marks::exact(&self.expression()),
        }
    }
}

/// What exists at run time only, or in a loop, must not stand in variables.
fn late(value: &Value) -> bool {
    let text = value.to_string();
    text.contains("reference(") || text.contains("copyIndex(")
}

#[derive(Default)]
struct Scope {
    parent: usize,
    deployment: &'static str,
    outer: bool,
    subscription: bool,
    parameters: Map<String, Value>,
    variables: Map<String, Value>,
    passed: Map<String, Value>,
    outputs: Map<String, Value>,
    resources: Vec<(String, Value)>,
}

/// Writes templates.
pub struct Renderer<'a> {
    estate: &'a Estate,
    spelling: Spelling,
    scopes: Vec<Scope>,
    looped: Option<Value>,
}

impl<'a> Renderer<'a> {
    /// The text, and where the marked places are.
    pub fn render(estate: &'a Estate, mut spelling: Spelling) -> (String, Vec<(usize, usize)>) {
        if spelling.layout == Layout::Outer {
            // What stands in a template of outer scope is evaluated outside of its loops.
            if spelling.definition == Definition::Loop {
                spelling.definition = Definition::Literal;
            }
            if spelling.lists == Lists::PropertyCopy {
                spelling.lists = Lists::Variable;
            }
        }
        let mut this = Self { estate, spelling, scopes: vec![Scope::default()], looped: None };
        this.open_scopes();
        for resource in &estate.resources {
            if !this.stands_in_parent(resource) {
                let scope = this.scope_of(resource);
                let value = this.resource(resource, scope);
                this.scopes[scope].resources.push((resource.sym.to_owned(), value));
            }
        }
        this.declare_existing();
        let template = this.template(0);
        let text = match spelling.dress {
            Dress::Minified => template.to_string(),
            Dress::Pretty | Dress::Comments | Dress::Mark => {
                serde_json::to_string_pretty(&template).unwrap_or_default()
            }
        };
        let text = match spelling.dress {
            Dress::Comments => format!("/* an estate */\n{}", text.replace('\n', " // \"so\" { [\n")),
            Dress::Mark => format!("\u{FEFF}{text}"),
            Dress::Pretty | Dress::Minified => text,
        };
        marks::resolve(&text)
    }

    fn open_scopes(&mut self) {
        let deployments: &[(&'static str, usize)] = match self.spelling.layout {
            Layout::Flat | Layout::NestedChildren => &[],
            Layout::Inner | Layout::Outer => &[("estate", 0)],
            Layout::TwoDeep => &[("estate", 0), ("inside", 1)],
            Layout::NetworkModule => &[("network", 0)],
            Layout::RegistryModule => &[("registry-module", 0)],
            Layout::Modules => &[("registry-module", 0), ("network", 0), ("dns", 0), ("endpoint", 0), ("client", 0)],
        };
        for &(deployment, parent) in deployments {
            let outer = self.spelling.layout == Layout::Outer;
            self.scopes.push(Scope { parent, deployment, outer, ..Scope::default() });
        }
        let parent = usize::from(self.spelling.layout == Layout::Inner);
        self.scopes.push(Scope { parent, deployment: "defender", subscription: true, ..Scope::default() });
    }

    fn scope_of(&self, resource: &Resource) -> usize {
        let registry = resource.ty.starts_with("Microsoft.ContainerRegistry");
        match (resource.ty, self.spelling.layout) {
            ("Microsoft.Security/pricings", _) => self.scopes.len() - 1,
            (_, Layout::Flat | Layout::NestedChildren) => 0,
            (_, Layout::Inner | Layout::Outer) => 1,
            (_, Layout::TwoDeep) => 2,
            (_, Layout::NetworkModule) => usize::from(!registry),
            (_, Layout::RegistryModule) => usize::from(registry),
            (_, Layout::Modules) if registry => 1,
            ("Microsoft.Network/virtualNetworks" | "Microsoft.Network/virtualNetworks/subnets", Layout::Modules) => 2,
            (ty, Layout::Modules) if ty.contains("privateDnsZones") => 3,
            (ty, Layout::Modules) if ty.contains("privateEndpoints") => 4,
            (_, Layout::Modules) => 5,
        }
    }

    fn stands_in_parent(&self, resource: &Resource) -> bool {
        let inline = resource.ty.ends_with("/subnets") && self.spelling.subnets == Subnets::Inline;
        resource.parent.is_some() && (inline || self.spelling.layout == Layout::NestedChildren)
    }

    /// The scope whose parameters and variables hold.
    fn frame(&self, scope: usize) -> usize {
        if self.scopes[scope].outer { self.frame(self.scopes[scope].parent) } else { scope }
    }

    /// Whether the registry stands in this deployment, or in one inside.
    fn leads_to_registry(&self, scope: usize) -> bool {
        let mut at = self.scope_of(self.estate.find("registry"));
        while at != 0 && at != scope {
            at = self.scopes[at].parent;
        }
        at == scope
    }

    // ---- values

    fn spelt(&mut self, value: &Value, scope: usize) -> Spelt {
        let Value::String(text) = value else { return Literal(value.clone()) };
        if let Some(sym) = text.strip_prefix("@id:") {
            self.id(sym, scope)
        } else if let Some(text) = text.strip_prefix("@text:") {
            self.text(text, scope)
        } else if let Some(around) = text.strip_prefix("@host:") {
            self.host(around, scope)
        } else if let Some(inner) = text.strip_prefix('[').filter(|inner| !inner.starts_with('[')) {
            Expression(inner.trim_end_matches(']').to_owned())
        } else {
            Literal(value.clone())
        }
    }

    /// The bad or the good value, as it is, without a mark.
    fn choice(&mut self, value: &Value, scope: usize) -> Spelt {
        let value = value["$fault"][usize::from(!self.estate.broken)].clone();
        self.spelt(&value, scope)
    }

    /// The faulty value where it is used; its definition goes to where the spelling says.
    fn faulty(&mut self, value: &Value, scope: usize) -> Value {
        let frame = self.frame(scope);
        if self.scopes[scope].outer && self.spelling.definition == Definition::Loop {
            // Azure refuses the loops of resources in a template of outer scope.
            self.spelling.definition = Definition::Literal;
        }
        let home = if self.spelling.pass == Pass::Local || frame == 0 { frame } else { 0 };
        let ids = self.spelling.ids;
        if ids == Ids::Variable {
            // The value itself goes where the spelling says.
            self.spelling.ids = Ids::Plain;
        }
        let value = self.choice(value, home);
        self.spelling.ids = ids;
        let elsewhere = self.mark_passed(&value, home);
        let ty = match &value {
            Literal(Value::Bool(_)) => "bool",
            Literal(Value::Number(_)) => "int",
            Literal(Value::Array(_)) => "array",
            Literal(Value::Object(_)) => "object",
            Literal(Value::String(_) | Value::Null) | Expression(_) => "string",
        };
        let defined = self.define(&value, home, self.estate.broken && !elsewhere);
        if home == frame {
            return defined;
        }
        let mut way = Vec::new();
        let mut at = frame;
        while at != home {
            way.push(at);
            at = self.scopes[at].parent;
        }
        let mut value = defined;
        for (depth, at) in way.into_iter().rev().enumerate() {
            let (ty, read) = match (self.spelling.pass, depth) {
                (Pass::Object, 0) => {
                    value = json!({ "deep": { "value": value } });
                    ("object", "parameters('faulty')")
                }
                (Pass::Object, _) => ("object", "parameters('faulty')"),
                (Pass::Local | Pass::Scalar, _) => (ty, "parameters('faulty')"),
            };
            let scope = &mut self.scopes[at];
            scope.parameters.insert("faulty".to_owned(), json!({ "type": ty }));
            scope.passed.insert("faulty".to_owned(), json!({ "value": value }));
            value = json!(format!("[{read}]"));
        }
        if self.spelling.pass == Pass::Object { json!("[parameters('faulty').deep.value]") } else { value }
    }

    /// An id that the module is handed is marked where the caller writes it.
    fn mark_passed(&mut self, value: &Spelt, scope: usize) -> bool {
        let Expression(text) = value else { return false };
        let Some(word) = text.strip_prefix("parameters('").and_then(|rest| rest.strip_suffix("')")) else {
            return false;
        };
        let broken = self.estate.broken;
        let Some(Value::String(passed)) = self.scopes[scope].passed.get_mut(word).map(|passed| passed["value"].take())
        else {
            return false;
        };
        self.scopes[scope].passed[word]["value"] = json!(if broken { marks::quoted(&passed) } else { passed });
        true
    }

    fn define(&mut self, value: &Spelt, scope: usize, broken: bool) -> Value {
        let plain = value.clone();
        let mark = |value: &Spelt| if broken { value.marked() } else { value.json() };
        // What exists at run time only must not stand in variables.
        let late = matches!(value, Expression(text) if text.contains("reference("));
        let inside_default = matches!(value, Expression(text) if text.contains("variables("));
        let scope = &mut self.scopes[scope];
        match self.spelling.definition {
            Definition::Condition => {
                scope.parameters.insert("stage".to_owned(), json!({ "type": "string", "defaultValue": "prod" }));
                let inside = if broken { plain.marked_inside() } else { plain.expression() };
                json!(format!("[if(equals(parameters('stage'), 'prod'), {inside}, null())]"))
            }
            Definition::Default if !late && !inside_default => {
                let ty = if matches!(value, Literal(Value::Bool(_))) { "bool" } else { "string" };
                scope.parameters.insert("value".to_owned(), json!({ "type": ty, "defaultValue": mark(value) }));
                json!("[parameters('value')]")
            }
            Definition::Variable if !late => {
                scope.variables.insert("value".to_owned(), mark(value));
                json!("[variables('value')]")
            }
            Definition::Property if !late => {
                scope.variables.insert("settings".to_owned(), json!({ "prod": { "value": mark(value) } }));
                json!("[variables('settings').prod.value]")
            }
            Definition::Element if !late => {
                scope.variables.insert("values".to_owned(), json!(["other", mark(value)]));
                json!("[variables('values')[1]]")
            }
            Definition::TryGet if !late => {
                scope.variables.insert("settings".to_owned(), json!({ "value": mark(value) }));
                json!("[coalesce(tryGet(variables('settings'), 'value'), 'other')]")
            }
            Definition::Contains if !late => {
                scope.variables.insert("settings".to_owned(), json!({ "value": mark(value) }));
                json!("[if(contains(variables('settings'), 'value'), variables('settings').value, null())]")
            }
            Definition::Union if !late => {
                scope.variables.insert("defaults".to_owned(), json!({ "value": "other", "more": 1 }));
                scope.variables.insert("settings".to_owned(), json!({ "value": mark(value) }));
                json!("[union(variables('defaults'), variables('settings')).value]")
            }
            Definition::Loop if !late && self.spelling.pass == Pass::Local => {
                scope.variables.insert("items".to_owned(), json!([{ "value": mark(value) }]));
                self.looped = Some(json!({ "name": "each", "count": "[length(variables('items'))]" }));
                json!("[variables('items')[copyIndex()].value]")
            }
            Definition::Literal
            | Definition::Default
            | Definition::Variable
            | Definition::Property
            | Definition::Element
            | Definition::TryGet
            | Definition::Union
            | Definition::Contains
            | Definition::Loop => mark(value),
        }
    }

    fn value(&mut self, value: &Value, scope: usize) -> Value {
        match value {
            Value::Object(object) if object.contains_key("$fault") => self.faulty(value, scope),
            Value::Object(object) => {
                let mut out = Map::new();
                for (name, value) in object {
                    let key = self.spelt(&json!(name), scope).json();
                    let key = self.key(key.as_str().unwrap_or_default());
                    let listed = value.is_array() && value.to_string().contains("$fault");
                    let value = self.value(value, scope);
                    if listed && self.spelling.lists == Lists::PropertyCopy && !late(&value) {
                        let word = marks::strip(name);
                        let frame = self.frame(scope);
                        self.scopes[frame].variables.insert(format!("{word}List"), value);
                        let count = format!("[length(variables('{word}List'))]");
                        let input = format!("[variables('{word}List')[copyIndex('{word}')]]");
                        out.insert("copy".to_owned(), json!([{ "name": word, "count": count, "input": input }]));
                    } else if listed {
                        let value = self.list_of(&marks::strip(name), value, scope);
                        out.insert(key, value);
                    } else {
                        out.insert(key, value);
                    }
                }
                Value::Object(out)
            }
            Value::Array(items) => items.iter().map(|item| self.value(item, scope)).collect(),
            Value::String(text) if text.starts_with('@') => self.spelt(value, scope).json(),
            Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        }
    }

    /// A list with the fault in it, as the spelling wants it.
    fn list_of(&mut self, word: &str, value: Value, scope: usize) -> Value {
        if late(&value) {
            return value;
        }
        let word = format!("{word}List");
        let frame = self.frame(scope);
        let read = format!("variables('{word}')");
        let text = match self.spelling.lists {
            Lists::Written | Lists::PropertyCopy => return value,
            Lists::Variable => format!("[{read}]"),
            Lists::Map => format!("[map({read}, lambda('item', lambdaVariables('item')))]"),
            Lists::Concat => format!("[concat(createArray(), {read})]"),
            Lists::Filter => format!("[filter({read}, lambda('item', not(equals(lambdaVariables('item'), 'x'))))]"),
        };
        self.scopes[frame].variables.insert(word, value);
        json!(text)
    }

    fn key(&self, key: &str) -> String {
        if self.spelling.case != Case::OddKeys || key.contains(['.', '[', '/']) {
            return key.to_owned();
        }
        let mut done = false;
        key.chars()
            .map(|c| {
                if !done && c.is_ascii_alphabetic() {
                    done = true;
                    c.to_ascii_uppercase()
                } else {
                    c
                }
            })
            .collect()
    }

    // ---- resources

    fn resource(&mut self, resource: &Resource, scope: usize) -> Value {
        let inside = self.stands_in_parent(resource);
        let ty = if inside { resource.ty.rsplit('/').next().unwrap_or_default() } else { resource.ty };
        let ty = if self.spelling.case == Case::LowerTypes { ty.to_lowercase() } else { ty.to_owned() };
        let mut out = Map::new();
        out.insert("type".to_owned(), json!(if resource.type_marked { marks::quoted(&ty) } else { ty }));
        out.insert("apiVersion".to_owned(), json!(resource.api));
        let name = self.name(resource, scope, inside);
        out.insert("name".to_owned(), name);
        for (key, value) in &resource.beside {
            let key = self.key(key);
            let value = self.value(value, scope);
            out.insert(key, value);
        }
        let properties = self.properties(resource, scope);
        if !properties.is_null() {
            let key = if resource.properties_marked { marks::quoted("properties") } else { "properties".to_owned() };
            out.insert(key, properties);
        }
        if let Some(condition) = self.condition(scope) {
            out.insert("condition".to_owned(), condition);
        }
        if let Some(looped) = self.looped.take() {
            out.insert("copy".to_owned(), looped);
        }
        let children: Vec<&Resource> = self.children(resource).filter(|child| !self.inline(child)).collect();
        if !children.is_empty() && children.iter().all(|child| self.stands_in_parent(child)) {
            let rendered: Vec<(String, Value)> =
                children.iter().map(|child| (child.sym.to_owned(), self.resource(child, scope))).collect();
            out.insert("resources".to_owned(), self.list(rendered));
        }
        Value::Object(out)
    }

    fn condition(&mut self, scope: usize) -> Option<Value> {
        let frame = self.frame(scope);
        let (word, declaration, condition) = match self.spelling.conditions {
            Conditions::None => return None,
            Conditions::Parameter => {
                ("deploy", json!({ "type": "bool", "defaultValue": true }), "parameters('deploy')")
            }
            Conditions::Stage => {
                let stage = json!({ "type": "string", "defaultValue": "prod", "allowedValues": ["dev", "prod"] });
                ("stage", stage, "equals(toLower(parameters('stage')), 'prod')")
            }
            Conditions::NotEmpty => {
                ("zones", json!({ "type": "array", "defaultValue": ["1"] }), "not(empty(parameters('zones')))")
            }
        };
        self.scopes[frame].parameters.insert(word.to_owned(), declaration);
        Some(json!(format!("[{condition}]")))
    }

    fn list(&self, resources: Vec<(String, Value)>) -> Value {
        match self.spelling.form {
            Form::Array => resources.into_iter().map(|(_, value)| value).collect(),
            Form::Symbolic => Value::Object(resources.into_iter().collect()),
        }
    }

    fn children(&self, resource: &Resource) -> impl Iterator<Item = &'a Resource> + use<'a> {
        let sym = resource.sym;
        self.estate.resources.iter().filter(move |child| child.parent == Some(sym))
    }

    fn inline(&self, resource: &Resource) -> bool {
        resource.ty.ends_with("/subnets") && self.spelling.subnets == Subnets::Inline
    }

    fn name(&mut self, resource: &Resource, scope: usize, inside: bool) -> Value {
        if resource.name.is_object() && (resource.parent.is_none() || inside) {
            return self.faulty(&resource.name, scope);
        }
        let mut parts = Vec::new();
        if inside {
            parts.push(self.segment(resource, scope));
        } else {
            for segment in self.segments(resource, scope) {
                if !parts.is_empty() {
                    parts.push(Spelt::text("/"));
                }
                parts.push(segment);
            }
        }
        let name = self.join(&parts);
        let here = resource.sym == "registry"
            && self.estate.name_marked
            && (self.spelling.naming == Naming::Literal
                || self.spelling.naming == Naming::Concat && self.frame(scope) == 0);
        let marked = self.estate.broken && (here || resource.name.is_object());
        if marked { name.marked() } else { name.json() }
    }

    fn properties(&mut self, resource: &Resource, scope: usize) -> Value {
        let frame = self.frame(scope);
        let wrapped =
            !resource.properties_marked && !resource.properties.is_null() && self.spelling.wrap != Wrap::Inline;
        let passed = wrapped && self.spelling.wrap == Wrap::Passed && frame > 0 && !self.scopes[frame].subscription;
        // Loops over properties do not reach into the parameters of a deployment.
        let passed =
            passed && self.spelling.lists != Lists::PropertyCopy && self.spelling.definition != Definition::Loop;
        let there = if passed { self.scopes[frame].parent } else { scope };
        let mut properties = self.value(&resource.properties, there);
        let subnets: Vec<&Resource> = self.children(resource).filter(|child| self.inline(child)).collect();
        if !subnets.is_empty() {
            let mut inline = Vec::new();
            for subnet in subnets {
                let name = self.segment(subnet, there).json();
                let value = self.value(&subnet.properties, there);
                let key = if subnet.properties_marked { marks::quoted("properties") } else { "properties".to_owned() };
                inline.push(json!({ "name": name, key: value }));
            }
            properties[self.key("subnets")] = json!(inline);
        }
        let word = format!("{}Properties", resource.sym);
        if passed {
            self.scopes[frame].parameters.insert(word.clone(), json!({ "type": "object" }));
            self.scopes[frame].passed.insert(word.clone(), json!({ "value": properties }));
            return json!(format!("[parameters('{word}')]"));
        }
        if wrapped && !passed && !late(&properties) {
            self.scopes[frame].variables.insert(word.clone(), properties);
            return json!(format!("[variables('{word}')]"));
        }
        properties
    }

    /// Modules that refer to resources of others declare them as they compile from Bicep.
    fn declare_existing(&mut self) {
        if self.spelling.existing == Existing::No || self.spelling.form == Form::Array {
            return;
        }
        for scope in 1..self.scopes.len() - 1 {
            if self.scopes[scope].resources.is_empty() || self.scopes[scope].outer {
                continue;
            }
            for resource in &self.estate.resources {
                let top = resource.parent.is_none() && matches!(resource.sym, "registry" | "net" | "zone");
                if top && self.scope_of(resource) != scope {
                    let name = self.segment(resource, scope).json();
                    let twin =
                        json!({ "existing": true, "type": resource.ty, "apiVersion": resource.api, "name": name });
                    self.scopes[scope].resources.push((format!("{}There", resource.sym), twin));
                }
            }
        }
    }

    // ---- templates

    fn template(&mut self, scope: usize) -> Value {
        let modules: Vec<usize> = (1..self.scopes.len()).filter(|&at| self.scopes[at].parent == scope).collect();
        for module in modules {
            let template = self.template(module);
            if template["resources"].as_array().is_some_and(Vec::is_empty)
                || template["resources"].as_object().is_some_and(Map::is_empty)
            {
                continue;
            }
            let of = &self.scopes[module];
            let mut properties = json!({ "mode": "Incremental", "template": template });
            if !of.outer {
                properties["expressionEvaluationOptions"] = json!({ "scope": "inner" });
                properties["parameters"] = Value::Object(of.passed.clone());
            }
            let mut deployment = json!({
                "type": "Microsoft.Resources/deployments",
                "apiVersion": "2022-09-01",
                "name": of.deployment,
            });
            if of.subscription {
                deployment["subscriptionId"] = json!("[subscription().subscriptionId]");
                deployment["location"] = json!("westeurope");
            }
            deployment["properties"] = properties;
            let name = of.deployment.to_owned();
            self.scopes[scope].resources.push((name, deployment));
        }
        let of = &self.scopes[scope];
        let schema = if of.subscription {
            "https://schema.management.azure.com/schemas/2018-05-01/subscriptionDeploymentTemplate.json#"
        } else {
            "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
        };
        let mut out = json!({ "$schema": schema, "contentVersion": "1.0.0.0" });
        if self.spelling.form == Form::Symbolic {
            out["languageVersion"] = json!("2.0");
        }
        for (key, part) in [("parameters", &of.parameters), ("variables", &of.variables)] {
            if !part.is_empty() {
                out[key] = Value::Object(part.clone());
            }
        }
        out["resources"] = self.list(of.resources.clone());
        if !of.outputs.is_empty() {
            out["outputs"] = Value::Object(of.outputs.clone());
        }
        out
    }
}
