//! What registries logged of requests: rows of `ContainerRegistryLoginEvents` and `ContainerRegistryRepositoryEvents`.
//!
//! In: rows of Log Analytics, as objects, as a table with columns, or as lines of an export. Out: one [`Resource`] for each
//! address, registry and result, however many rows there are. Must not know: which results are good or bad.
//!
//! A row is one of a registry's when it says so: by its table, its login server or its resource id.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher as _};
use std::sync::Arc;

use crate::json::{Kind, Node};
use crate::resource::{Places, Resource, ResourceId, TypeName};
use crate::source::Span;
use crate::value::{Attr, Data, Key, Object, Origin, Pattern, Truth, Value};

use super::csv;

/// The type of what this module makes. It is none of Azure's: events are no resources.
const TYPE: &str = "acrlint/loginEvents";

/// The columns that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Time,
    Caller,
    ResultType,
    Result,
    LoginServer,
    ResourceId,
    Operation,
    UserAgent,
    Table,
    Count,
    Correlation,
}

impl Column {
    const COUNT: usize = 11;

    /// The column of a name; portal exports put the time zone behind that of a time.
    fn of(name: &str) -> Option<Self> {
        let name = name.trim();
        let name = name.split_once(" [").map_or(name, |(name, _)| name);
        Some(match name.to_ascii_lowercase().as_str() {
            "timegenerated" => Self::Time,
            "calleripaddress" => Self::Caller,
            "resulttype" => Self::ResultType,
            "resultdescription" => Self::Result,
            "loginserver" => Self::LoginServer,
            "_resourceid" => Self::ResourceId,
            "operationname" => Self::Operation,
            "useragent" => Self::UserAgent,
            "type" => Self::Table,
            // What `summarize count()` makes.
            "count_" => Self::Count,
            "correlationid" => Self::Correlation,
            _ => return None,
        })
    }
}

/// A value of a row.
#[derive(Clone, Debug)]
struct Cell<'t> {
    text: Cow<'t, str>,
    at: Span,
}

/// The values of one row that matter.
#[derive(Clone, Debug)]
pub(super) struct Row<'t> {
    cells: [Option<Cell<'t>>; Column::COUNT],
    at: Span,
}

impl<'t> Row<'t> {
    fn new(at: Span) -> Self {
        Self { cells: Default::default(), at }
    }

    fn put(&mut self, column: Column, text: Cow<'t, str>, at: Span) {
        if let Some(slot) = self.cells.get_mut(column as usize) {
            *slot = Some(Cell { text, at });
        }
    }

    fn get(&self, column: Column) -> Option<&Cell<'t>> {
        self.cells.get(column as usize)?.as_ref().filter(|cell| !cell.text.trim().is_empty())
    }

    fn text(&self, column: Column) -> &str {
        self.get(column).map_or("", |cell| cell.text.trim())
    }

    /// Whether it tells of a request to a registry.
    fn is_event(&self) -> bool {
        let has = |column: Column| self.get(column).is_some();
        let table = self.text(Column::Table);
        let registry = if table.is_empty() {
            self.text(Column::LoginServer).to_ascii_lowercase().contains(".azurecr.") || self.registry_id().is_some()
        } else {
            is_table(table)
        };
        registry && has(Column::Caller) && (has(Column::Result) || has(Column::ResultType))
    }

    fn registry_id(&self) -> Option<&str> {
        let id = self.text(Column::ResourceId);
        id.to_ascii_lowercase().contains("/providers/microsoft.containerregistry/registries/").then_some(id)
    }
}

fn is_table(name: &str) -> bool {
    ["ContainerRegistryLoginEvents", "ContainerRegistryRepositoryEvents"].iter().any(|t| t.eq_ignore_ascii_case(name))
}

