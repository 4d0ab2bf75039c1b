//! One resource of a dump.
//!
//! In: an object, a row of a table, a change of a what-if. Out: [`Row`], and from it a [`Resource`]. Must not know: what
//! its properties mean.

use std::sync::Arc;

use crate::input::secrets;
use crate::json::{Kind, Node};
use crate::resource::{ApiVersion, Places, Resource, ResourceId, TypeName};
use crate::source::Span;
use crate::value::{Attr, Key, Origin, Pattern, Truth, Value};

use super::envelope::Source;
use super::identity::{self, Identity};
use super::shape::{self, Names};

/// How much follows from a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is there as shown.
    Seen,
    /// A template makes it so, as in a what-if: it is declared.
    Declared,
    /// It is there, and not all of it is shown.
    Named,
}

/// The named values of one resource, wherever they were written.
#[derive(Debug)]
pub(super) struct Row<'t> {
    fields: Vec<(Key, Node<'t>)>,
    whole: Span,
    standing: Standing,
    /// The tool lifts properties to the top.
    lifted: bool,
}

/// The id of an object: `id`, or `ResourceId` where PowerShell adds one.
pub(super) fn id_of(node: Node<'_>) -> Option<Node<'_>> {
    let text = |name: &str| node.get_ci(name).filter(|id| id.kind() == Kind::String);
    text("id").or_else(|| text("resourceId"))
}

/// A row from an object.
pub(super) fn of_object<'t>(node: Node<'t>, source: Source, standing: Standing, names: &Names) -> Row<'t> {
    let fields = node.members().map(|member| (names.key(member.key), member.value));
    let lifted = matches!(source, Source::Cli | Source::Rest | Source::PowerShell);
    Row { fields: fields.collect(), whole: node.span(), standing, lifted }
}

/// A row from an array whose names stand apart.
pub(super) fn of_table<'t>(columns: Node<'t>, row: Node<'t>, names: &Names) -> Row<'t> {
    let columns = columns.items().filter_map(|column| column.get_ci("name"));
    let fields = columns.zip(row.items()).map(|(name, value)| (names.key(name), value));
    Row { fields: fields.collect(), whole: row.span(), standing: Standing::Seen, lifted: false }
}

/// The state after a change; `None` for what is deleted.
pub(super) fn of_change<'t>(change: Node<'t>, names: &Names) -> Option<Row<'t>> {
    let is =
        |words: &[&str]| change.get_ci("changeType").is_some_and(|ty| words.iter().any(|word| ty.is_text_ci(word)));
    if is(&["Delete"]) {
        return None;
    }
    let object = |name: &str| change.get_ci(name).filter(|node| node.kind() == Kind::Object);
    // What the deployment leaves alone is shown by name only.
    let standing = if is(&["Ignore", "Unsupported", "NoEffect"]) { Standing::Named } else { Standing::Declared };
    let mut row =
        of_object(object("after").or_else(|| object("before")).unwrap_or(change), Source::WhatIf, standing, names);
    if !row.has("id") {
        let id = change.member_ci("resourceId")?;
        let key = Key { name: "id".into(), at: id.key.span() };
        row.fields.retain(|(key, _)| !key.name.eq_ignore_ascii_case("resourceId"));
        row.fields.push((key, id.value));
    }
    Some(row)
}

impl<'t> Row<'t> {
    fn field(&self, name: &str) -> Option<(&Key, Node<'t>)> {
        self.fields.iter().find(|(key, _)| key.name.eq_ignore_ascii_case(name)).map(|(key, node)| (key, *node))
    }

    fn has(&self, name: &str) -> bool {
        self.field(name).is_some_and(|(_, node)| node.kind() != Kind::Null)
    }

    fn text(&self, name: &str) -> Option<(String, Span)> {
        let (_, node) = self.field(name)?;
        node.as_str().filter(|text| !text.is_empty()).map(|text| (text.into_owned(), node.span()))
    }

    fn identity(&self) -> Option<(Identity, Span)> {
        let (id, at) = self.text("id").or_else(|| self.text("resourceId"))?;
        let mut identity = identity::identify(&id).or_else(|| self.provider(&id))?;
        // `az webapp config show` gives the id of the app.
        let config = self.text("type").is_some_and(|(ty, _)| ty.eq_ignore_ascii_case("Microsoft.Web/sites/config"));
        if config && identity.ty.eq_ignore_ascii_case("Microsoft.Web/sites") {
            identity.id.push_str("/config/web");
            identity.ty.push_str("/config");
            identity.name.push_str("/web");
        }
        Some((identity, at))
    }

    /// Adds the places of values that stand under the name of a credential; in a table nothing beside them says so.
    pub(super) fn hide(&self, places: &mut secrets::Places) {
        for (_, value) in self.fields.iter().filter(|(key, _)| secrets::is_credential(&key.name)) {
            secrets::strings(*value, places);
        }
    }

    /// The registration of a provider, whose id ends with the provider.
    fn provider(&self, id: &str) -> Option<Identity> {
        let namespace = self.has("registrationState").then(|| self.text("namespace"))?.map(|(text, _)| text)?;
        let ty = "Microsoft.Resources/providers".to_owned();
        Some(Identity { id: id.to_owned(), ty, name: namespace })
    }

    /// What the row is of; `None` where the id leads to no resource.
    pub(super) fn named(&self, names: &Names) -> Option<Named> {
        let (identity, id_at) = self.identity()?;
        let written = self.text("type").or_else(|| self.text("resourceType"));
        // Types of dumps differ from those of ids in case only; where they do not, the id is right.
        let same = |ty: &str| ty.eq_ignore_ascii_case(&identity.ty);
        let (ty, ty_at) = match written {
            Some((ty, at)) if same(&ty) => (names.ty(&ty), at),
            Some((_, at)) => (names.ty(&identity.ty), at),
            None => (names.ty(&identity.ty), id_at),
        };
        Some(Named { identity, id_at, ty, ty_at })
    }

    /// The resource; only its name, where it is not `known`.
    pub(super) fn resource(&self, named: Named, known: bool, names: &Names) -> Resource {
        let Named { identity, id_at, ty, ty_at } = named;
        let name_at = self.text("name").map_or(id_at, |(_, at)| at);
        let properties = self.field("properties").filter(|(_, node)| node.kind() == Kind::Object);
        let body = if known {
            shape::body(&self.fields, &ty, self.standing == Standing::Declared, self.whole, names)
        } else {
            Value::object(crate::value::Object::new(), Origin::at(id_at))
        };
        let bare = !known || !shape::shows_all(&self.fields, self.lifted);
        let address: Arc<str> = identity.name.as_str().into();
        Resource {
            name: Value::string(Arc::clone(&address), Origin::at(name_at)),
            id: ResourceId::new(Pattern::literal(&identity.id)),
            api_version: match self.text("apiVersion") {
                Some((version, at)) => Attr::known(ApiVersion::new(&version), Origin::at(at)),
                None => Attr::absent(Origin::at(ty_at)),
            },
            address,
            body,
            existing: bare || self.standing == Standing::Named,
            seen: self.standing != Standing::Declared,
            managed: false,
            exists: Truth::True,
            condition: None,
            repeated: false,
            change: None,
            at: Places {
                whole: self.whole,
                ty: ty_at,
                name: Origin::at(name_at),
                properties: properties.map_or(ty_at, |(key, _)| key.at),
            },
            ty,
        }
    }
}

/// What a row is of.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) identity: Identity,
    id_at: Span,
    pub(super) ty: TypeName,
    ty_at: Span,
}
