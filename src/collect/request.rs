//! What shall be collected, checked.
//!
//! In: texts as a person writes them. Out: a [`Request`] that is safe to write into a command, or what is wrong. Must
//! not know: shells.

use std::fmt;

/// One registry or all of them, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The registry; without one all that are there.
    pub(super) registry: Option<String>,
    /// The subscription; without one that which the Azure CLI is set to.
    pub(super) subscription: Option<String>,
    /// The resource group that everything is asked of; without one the whole subscription.
    pub(super) resource_group: Option<String>,
    /// The folder of the dumps.
    pub(super) output_dir: String,
}

/// The hosts of registries, in each cloud.
const LOGIN_SUFFIXES: [&str; 3] = [".azurecr.io", ".azurecr.us", ".azurecr.cn"];

/// Why a request makes no sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Invalid {
    /// It is no name of a registry.
    Registry(String),
    /// It is no id of a subscription.
    Subscription(String),
    /// It is no name of a resource group.
    ResourceGroup(String),
    /// It cannot be written into a script.
    OutputDir,
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Registry(name) => write!(
                f,
                "`{name}` is no registry; its name has 5 to 50 letters and digits, and its login server is that name with \
                 .azurecr.io behind it"
            ),
            Self::Subscription(id) => write!(
                f,
                "`{id}` is no id of a subscription, which looks like 00000000-0000-0000-0000-000000000000; `az account \
                 list` tells it"
            ),
            Self::ResourceGroup(name) => write!(
                f,
                "`{name}` is no name of a resource group, which has 1 to 90 letters, digits and `-_.()`, and no dot at its \
                 end"
            ),
            Self::OutputDir => f.write_str("the name of the folder is empty or has control characters"),
        }
    }
}

impl Request {
    /// Checks what is given.
    pub fn new(
        registry: Option<&str>,
        subscription: Option<&str>,
        resource_group: Option<&str>,
        output_dir: &str,
    ) -> Result<Self, Invalid> {
        if output_dir.is_empty() || output_dir.chars().any(char::is_control) {
            return Err(Invalid::OutputDir);
        }
        Ok(Self {
            registry: registry.map(registry_name).transpose()?,
            subscription: subscription.map(subscription_id).transpose()?,
            resource_group: resource_group.map(group_name).transpose()?,
            output_dir: output_dir.to_owned(),
        })
    }
}

/// The name of a registry, also out of its login server: `name.azurecr.io`, or `name-hash.azurecr.io` where the
/// registry has a name of its own in the DNS.
fn registry_name(written: &str) -> Result<String, Invalid> {
    let lower = written.to_ascii_lowercase();
    let name = LOGIN_SUFFIXES.iter().find_map(|suffix| lower.strip_suffix(suffix)).map_or(lower.as_str(), |host| {
        match host.split_once('-') {
            Some((name, hash)) if hash.chars().all(|c| c.is_ascii_alphanumeric()) && !hash.is_empty() => name,
            Some(_) | None => host,
        }
    });
    if (5..=50).contains(&name.len()) && name.chars().all(|c| c.is_ascii_alphanumeric()) {
        Ok(name.to_owned())
    } else {
        Err(Invalid::Registry(written.to_owned()))
    }
}

fn subscription_id(written: &str) -> Result<String, Invalid> {
    let pieces: Vec<&str> = written.split('-').collect();
    let lengths: Vec<usize> = pieces.iter().map(|piece| piece.len()).collect();
    if lengths == [8, 4, 4, 4, 12] && pieces.concat().chars().all(|c| c.is_ascii_hexdigit()) {
        Ok(written.to_owned())
    } else {
        Err(Invalid::Subscription(written.to_owned()))
    }
}

fn group_name(written: &str) -> Result<String, Invalid> {
    let fits = |c: char| c.is_alphanumeric() || "-_.()".contains(c);
    if (1..=90).contains(&written.chars().count()) && written.chars().all(fits) && !written.ends_with('.') {
        Ok(written.to_owned())
    } else {
        Err(Invalid::ResourceGroup(written.to_owned()))
    }
}
