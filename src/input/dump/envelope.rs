//! What is around the resources of a dump.
//!
//! In: a document. Out: [`Envelope`]. Must not know: file names, and what the resources are.
//!
//! Everything is told by content: ids that lead to Azure resources, and the names that tools put around lists.

use crate::json::{Kind, Node};

use super::loose::{self, Loose};
use crate::input::client::{self, Client};
use crate::input::events::{self, Rows};

/// The tool that a dump comes from, as far as its shape tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// `az … show`, `az … list`: properties are lifted to the top.
    Cli,
    /// The body of a REST response, `az rest`, `az resource show`.
    Rest,
    /// `Get-Az… | ConvertTo-Json`.
    PowerShell,
    /// Azure Resource Graph, by whatever tool.
    ResourceGraph,
    /// `az deployment … what-if`.
    WhatIf,
    /// Log Analytics, by whatever tool.
    Logs,
    /// `kubectl`.
    Kubernetes,
    /// A configuration of Docker.
    Docker,
    /// An error instead of an output.
    Failure,
    /// An empty list, which any of them may have printed.
    Empty,
}

impl Source {
    /// The word of reports for programs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Cli | Self::Failure | Self::Empty => "azure-cli",
            Self::Rest => "azure-rest",
            Self::PowerShell => "azure-powershell",
            Self::ResourceGraph => "resource-graph",
            Self::WhatIf => "what-if",
            Self::Logs => "log-analytics",
            Self::Kubernetes => "kubernetes",
            Self::Docker => "docker",
        }
    }

    /// The words for a person.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Cli | Self::Empty => "output of the Azure CLI",
            Self::Failure => "error instead of an output",
            Self::Rest => "response of Azure's REST API",
            Self::PowerShell => "output of Azure PowerShell",
            Self::ResourceGraph => "result of Azure Resource Graph",
            Self::WhatIf => "what-if result",
            Self::Logs => "result of Log Analytics",
            Self::Kubernetes => "workloads of Kubernetes",
            Self::Docker => "configuration of Docker",
        }
    }
}

