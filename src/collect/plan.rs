//! The table of commands, fitted to what is asked for.
//!
//! In: a [`Request`] and the table of [`commands`](super::commands). Out: a [`Plan`]: words, names of files and comments, in
//! the order of the script. Must not know: how a shell writes them.

use super::commands::{CHAPTERS, NEVER_WHOLE, Needs, Per, Row, graph_types};
use super::request::Request;

/// What a script does.
#[derive(Debug)]
pub struct Plan {
    /// What a person should know before running it; lines of a comment.
    pub preface: Vec<String>,
    /// The folder of the dumps.
    pub output_dir: String,
    /// The query of Resource Graph.
    pub graph: GraphQuery,
    /// The commands.
    pub chapters: Vec<PlannedChapter>,
}

/// The query of Resource Graph, which comes in pages.
#[derive(Debug)]
pub struct GraphQuery {
    /// What it answers.
    pub comments: Vec<String>,
    /// The resource types.
    pub types: Vec<&'static str>,
    /// What follows the condition on types, in the language of the query.
    pub rest: String,
    /// The words behind the query and its paging.
    pub scope: Vec<Word>,
}

/// A chapter of the script.
#[derive(Debug)]
pub struct PlannedChapter {
    /// Its heading.
    pub title: &'static str,
    /// Commands for one thing or kind of thing.
    pub groups: Vec<Group>,
}

/// Commands that are run for the same things.
#[derive(Debug)]
pub struct Group {
    /// What they are run for.
    pub over: Over,
    /// The commands.
    pub dumps: Vec<Dump>,
}

/// What a group of commands is run for.
#[derive(Debug)]
pub enum Over {
    /// Once.
    Once,
    /// Everything that a command lists, a name and a resource group a line.
    Listed {
        /// What that is.
        comment: String,
        /// The command.
        words: Vec<Word>,
    },
    /// Everything that the user writes into a variable, a name and a resource group each.
    Named {
        /// What that is.
        comments: Vec<String>,
        /// The variable.
        variable: &'static str,
        /// What it could hold.
        examples: [&'static str; 2],
    },
}

/// A command whose output is kept.
#[derive(Debug)]
pub struct Dump {
    /// What it answers, and what it needs.
    pub comments: Vec<String>,
    /// The name of the file.
    pub file: Vec<Word>,
    /// The words after `az`.
    pub words: Vec<Word>,
}

/// A word of a command, or a piece of the name of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Word {
    /// This text.
    Text(String),
    /// The name of what the command is run for.
    Name,
    /// The resource group of what the command is run for.
    Group,
}

fn text(text: impl Into<String>) -> Word {
    Word::Text(text.into())
}

/// Fits the commands to the request.
pub fn plan(request: &Request) -> Plan {
    let chapters = CHAPTERS.iter().map(|chapter| PlannedChapter {
        title: chapter.title,
        groups: chapter.rows.chunk_by(|a, b| a.per == b.per).map(|rows| group(request, rows)).collect(),
    });
    Plan {
        preface: preface(request),
        output_dir: request.output_dir.clone(),
        graph: graph(request),
        chapters: chapters.collect(),
    }
}