/// A node as the text of a cell; nothing for `null` and what is no scalar.
fn put_node<'t>(row: &mut Row<'t>, column: Column, node: Node<'t>) {
    match node.kind() {
        Kind::String => row.put(column, node.as_str().unwrap_or_default(), node.span()),
        Kind::Number => row.put(column, Cow::Borrowed(node.raw()), node.span()),
        Kind::Null | Kind::Bool(_) | Kind::Array | Kind::Object => {}
    }
}

fn of_object(node: Node<'_>) -> Row<'_> {
    let mut row = Row::new(node.head());
    for member in node.members() {
        if let Some(column) = member.key.as_str().as_deref().and_then(Column::of) {
            put_node(&mut row, column, member.value);
        }
    }
    row
}

/// The rows of a document: a list of objects, the answer of the service with its tables, or PowerShell's `Results`.
#[derive(Clone, Copy, Debug)]
pub(super) enum Rows<'t> {
    /// Objects.
    Objects(Node<'t>),
    /// Tables, each with `columns` and `rows`.
    Tables(Node<'t>),
}

/// So many rows are looked at to tell what they are.
const LOOK: usize = 8;

/// Opens a document; `None` where it shows no events of registries.
pub(super) fn open(root: Node<'_>) -> Option<Rows<'_>> {
    let objects =
        |list: Node<'_>| list.items().take(LOOK).any(|item| item.kind() == Kind::Object && of_object(item).is_event());
    match root.kind() {
        Kind::Array => objects(root).then_some(Rows::Objects(root)),
        Kind::Object => {
            if let Some(results) = root.get_ci("Results").filter(|list| objects(*list)) {
                return Some(Rows::Objects(results));
            }
            let tables = root.get_ci("tables")?;
            let rows = Rows::Tables(tables);
            let named = tables.items().any(|table| {
                let columns = columns(table);
                [Column::Caller, Column::LoginServer].iter().all(|wanted| columns.contains(&Some(*wanted)))
            });
            let mut some = rows.into_iter_boxed().take(LOOK).peekable();
            let events = if some.peek().is_none() { named } else { some.any(|row| row.is_event()) };
            events.then_some(rows)
        }
        Kind::Null | Kind::Bool(_) | Kind::Number | Kind::String => None,
    }
}

fn columns(table: Node<'_>) -> Vec<Option<Column>> {
    let names = table.get_ci("columns").into_iter().flat_map(Node::items);
    names.map(|column| column.get_ci("name")?.as_str().as_deref().and_then(Column::of)).collect()
}

impl<'t> Rows<'t> {
    fn into_iter_boxed(self) -> Box<dyn Iterator<Item = Row<'t>> + 't> {
        match self {
            Self::Objects(list) => Box::new(list.items().filter(|item| item.kind() == Kind::Object).map(of_object)),
            Self::Tables(tables) => Box::new(tables.items().flat_map(|table| {
                let columns = columns(table);
                let rows = table.get_ci("rows").into_iter().flat_map(Node::items);
                rows.map(move |cells| {
                    let mut row = Row::new(cells.head());
                    for (column, cell) in columns.iter().zip(cells.items()) {
                        if let Some(column) = column {
                            put_node(&mut row, *column, cell);
                        }
                    }
                    row
                })
            })),
        }
    }
}

/// The names of the columns: the first line, but for those that PowerShell (`#TYPE …`) and Excel (`sep=,`) want before it.
fn header<'t>(records: &mut csv::Records<'t>) -> Option<csv::Record<'t>> {
    let before = |record: &csv::Record<'_>| {
        record.fields.first().is_some_and(|field| field.text.starts_with("#TYPE ") || field.text.starts_with("sep="))
    };
    records.find(|record| !before(record))
}