/// A document, opened.
#[derive(Clone, Copy, Debug)]
pub(super) enum Envelope<'t> {
    /// The answer is an error: the object with `code` and `message`.
    Failure(Node<'t>),
    /// One resource.
    One(Node<'t>),
    /// Several.
    List {
        /// The list.
        array: Node<'t>,
        /// The object around it, where there is one.
        around: Option<Node<'t>>,
        /// Where it comes from.
        source: Source,
    },
    /// The table format of Resource Graph.
    Table {
        /// The names.
        columns: Node<'t>,
        /// The rows, arrays themselves.
        rows: Node<'t>,
        /// The object around.
        around: Node<'t>,
    },
    /// The changes of a what-if.
    WhatIf(Node<'t>),
    /// Something that belongs to a resource which is not named.
    Loose(Loose<'t>),
    /// Requests that registries logged.
    Events(Rows<'t>),
    /// What a client shows of itself.
    Client(Client<'t>),
    /// A list of nothing.
    Empty,
}

/// What a page says of those that follow.
#[derive(Clone, Copy, Debug)]
pub(super) enum More<'t> {
    /// The address of the next page.
    NextLink(Node<'t>),
    /// The token for the next page.
    SkipToken(Node<'t>),
    /// The service cut the result.
    Truncated(Node<'t>),
    /// There are more records than are here.
    Total(Node<'t>),
}

/// Opens a document; `None` where it is no dump.
pub(super) fn open(root: Node<'_>) -> Option<Envelope<'_>> {
    if let Some(rows) = events::open(root) {
        return Some(Envelope::Events(rows));
    }
    match root.kind() {
        Kind::Array => list(root, None),
        Kind::Object => object(root),
        Kind::Null | Kind::Bool(_) | Kind::Number | Kind::String => None,
    }
}

fn object(root: Node<'_>) -> Option<Envelope<'_>> {
    if is_resource(root) {
        return Some(Envelope::One(root));
    }
    let inner = root.get_ci("properties").unwrap_or(root);
    for holder in [root, inner] {
        if let Some(changes) = holder.get_ci("changes").filter(|changes| first(*changes).is_some_and(is_change)) {
            return Some(Envelope::WhatIf(changes));
        }
    }
    if let Some(failure) = failure(root) {
        return Some(Envelope::Failure(failure));
    }
    if let Some(loose) = loose::open(root) {
        return Some(Envelope::Loose(loose));
    }
    if let Some(client) = client::open(root) {
        return Some(Envelope::Client(client));
    }
    if let Some(data) = root.get_ci("data") {
        return graph(root, data);
    }
    let value = root.get_ci("value").filter(|value| value.kind() == Kind::Array)?;
    list(value, Some(root))
}

fn graph<'t>(around: Node<'t>, data: Node<'t>) -> Option<Envelope<'t>> {
    if let (Some(columns), Some(rows)) = (data.get_ci("columns"), data.get_ci("rows")) {
        let named = columns.items().any(|column| column.get_ci("name").is_some_and(|name| name.is_text_ci("id")));
        return named.then_some(Envelope::Table { columns, rows, around });
    }
    if first(data).is_some_and(is_resource) {
        return Some(Envelope::List { array: data, around: Some(around), source: Source::ResourceGraph });
    }
    let of_graph = ["total_records", "totalRecords", "skip_token", "$skipToken", "resultTruncated"];
    let known = of_graph.iter().any(|name| around.get_ci(name).is_some());
    (known && data.kind() == Kind::Array && data.is_empty()).then_some(Envelope::Empty)
}

fn list<'t>(array: Node<'t>, around: Option<Node<'t>>) -> Option<Envelope<'t>> {
    if array.is_empty() {
        let plain = around.is_none_or(|around| {
            around.members().all(|member| ["value", "nextLink", "Count"].iter().any(|name| member.key.is_text_ci(name)))
        });
        return plain.then_some(Envelope::Empty);
    }
    let found = array.items().take(LOOK).find(|item| is_resource(*item));
    if let Some(resource) = found {
        let source = match around {
            Some(_) if source_of(resource) == Source::Cli => Source::Rest,
            Some(_) | None => source_of(resource),
        };
        return Some(Envelope::List { array, around, source });
    }
    let nested = array.items().take(LOOK).filter(|item| !item.is_empty()).find_map(|item| match item.kind() {
        Kind::Array if item.items().take(LOOK).any(is_resource) => Some(Source::Cli),
        Kind::Array => events::open(item).map(|_| Source::Logs),
        Kind::Object => match object(item)? {
            Envelope::Failure(_) => None,
            inner => Some(inner.source()),
        },
        Kind::Null | Kind::Bool(_) | Kind::Number | Kind::String => None,
    });
    nested.map(|source| Envelope::List { array, around, source })
}

/// How many elements are looked at to tell what a list is of.
pub(super) const LOOK: usize = 8;

fn first(array: Node<'_>) -> Option<Node<'_>> {
    array.items().next()
}

/// Whether an object is a resource: it has an id that leads to one.
pub(super) fn is_resource(node: Node<'_>) -> bool {
    super::row::id_of(node).is_some_and(|id| {
        id.as_str().is_some_and(|id| {
            let id = id.to_ascii_lowercase();
            id.starts_with('/') && (id.contains("/providers/") || id.starts_with("/subscriptions/"))
        })
    })
}

fn is_change(node: Node<'_>) -> bool {
    node.get_ci("resourceId").is_some() && node.get_ci("changeType").is_some()
}

/// The object that says what went wrong, where the document is an error rather than an answer.
fn failure(root: Node<'_>) -> Option<Node<'_>> {
    let says = |node: &Node<'_>| {
        node.get_ci("code").is_some_and(|code| code.kind() == Kind::String) && node.get_ci("message").is_some()
    };
    if let Some(error) = root.get_ci("error").filter(says) {
        return Some(error);
    }
    let members = ["code", "message", "target", "details", "innererror", "additionalInfo", "status", "statusCode"];
    let only = root.members().all(|member| members.iter().any(|name| member.key.is_text_ci(name)));
    (only && says(&root)).then_some(root)
}

/// Where the object around a list counts the records of the whole result.
fn total(around: Node<'_>) -> Option<Node<'_>> {
    ["total_records", "totalRecords"]
        .iter()
        .find_map(|name| around.get_ci(name))
        .filter(|node| node.kind() == Kind::Number)
}

fn source_of(resource: Node<'_>) -> Source {
    let has = |name: &str| resource.get_ci(name).is_some();
    if has("tenantId") && has("subscriptionId") && has("type") {
        return Source::ResourceGraph;
    }
    if resource.get("Id").is_some() || resource.get("ResourceId").is_some() {
        return Source::PowerShell;
    }
    match resource.get_ci("properties").map(Node::kind) {
        Some(Kind::Object) if !has("resourceGroup") => Source::Rest,
        Some(_) | None => Source::Cli,
    }
}

impl<'t> Envelope<'t> {
    /// The tool that it comes from.
    pub(super) fn source(&self) -> Source {
        match self {
            Self::Failure(_) => Source::Rest,
            Self::One(node) => source_of(*node),
            Self::List { source, .. } => *source,
            Self::Table { .. } => Source::ResourceGraph,
            Self::WhatIf(_) => Source::WhatIf,
            Self::Loose(_) => Source::Cli,
            Self::Events(_) => Source::Logs,
            Self::Client(Client::Workloads(_)) => Source::Kubernetes,
            Self::Client(Client::DockerDaemon(_) | Client::DockerConfig(_)) => Source::Docker,
            Self::Empty => Source::Empty,
        }
    }

    fn around(&self) -> Option<Node<'t>> {
        match self {
            Self::List { around, .. } => *around,
            Self::Table { around, .. } => Some(*around),
            Self::Failure(_)
            | Self::One(_)
            | Self::WhatIf(_)
            | Self::Loose(_)
            | Self::Events(_)
            | Self::Client(_)
            | Self::Empty => None,
        }
    }

    /// Whether it is one of several pages, the last one perhaps.
    pub(super) fn is_paged(&self) -> bool {
        self.around().is_some()
    }

    /// Whether a further page of the same kind.
    pub(super) fn pages_like(&self, other: &Self) -> bool {
        self.is_paged() && other.is_paged() && self.source() == other.source()
    }

    /// What it says of further pages.
    pub(super) fn more(&self) -> Option<More<'t>> {
        let around = self.around()?;
        let there = |name: &str| {
            around.get_ci(name).filter(|node| match node.kind() {
                Kind::String => !node.is_text(""),
                Kind::Null => false,
                Kind::Bool(_) | Kind::Number | Kind::Array | Kind::Object => true,
            })
        };
        if let Some(link) = there("nextLink").or_else(|| there("@odata.nextLink")) {
            return Some(More::NextLink(link));
        }
        let token = ["skip_token", "$skipToken", "skipToken"].iter().find_map(|name| there(name));
        if let Some(token) = token {
            return Some(More::SkipToken(token));
        }
        if let Some(cut) = there("resultTruncated") {
            let says = cut.kind() == Kind::Bool(true) || cut.is_text_ci("true");
            if says {
                return Some(More::Truncated(cut));
            }
        }
        (self.total()? > self.count()).then(|| total(around).map(More::Total))?
    }

    /// How many records it says that its whole result has.
    pub(super) fn total(&self) -> Option<usize> {
        total(self.around()?)?.raw().parse().ok()
    }

    /// How many are here.
    pub(super) fn count(&self) -> usize {
        match self {
            Self::List { array, .. } => array.len(),
            Self::Table { rows, .. } => rows.len(),
            Self::Failure(_)
            | Self::One(_)
            | Self::WhatIf(_)
            | Self::Loose(_)
            | Self::Events(_)
            | Self::Client(_)
            | Self::Empty => 0,
        }
    }
}