fn group(request: &Request, rows: &[Row]) -> Group {
    let per = rows.first().map_or(Per::Group, |row| row.per);
    let over = match (per, &request.registry) {
        (Per::Registry, Some(_)) => Over::Once,
        (Per::Group | Per::Subscription | Per::Registry, _) => match per {
            Per::Registry => listed(request, "every registry", "acr list", "[].[name, resourceGroup]"),
            _ => Over::Once,
        },
        (Per::Endpoint, _) => listed(
            request,
            "every private endpoint that leads to a registry",
            "network private-endpoint list",
            // The group id is `registry`, and `registries` is a piece of the id of the registry.
            "[?contains(to_string(@), 'registr')].[name, resourceGroup]",
        ),
        (Per::Zone, _) => listed(
            request,
            "every private DNS zone whose name has to do with registries",
            "network private-dns zone list",
            "[?contains(name, 'azurecr')].[name, resourceGroup]",
        ),
        (Per::RouteTable, _) => listed(
            request,
            "every route table (`az network route-table list` lists those of one resource group only)",
            "resource list --resource-type Microsoft.Network/routeTables",
            "[].[name, resourceGroup]",
        ),
        (Per::FirewallPolicy, _) => {
            listed(request, "every firewall policy", "network firewall policy list", "[].[name, resourceGroup]")
        }
        (Per::WebApp, _) => listed(request, "every web app", "webapp list", "[].[name, resourceGroup]"),
        (Per::FunctionApp, _) => listed(request, "every function app", "functionapp list", "[].[name, resourceGroup]"),
        (Per::Interface, _) => Over::Named {
            comments: vec![
                "For the network interfaces of clients that cannot reach the registry. Name them here: a name, a space, \
                 a resource group. Their machines must be running."
                    .to_owned(),
            ],
            variable: "interfaces",
            examples: ["client-nic rg-clients", "other-nic rg-clients"],
        },
        (Per::Site, _) => Over::Named {
            comments: vec![
                "For web apps and function apps that cannot pull. Name them here: a name, a space, a resource group."
                    .to_owned(),
            ],
            variable: "sites",
            examples: ["shop-app rg-shop", "other-app rg-shop"],
        },
        (Per::Workspace, _) => Over::Named {
            comments: vec![
                "For the workspaces of Log Analytics that the diagnostic settings of registries send to. Name them here by \
                 their workspace id, which `az monitor log-analytics workspace list` shows as customerId."
                    .to_owned(),
            ],
            variable: "workspaces",
            examples: ["11111111-1111-1111-1111-111111111111", "22222222-2222-2222-2222-222222222222"],
        },
    };
    Group { over, dumps: rows.iter().map(|row| dump(request, row)).collect() }
}

fn listed(request: &Request, what: &str, line: &str, query: &str) -> Over {
    let mut words: Vec<Word> = line.split(' ').map(text).collect();
    words.extend(group_words(request));
    words.extend(subscription_words(request));
    words.extend([text("--query"), text(query), text("--output"), text("tsv")]);
    Over::Listed { comment: format!("For {what}:"), words }
}

fn dump(request: &Request, row: &Row) -> Dump {
    let registry = request.registry.as_deref().filter(|_| row.per == Per::Registry);
    let name = || registry.map_or(Word::Name, text);
    let mut words: Vec<Word> =
        row.line.split(' ').map(|word| if word == "{name}" { name() } else { text(word) }).collect();
    let mut file = vec![text(row.file)];
    match row.per {
        Per::Subscription => {}
        Per::Group => words.extend(group_words(request)),
        // The name of a registry is unique in the world.
        Per::Registry => {
            file.extend([text("-"), name()]);
            if registry.is_some() {
                words.extend(group_words(request));
            } else {
                words.extend([text("--resource-group"), Word::Group]);
            }
        }
        Per::Endpoint
        | Per::Zone
        | Per::RouteTable
        | Per::FirewallPolicy
        | Per::WebApp
        | Per::FunctionApp
        | Per::Interface
        | Per::Site => {
            file.extend([text("-"), Word::Name, text("@"), Word::Group]);
            words.extend([text("--resource-group"), Word::Group]);
        }
        // Its id is unique in the world.
        Per::Workspace => file.extend([text("-"), Word::Name]),
    }
    file.push(text(".json"));
    words.extend(subscription_words(request));
    words.extend(row.asks.map(|asks| [text("--analytics-query"), text(asks)]).into_iter().flatten());
    if let Some(query) = row.query {
        words.extend([text("--query"), text(query)]);
    }
    words.extend([text("--output"), text("json")]);
    let mut comments = vec![row.answers.to_owned()];
    match row.needs {
        Needs::Reader => {}
        Needs::OnSubscription(permission) | Needs::More(permission) => comments.push(format!("Needs {permission}.")),
    }
    comments.extend(row.extension.map(needs_extension));
    Dump { comments, file, words }
}

/// Said of every command of an extension; `tools/check_collect.py` looks for it.
fn needs_extension(name: &str) -> String {
    format!("Needs the extension {name}: az extension add --name {name}")
}