/// The rows of an export; `None` where the lines are none of ours. With a flag that is false where the text is cut off.
fn of_lines(records: csv::Records<'_>) -> Option<impl Iterator<Item = (Row<'_>, bool)>> {
    let mut records = records;
    let header = header(&mut records)?;
    let columns: Vec<Option<Column>> = header.fields.iter().map(|field| Column::of(&field.text)).collect();
    let has = |column: Column| columns.contains(&Some(column));
    let named = has(Column::LoginServer) || has(Column::ResourceId) || has(Column::Table);
    if !has(Column::Caller) || !(has(Column::Result) || has(Column::ResultType)) || !named {
        return None;
    }
    Some(records.map(move |record| {
        let mut row = Row::new(record.at);
        for (column, field) in columns.iter().zip(record.fields) {
            if let Some(column) = column {
                row.put(*column, field.text, field.at);
            }
        }
        (row, record.closed)
    }))
}

/// Whether a text is an export of such rows.
pub(super) fn is_export(records: &csv::Records<'_>) -> bool {
    let mut behind = records.clone();
    let Some(header) = header(&mut behind) else { return false };
    let empty = behind.next().is_none();
    let Some(mut rows) = of_lines(records.clone()) else { return false };
    // Of a header alone nobody can say more than its names do.
    let server = header.fields.iter().any(|field| Column::of(&field.text) == Some(Column::LoginServer));
    if empty { server } else { rows.by_ref().take(LOOK).any(|(row, _)| row.is_event()) }
}

/// Events by address, registry and result.
#[derive(Debug, Default)]
pub(super) struct Groups {
    all: Vec<Group>,
    by_key: HashMap<String, usize>,
    /// Rows that were seen, by what tells them apart: exports overlap.
    seen: HashSet<u64>,
}

/// Requests with the same address, registry and result.
#[derive(Debug)]
struct Group {
    properties: Object,
    name: String,
    at: Places,
    count: i64,
    counted_at: Span,
    times: Option<(String, String)>,
    time_at: Span,
}

impl Groups {
    /// Takes the rows of a document.
    pub(super) fn add(&mut self, rows: Rows<'_>) {
        rows.into_iter_boxed().for_each(|row| self.row(&row));
    }

    /// Takes the lines of an export; the place of the line that is cut off, where one is.
    pub(super) fn add_lines(&mut self, records: csv::Records<'_>) -> Option<Span> {
        let mut cut = None;
        for (row, closed) in of_lines(records).into_iter().flatten() {
            if closed {
                self.row(&row);
            } else {
                cut = Some(row.at);
            }
        }
        cut
    }

    fn row(&mut self, row: &Row<'_>) {
        if !row.is_event() || self.is_known(row) {
            return;
        }
        let id = row.registry_id().map(str::to_ascii_lowercase);
        let server = row.text(Column::LoginServer).to_ascii_lowercase();
        let registry = id.as_deref().unwrap_or(&server);
        let (caller, ty, result) = (row.text(Column::Caller), row.text(Column::ResultType), row.text(Column::Result));
        let key = [registry, caller, ty, result].join("\n");
        let at = *self.by_key.entry(key).or_insert_with(|| {
            self.all.push(Group::of(row));
            self.all.len() - 1
        });
        if let Some(group) = self.all.get_mut(at) {
            group.take(row);
        }
    }

    /// Whether the same row was there before.
    fn is_known(&mut self, row: &Row<'_>) -> bool {
        if row.get(Column::Correlation).is_none() || row.get(Column::Time).is_none() {
            return false;
        }
        let mut hasher = DefaultHasher::new();
        for column in [Column::Correlation, Column::Time, Column::Caller, Column::Operation, Column::Result] {
            row.text(column).hash(&mut hasher);
        }
        !self.seen.insert(hasher.finish())
    }

    /// The resources, in the order of their first rows.
    pub(super) fn into_resources(self) -> Vec<Resource> {
        self.all.into_iter().map(Group::into_resource).collect()
    }
}

