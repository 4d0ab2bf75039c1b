//! Names, texts with names in them, and ids, in the words of a spelling.

use serde_json::{Value, json};

use super::super::axes::{Definition, Form, Host, Ids, Join, Layout, Naming, Region, ZoneName};
use super::super::estate::Resource;
use super::super::marks;
use super::Spelt::{Expression, Literal};
use super::{Renderer, Spelt};

impl Renderer<'_> {
    /// The name of the registry, of the network, of the zone, or the region.
    pub(super) fn base(&mut self, which: &str, scope: usize) -> Spelt {
        match which {
            "reg" => self.name_of("registryName", "contosoacr", self.spelling.naming, scope),
            "net" => self.name_of("networkName", "vnet-main", self.spelling.naming, scope),
            "zon" => {
                let naming = match self.spelling.zone_name {
                    ZoneName::Literal => Naming::Literal,
                    ZoneName::Variable => Naming::Variable,
                    ZoneName::Suffix => {
                        return Expression("concat('privatelink', environment().suffixes.acrLoginServer)".to_owned());
                    }
                };
                self.name_of("zoneName", "privatelink.azurecr.io", naming, scope)
            }
            _ => match self.spelling.region {
                Region::Literal => Spelt::text("westeurope"),
                Region::Group if !self.estate.region_matters => {
                    self.name_of("location", "resourceGroup().location", Naming::Default, scope)
                }
                Region::Parameter | Region::Group => self.name_of("location", "westeurope", Naming::Default, scope),
            },
        }
    }

    pub(super) fn name_of(&mut self, word: &str, literal: &str, naming: Naming, scope: usize) -> Spelt {
        let scope = self.frame(scope);
        let marks = word == "registryName" && self.estate.name_marked && self.estate.broken;
        if scope > 0 && naming != Naming::Literal {
            let parent = self.scopes[scope].parent;
            let value = self.name_of(word, literal, naming, parent);
            let leads = self.leads_to_registry(scope);
            let here = &mut self.scopes[scope];
            if !here.passed.contains_key(word) {
                here.parameters.insert(word.to_owned(), json!({ "type": "string" }));
                let marked = marks && naming == Naming::Concat && parent == 0 && leads;
                let value = if marked { value.marked() } else { value.json() };
                here.passed.insert(word.to_owned(), json!({ "value": value }));
            }
            return Expression(format!("parameters('{word}')"));
        }
        let (head, tail) = literal.split_at(4);
        let mark = |spelt: Spelt| if marks { spelt.marked() } else { spelt.json() };
        let root = &mut self.scopes[0];
        let mut required = |word: &str| drop(root.parameters.insert(word.to_owned(), json!({ "type": "string" })));
        let value = match naming {
            Naming::Literal => return Spelt::text(literal),
            Naming::Concat => return Expression(format!("concat('{head}', '{tail}')")),
            Naming::Required => {
                required(&if marks { marks::quoted(word) } else { word.to_owned() });
                return Expression(format!("parameters('{word}')"));
            }
            Naming::Default => {
                let computed = literal.contains('(');
                let value = if computed { Expression(literal.to_owned()) } else { Spelt::text(literal) };
                let declaration = json!({ "type": "string", "defaultValue": mark(value) });
                root.parameters.insert(word.to_owned(), declaration);
                return Expression(format!("parameters('{word}')"));
            }
            Naming::Variable => Spelt::text(literal),
            Naming::FormatVariable => Expression(format!("format('{{0}}{{1}}', '{head}', '{tail}')")),
            Naming::Unique => Expression(format!("concat('{head}', uniqueString(resourceGroup().id))")),
            Naming::Take => Expression(format!("take(format('{head}{{0}}', uniqueString(resourceGroup().id)), 12)")),
            Naming::Lower => {
                required("prefix");
                Expression(format!("toLower(concat(parameters('prefix'), '{tail}'))"))
            }
            Naming::Replace => {
                required("prefix");
                Expression(format!("replace(format('{{0}}-{tail}', parameters('prefix')), '-', '')"))
            }
        };
        root.variables.insert(word.to_owned(), mark(value));
        Expression(format!("variables('{word}')"))
    }

    /// A text with names in it.
    pub(super) fn text(&mut self, text: &str, scope: usize) -> Spelt {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find('<') {
            parts.push(Spelt::text(&rest[..at]));
            parts.push(self.base(&rest[at + 1..at + 4], scope));
            rest = &rest[at + 5..];
        }
        parts.push(Spelt::text(rest));
        self.join(&parts)
    }

    pub(super) fn join(&self, parts: &[Spelt]) -> Spelt {
        let mut joined: Vec<Spelt> = Vec::new();
        for part in parts {
            match (joined.last_mut(), part) {
                (_, Literal(Value::String(text))) if text.is_empty() => {}
                (Some(Literal(Value::String(before))), Literal(Value::String(text))) => before.push_str(text),
                (_, part) => joined.push(part.clone()),
            }
        }
        if joined.len() < 2 {
            return joined.pop().unwrap_or_else(|| Spelt::text(""));
        }
        let mut template = String::new();
        let mut arguments = Vec::new();
        let mut all = Vec::new();
        for part in &joined {
            all.push(part.expression());
            match (part, self.spelling.join) {
                (Literal(Value::String(text)), Join::Format) => template.push_str(text),
                (Literal(_) | Expression(_), _) => {
                    template = format!("{template}{{{}}}", arguments.len());
                    arguments.push(part.expression());
                }
            }
        }
        Expression(match self.spelling.join {
            Join::Concat => format!("concat({})", all.join(", ")),
            Join::Format | Join::Interleaved => format!("format('{template}', {})", arguments.join(", ")),
        })
    }

    pub(super) fn segment(&mut self, resource: &Resource, scope: usize) -> Spelt {
        match &resource.name {
            Value::String(text) => self.text(text.trim_start_matches("@text:"), scope),
            value => self.choice(value, scope),
        }
    }

    pub(super) fn segments(&mut self, resource: &Resource, scope: usize) -> Vec<Spelt> {
        let mut segments = match resource.parent {
            Some(parent) => self.segments(self.estate.find(parent), scope),
            None => Vec::new(),
        };
        segments.push(self.segment(resource, scope));
        segments
    }

    pub(super) fn id(&mut self, sym: &str, scope: usize) -> Spelt {
        let resource = self.estate.find(sym);
        let home = self.scope_of(resource);
        let deep = self.spelling.layout == Layout::TwoDeep;
        if self.spelling.ids == Ids::Outputs
            && !deep
            && self.frame(home) != self.frame(scope)
            && !self.scopes[home].outer
        {
            return self.output(sym, scope);
        }
        let segments: Vec<String> = self.segments(resource, scope).iter().map(Spelt::expression).collect();
        let names = segments.join(", ");
        let ty = resource.ty;
        Expression(match self.spelling.ids {
            Ids::Plain | Ids::Outputs => format!("resourceId('{ty}', {names})"),
            Ids::WithGroup => format!("resourceId(resourceGroup().name, '{ty}', {names})"),
            Ids::WithSubscription => {
                format!("resourceId(subscription().subscriptionId, resourceGroup().name, '{ty}', {names})")
            }
            Ids::Extension => format!("extensionResourceId(resourceGroup().id, '{ty}', {names})"),
            Ids::FromParent => match resource.parent {
                Some(parent) => {
                    let last = ty.rsplit('/').next().unwrap_or_default();
                    let name = segments.last().cloned().unwrap_or_default();
                    format!("format('{{0}}/{last}/{{1}}', {}, {name})", self.id(parent, scope).expression())
                }
                None => format!("concat(resourceGroup().id, '/providers/{ty}/', {names})"),
            },
            Ids::Written => {
                let mut words = ty.split('/');
                let mut text = vec![
                    Spelt::text("/subscriptions/"),
                    Expression("subscription().subscriptionId".to_owned()),
                    Spelt::text("/resourceGroups/"),
                    Expression("resourceGroup().name".to_owned()),
                    Spelt::text(&format!("/providers/{}", words.next().unwrap_or_default())),
                ];
                for (word, segment) in words.zip(self.segments(resource, scope)) {
                    text.push(Spelt::text(&format!("/{word}/")));
                    text.push(segment);
                }
                self.join(&text).expression()
            }
            Ids::Variable => {
                let frame = self.frame(scope);
                let value = json!(format!("[resourceId('{ty}', {names})]"));
                self.scopes[frame].variables.insert(format!("{sym}Id"), value);
                format!("variables('{sym}Id')")
            }
        })
    }

    /// The id of a resource in another module.
    pub(super) fn output(&mut self, sym: &str, scope: usize) -> Spelt {
        let resource = self.estate.find(sym);
        let home = self.scope_of(resource);
        let word = format!("{sym}Id");
        if !self.scopes[home].outputs.contains_key(&word) {
            let names: Vec<String> = self.segments(resource, home).iter().map(Spelt::expression).collect();
            let value = format!("[resourceId('{}', {})]", resource.ty, names.join(", "));
            self.scopes[home].outputs.insert(word.clone(), json!({ "type": "string", "value": value }));
        }
        let frame = self.frame(scope);
        if frame == 0 && home == 0 {
            return self.plain(resource, scope);
        }
        if frame > 0 {
            let parent = self.scopes[frame].parent;
            let value = if home == 0 { self.plain(resource, 0) } else { self.output(sym, parent) };
            self.scopes[frame].parameters.insert(word.clone(), json!({ "type": "string" }));
            self.scopes[frame].passed.insert(word.clone(), json!({ "value": value.json() }));
            return Expression(format!("parameters('{word}')"));
        }
        let deployment = self.scopes[home].deployment;
        Expression(match self.spelling.form {
            Form::Symbolic => format!("reference('{deployment}').outputs.{word}.value"),
            Form::Array => {
                let id = format!("resourceId('Microsoft.Resources/deployments', '{deployment}')");
                format!("reference({id}).outputs.{word}.value")
            }
        })
    }

    pub(super) fn plain(&mut self, resource: &Resource, scope: usize) -> Spelt {
        let names: Vec<String> = self.segments(resource, scope).iter().map(Spelt::expression).collect();
        Expression(format!("resourceId('{}', {})", resource.ty, names.join(", ")))
    }

    pub(super) fn host(&mut self, around: &str, scope: usize) -> Spelt {
        let at = around.rfind('|').unwrap_or(0);
        let (before, after) = (around[..at].to_owned(), around[at + 1..].to_owned());
        let registry = self.estate.find("registry");
        // A template of outer scope is evaluated where its symbolic names mean nothing.
        let looped = self.spelling.definition == Definition::Loop;
        let same = self.scope_of(registry) == scope && !self.scopes[scope].outer && !looped;
        if self.spelling.host == Host::Suffix {
            return self.text(&format!("{before}<reg>.azurecr.io{after}"), scope);
        }
        let server = if same && self.spelling.form == Form::Symbolic {
            "reference('registry').loginServer".to_owned()
        } else {
            format!("reference({}, '{}').loginServer", self.id("registry", scope).expression(), registry.api)
        };
        self.join(&[Spelt::text(&before), Expression(server), Spelt::text(&after)])
    }
}