fn group_words(request: &Request) -> Vec<Word> {
    option_words("--resource-group", request.resource_group.as_deref())
}

fn subscription_words(request: &Request) -> Vec<Word> {
    option_words("--subscription", request.subscription.as_deref())
}

fn option_words(option: &str, value: Option<&str>) -> Vec<Word> {
    value.map(|value| vec![text(option), text(value)]).unwrap_or_default()
}

fn graph(request: &Request) -> GraphQuery {
    let group = request.resource_group.as_deref();
    let scope = match (&request.subscription, group) {
        (Some(_), _) => "It is asked of the subscription only.",
        (None, _) => {
            "It is asked of all subscriptions that you can see, as networks and zones often lie in another one than the \
             registry."
        }
    };
    GraphQuery {
        comments: vec![
            format!(
                "What is there, across resource groups? One query, asked of the tables of resources, of DNS records and of \
                 Defender plans. {scope}"
            ),
            "It comes in pages of 1000 rows; as long as a page names a token, there is another one.".to_owned(),
            format!(
                "These types are left to the commands below, which leave out environment variables and settings: {}.",
                NEVER_WHOLE.join(", ")
            ),
            needs_extension("resource-graph"),
        ],
        types: graph_types(),
        rest: group.map_or_else(String::new, |group| format!(" | where resourceGroup =~ '{group}'"))
            + " | order by id asc",
        scope: option_words("--subscriptions", request.subscription.as_deref()),
    }
}

fn preface(request: &Request) -> Vec<String> {
    let what = match (&request.registry, &request.resource_group) {
        (Some(name), None) => format!("the registry {name}"),
        (Some(name), Some(group)) => format!("the registry {name}, in the resource group {group}"),
        (None, Some(group)) => format!("the registries in the resource group {group}"),
        (None, None) => "the registries of a subscription".to_owned(),
    };
    let place = match (&request.resource_group, &request.subscription) {
        (Some(group), _) => format!("the resource group {group}"),
        (None, Some(id)) => format!("the subscription {id}"),
        (None, None) => "the subscription that `az account show` names".to_owned(),
    };
    let rows = || CHAPTERS.iter().flat_map(|chapter| chapter.rows);
    let mut lines = vec![
        format!("Collects what acrlint needs to say why clients cannot reach {what}."),
        String::new(),
        format!(
            "Written by `acrlint collect`, which asks Azure nothing. Read it, sign in with `az login`, and run it. Every \
             command only reads; each writes one JSON file into the folder, which must be new or empty. A command that \
             fails does not stop the others: what is missing is told at the end. No keys, passwords or tokens are asked \
             for, but names, addresses and tags are in the files: look at them before you pass them on."
        ),
        String::new(),
        format!("Least privilege: the role Reader on {place} is enough, but for"),
    ];
    for row in rows() {
        match (row.needs, &request.resource_group) {
            (Needs::More(permission), _) => lines.push(format!("  {}: {permission}", row.file)),
            (Needs::OnSubscription(permission), Some(_)) => {
                lines.push(format!("  {}: {permission} on the subscription", row.file));
            }
            (Needs::OnSubscription(_) | Needs::Reader, _) => {}
        }
    }
    lines.push("What may not be read is missing, and leaves findings open; it does no other harm.".to_owned());
    if request.resource_group.is_none() {
        let on_subscription = rows().filter_map(|row| match row.needs {
            Needs::OnSubscription(permission) => Some(format!("{} needs {permission}", row.file)),
            Needs::Reader | Needs::More(_) => None,
        });
        lines.push(format!(
            "(Where Reader is given on resource groups only, name them one by one with --resource-group; of the \
             subscription itself {}.)",
            on_subscription.collect::<Vec<_>>().join(" and ")
        ));
    }
    lines.extend([
        String::new(),
        "Networks, private endpoints, DNS zones and clients in another subscription or resource group: run `acrlint \
         collect` for that one too, with another --output-dir, and check the folders together."
            .to_owned(),
    ]);
    lines
}