impl Group {
    fn of(row: &Row<'_>) -> Self {
        let mut properties = Object::new();
        let named = [
            ("callerIpAddress", Column::Caller),
            ("resultType", Column::ResultType),
            ("resultDescription", Column::Result),
            ("loginServer", Column::LoginServer),
            ("registryId", Column::ResourceId),
            ("operationName", Column::Operation),
            ("userAgent", Column::UserAgent),
        ];
        for (name, column) in named {
            let Some(cell) = row.get(column) else { continue };
            let at = cell.at;
            properties.push(Key { name: name.into(), at }, Value::string(cell.text.trim(), Origin::at(at)));
        }
        let registry = match (row.text(Column::LoginServer), row.registry_id()) {
            ("", Some(id)) => id.rsplit('/').next().unwrap_or_default().to_owned(),
            (server, _) => server.to_owned(),
        };
        let result = Some(row.text(Column::Result)).filter(|text| !text.is_empty());
        let result = result.unwrap_or_else(|| row.text(Column::ResultType));
        let caller = row.get(Column::Caller).map_or(row.at, |cell| cell.at);
        Self {
            properties,
            name: format!("{registry} {} {result}", row.text(Column::Caller)).trim().replace('/', "_"),
            at: Places { whole: row.at, ty: caller, name: Origin::at(caller), properties: caller },
            count: 0,
            counted_at: row.get(Column::Count).map_or(caller, |cell| cell.at),
            times: None,
            time_at: row.get(Column::Time).map_or(caller, |cell| cell.at),
        }
    }

    /// Counts a row.
    fn take(&mut self, row: &Row<'_>) {
        let many = row.text(Column::Count).parse::<i64>().ok().filter(|many| *many > 0);
        self.count = self.count.saturating_add(many.unwrap_or(1));
        let time = row.text(Column::Time);
        // Only times of this form compare as they are written.
        if !is_sortable(time) {
            return;
        }
        match &mut self.times {
            Some((first, _)) if time < first.as_str() => time.clone_into(first),
            Some((_, last)) if time > last.as_str() => time.clone_into(last),
            Some(_) => {}
            None => self.times = Some((time.to_owned(), time.to_owned())),
        }
    }

    fn into_resource(mut self) -> Resource {
        let at = |span: Span| Origin::at(span);
        let key = |name: &str, at: Span| Key { name: name.into(), at };
        let count = Value::new(Data::Int(self.count), at(self.counted_at));
        self.properties.push(key("count", self.counted_at), count);
        if let Some((first, last)) = self.times {
            self.properties.push(key("firstTime", self.time_at), Value::string(first, at(self.time_at)));
            self.properties.push(key("lastTime", self.time_at), Value::string(last, at(self.time_at)));
        }
        seen(TYPE, &self.name, self.at, self.properties)
    }
}

/// `2026-05-04T…`: the beginning of a time that sorts as text.
fn is_sortable(time: &str) -> bool {
    let digits = |range: std::ops::Range<usize>| {
        time.as_bytes().get(range).is_some_and(|bytes| bytes.iter().all(u8::is_ascii_digit))
    };
    digits(0..4) && digits(5..7) && digits(8..10) && time.get(4..5) == Some("-") && time.get(10..11) == Some("T")
}

/// Something that was seen and is no resource of Azure: `acrlint/…`.
pub(super) fn seen(ty: &str, name: &str, at: Places, properties: Object) -> Resource {
    let mut body = Object::new();
    let near = at.properties;
    body.push(Key { name: "properties".into(), at: near }, Value::object(properties, Origin::at(near)));
    let address: Arc<str> = name.into();
    let kind = ty.rsplit('/').next().unwrap_or_default();
    Resource {
        ty: TypeName::new(ty),
        name: Value::string(Arc::clone(&address), at.name),
        id: ResourceId::new(Pattern::literal(&format!("/providers/acrlint/{kind}/{}", name.replace('/', "_")))),
        api_version: Attr::absent(Origin::at(at.ty)),
        address,
        body: Value::object(body, Origin::at(at.whole)),
        existing: false,
        seen: true,
        managed: false,
        exists: Truth::True,
        condition: None,
        repeated: false,
        change: None,
        at,
    }
}
