//! Which format is this tree?
//!
//! In: a tree. Out: [`Format`]. Must not know: file names; detection is by content.

use crate::json::{Kind, Node};

use super::dump::{self, Source};
use super::plain::Plain;
use super::terraform;

/// The formats that can be told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// An ARM template, hand-written or compiled.
    ArmTemplate,
    /// A parameter file of a template.
    ArmParameters,
    /// What `bicep snapshot` predicts that a deployment makes.
    BicepSnapshot,
    /// What a tool shows of resources that are there.
    Dump(Source),
    /// A text that is no JSON, and known all the same.
    Plain(Plain),
    /// A plan or a state of Terraform or `OpenTofu`.
    Terraform(terraform::Source),
    /// JSON, but nothing we know.
    Other,
}

impl Format {
    /// The words of reports.
    pub const fn words(self) -> &'static str {
        match self {
            Self::ArmTemplate => "ARM template",
            Self::ArmParameters => "ARM parameter file",
            Self::BicepSnapshot => "Bicep snapshot",
            Self::Dump(source) => source.words(),
            Self::Plain(plain) => plain.words(),
            Self::Terraform(source) => source.words(),
            Self::Other => "other JSON",
        }
    }
}

/// Tells the format of a document.
///
/// A template names its schema (`…/deploymentTemplate.json#`, also the subscription, management group and tenant
/// forms); a text without a schema counts as one when it has what every template has: `contentVersion` and `resources`.
/// A snapshot has a list of `predictedResources`.
pub fn detect(root: Node<'_>) -> Format {
    let schema = root.get_ci("$schema").and_then(|node| node.as_str().map(|text| text.to_ascii_lowercase()));
    if let Some(schema) = &schema {
        let file = schema.trim_end_matches('#').rsplit('/').next().unwrap_or_default().to_owned();
        if file.ends_with("deploymenttemplate.json") {
            return Format::ArmTemplate;
        }
        if file.ends_with("deploymentparameters.json") {
            return Format::ArmParameters;
        }
    }
    let has = |name: &str| root.get_ci(name).is_some();
    if schema.is_none() && root.get("predictedResources").is_some_and(|node| node.kind() == Kind::Array) {
        return Format::BicepSnapshot;
    }
    if has("contentVersion") && has("resources") {
        return Format::ArmTemplate;
    }
    if has("contentVersion") && has("parameters") && !has("resources") {
        return Format::ArmParameters;
    }
    if let Some(source) = terraform::detect(root) {
        return Format::Terraform(source);
    }
    dump::detect(root).map_or(Format::Other, Format::Dump)
}
