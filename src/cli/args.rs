//! The arguments, as the user types them.
//!
//! In: nothing. Out: [`Arguments`]. Must not know: what is done with them. The help texts are the reference.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::config::Date;
use crate::report;
use crate::rules::suggest::closest;

/// What every exit code means; a macro, so that longer texts can end with it.
macro_rules! exit_codes {
    () => {
        "\
Exit codes:
  0  nothing at or above --fail-on
  1  findings or problems at or above --fail-on
  2  wrong usage, nothing to check, or a named file that cannot be used"
    };
}

const ABOUT: &str = concat!(
    "\
Examples:
  acrlint check infra/          what is wrong in a folder
  acrlint rule                  what there is to be found
  acrlint collect > collect.sh  the commands that dump what is really there

",
    exit_codes!()
);

const ABOUT_CHECK: &str = concat!(
    "\
Examples:
  acrlint check                                     everything below this folder
  acrlint check main.json --parameters prod.json    one template with its parameters
  acrlint check plan.json dumps/                    a plan of Terraform beside what is there
  az acr show --name myreg | acrlint check -        what a command prints
  acrlint check --format github --output sarif=acrlint.sarif
                                                    annotations, and a report for code scanning

",
    exit_codes!()
);

const ABOUT_RULE: &str = "\
Examples:
  acrlint rule                 all rules, a line each
  acrlint rule --format json   everything about all rules, for programs";

const ABOUT_EXPAND: &str = "\
Examples:
  acrlint expand main.json --format tree            what is deployed where
  acrlint expand main.json --why /resources/0/properties/publicNetworkAccess
                                                    the way of a value to the place to edit";

const ABOUT_COLLECT: &str = "\
Examples:
  acrlint collect myreg > collect.sh                read it, then run it where `az login` was done
  acrlint collect --shell powershell > collect.ps1  for all registries of the subscription";

const ABOUT_COMPLETIONS: &str = "\
Examples:
  acrlint completions bash > ~/.local/share/bash-completion/completions/acrlint
  acrlint completions zsh > \"${fpath[1]}/_acrlint\"
  acrlint completions fish > ~/.config/fish/completions/acrlint.fish";

const ABOUT_MAN: &str = "\
Examples:
  acrlint man > acrlint.1
  acrlint man check > acrlint-check.1";

const REPORT: &str = "Report";
const RULES: &str = "Rules";
const WORLD: &str = "What is not in the input";
const BASELINE: &str = "Known findings";

/// Says, offline, why clients cannot reach an Azure Container Registry, and proves it with the lines of the
/// configuration.
#[derive(Debug, Parser)]
#[command(name = "acrlint", version, max_term_width = 100, arg_required_else_help = true, after_help = ABOUT)]
pub struct Arguments {
    /// Colors: `auto`, `always` or `never`; `auto` means on a terminal, unless `NO_COLOR` is set
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t, hide_possible_values = true)]
    pub color: Color,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// When to color.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check files and directories
    Check(CheckArguments),
    /// Show which settings `check` would take with the same arguments, and where each comes from
    Config(CheckArguments),
    /// Explain a rule, or list all of them
    Rule(RuleArguments),
    /// Show what a template deploys, with every expression evaluated
    Expand(ExpandArguments),
    /// Print the commands that produce the dumps of what is really there; nothing is run
    Collect(CollectArguments),
    /// Print the completions for a shell
    Completions(CompletionsArguments),
    /// Print the manual page of the program or of a command
    Man(ManArguments),
}

/// Arguments of `acrlint check`.
#[derive(Clone, Debug, Args)]
#[command(after_help = ABOUT_CHECK)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch that the user sets or not")]
pub struct CheckArguments {
    /// Files and directories; `-` is standard input
    ///
    /// Inputs are ARM templates, written by hand or compiled from Bicep, Bicep snapshots, and dumps: what the Azure CLI, PowerShell, the
    /// REST API, Resource Graph or a what-if print as JSON. Login events of Log Analytics (JSON or CSV) and what configures clients
    /// (hosts files, forwarders of resolvers, proxies of Docker and systemd, `kubectl get pods -o json`) are evidence beside
    /// them. All dumps are one estate, which each template joins. In a directory, files that
    /// are none are skipped, as is what .gitignore excludes. A file that is named must be one: it is an error (exit code 2) when it
    /// is not, or cannot be read or parsed.
    #[arg(value_name = "PATH", default_value = ".")]
    pub paths: Vec<PathBuf>,
    /// How the report is written
    #[arg(help_heading = REPORT, long, value_enum, default_value_t, value_name = "FORMAT")]
    pub format: ReportFormat,
    /// Write the report to a file instead of standard output
    #[arg(help_heading = REPORT, long, short, value_name = "FILE")]
    pub output_file: Option<PathBuf>,
    /// Write the report to a file as well, in a format of its own; repeatable
    #[arg(help_heading = REPORT, long, value_name = "FORMAT=FILE")]
    pub output: Vec<Output>,
    /// The lowest level that makes the exit code 1 (default: warning)
    #[arg(help_heading = RULES, long, value_enum, value_name = "LEVEL")]
    pub fail_on: Option<FailOn>,
    /// The level of findings that cannot be decided from what is known (default: note)
    #[arg(help_heading = RULES, long, value_enum, value_name = "LEVEL")]
    pub open: Option<Open>,
    /// The same as `--open warning`
    #[arg(help_heading = RULES, long, conflicts_with = "open")]
    pub strict: bool,
    /// What the input does not declare may exist all the same
    #[arg(help_heading = WORLD, long, conflicts_with = "closed_world")]
    pub open_world: bool,
    /// What the input does not declare does not exist
    #[arg(help_heading = WORLD, long)]
    pub closed_world: bool,
    /// Only these rules: ids, sets (`hardening`), beginnings (`acr-*`), `default` or `all`; repeatable, or with commas
    #[arg(help_heading = RULES, long, value_name = "RULE", value_delimiter = ',')]
    pub select: Vec<String>,
    /// Not these rules, in the same words
    #[arg(help_heading = RULES, long, value_name = "RULE", value_delimiter = ',')]
    pub ignore: Vec<String>,
    /// Judge every value of parameters that have a default value and few possible values, too
    ///
    /// Without it only parameters that have no value are tried. A finding says for which values it holds.
    #[arg(long)]
    pub explore: bool,
    /// The registry that dumps without a name of their own belong to, such as `az acr network-rule list`
    #[arg(help_heading = WORLD, long, value_name = "NAME")]
    pub registry: Option<String>,
    /// The folder with the `.tf` files of a Terraform plan, at whose lines findings point
    ///
    /// Without it that is the folder in which the plan lies, where it holds such files. Modules are read where their source is a
    /// path inside of the project. What is not found in the sources has its place in the plan.
    #[arg(long, value_name = "DIR")]
    pub source: Option<PathBuf>,
    /// The input shows everything of this scope, so what it does not show there does not exist; repeatable
    ///
    /// A scope is /subscriptions/ID, /subscriptions/ID/resourceGroups/NAME or the id of a resource.
    #[arg(help_heading = WORLD, long, value_name = "SCOPE")]
    pub complete: Vec<String>,
    /// A file of known findings, which are not reported
    #[arg(help_heading = BASELINE, long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Write what is found to the file that --baseline names, instead of reading it
    #[arg(help_heading = BASELINE, long, requires = "baseline")]
    pub write_baseline: bool,
    /// A folder with the other state of the same files, such as a worktree of the main branch: only findings that it
    /// does not have are reported
    #[arg(help_heading = BASELINE, long, value_name = "DIR")]
    pub against: Option<PathBuf>,
    /// The day that exemptions with an end are held against, YYYY-MM-DD; without it that of the system's clock
    #[arg(help_heading = BASELINE, long, value_name = "DAY")]
    pub today: Option<Date>,
    /// It is no error when there is nothing to check
    #[arg(long)]
    pub allow_empty: bool,
    /// No notes and no closing line
    #[arg(help_heading = REPORT, long, short)]
    pub quiet: bool,
    /// Say on standard error how long each stage took
    #[arg(help_heading = REPORT, long, short, conflicts_with = "quiet")]
    pub verbose: bool,
    /// Say on standard error how often each rule was broken
    #[arg(help_heading = REPORT, long)]
    pub statistics: bool,
    /// Where the configuration is.
    #[command(flatten)]
    pub config: ConfigArguments,
    /// What is given beside a template.
    #[command(flatten)]
    pub template: TemplateArguments,
}

/// Where the configuration is.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Configuration")]
pub struct ConfigArguments {
    /// The configuration; without it acrlint.json of the current folder, or of one above it up to the root of the
    /// repository
    #[arg(long, value_name = "FILE", conflicts_with = "no_config")]
    pub config: Option<PathBuf>,
    /// Take no configuration
    #[arg(long)]
    pub no_config: bool,
}

/// Arguments of `acrlint rule`.
#[derive(Debug, Args)]
#[command(after_help = ABOUT_RULE)]
pub struct RuleArguments {
    /// The rule to explain; without it all rules are listed
    #[arg(value_name = "RULE")]
    pub id: Option<String>,
    /// How it is written
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub format: TextFormat,
}

/// Arguments of `acrlint expand`.
#[derive(Debug, Args)]
#[command(after_help = ABOUT_EXPAND)]
pub struct ExpandArguments {
    /// A template or a Bicep snapshot; `-` is standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// How it is written; JSON, or with --why excerpts for a person, if nothing is said
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: Option<ExpandFormat>,
    /// Only this resource: `Microsoft.Network/virtualNetworks/hub`, or its id; repeatable
    #[arg(long, value_name = "TYPE/NAME")]
    pub resource: Vec<String>,
    /// Where one value came from: a JSON pointer into the document that is printed as JSON, such as
    /// `/resources/0/properties/publicNetworkAccess`, or with --resource into that resource, such as
    /// `/properties/publicNetworkAccess`
    #[arg(long, value_name = "POINTER")]
    pub why: Option<String>,
    /// What is given beside the template.
    #[command(flatten)]
    pub template: TemplateArguments,
}

/// Arguments of `acrlint completions`.
#[derive(Debug, Args)]
#[command(after_help = ABOUT_COMPLETIONS)]
pub struct CompletionsArguments {
    /// The shell
    #[arg(value_name = "SHELL", value_enum)]
    pub shell: Shell,
}

/// Arguments of `acrlint man`.
#[derive(Debug, Args)]
#[command(after_help = ABOUT_MAN)]
pub struct ManArguments {
    /// A command; without it the page is that of the program
    #[arg(value_name = "COMMAND")]
    pub command: Option<String>,
}

/// Arguments of `acrlint collect`.
#[derive(Debug, Args)]
#[command(after_help = ABOUT_COLLECT)]
pub struct CollectArguments {
    /// The registry, by name or login server; without it the commands are for all registries
    #[arg(value_name = "REGISTRY")]
    pub registry: Option<String>,
    /// What the script is written for
    #[arg(long, value_enum, default_value_t, value_name = "SHELL")]
    pub shell: ShellName,
    /// The id of the subscription; without it that which the Azure CLI is set to
    #[arg(long, value_name = "ID")]
    pub subscription: Option<String>,
    /// Ask for this resource group only, not for the whole subscription
    #[arg(long, value_name = "NAME")]
    pub resource_group: Option<String>,
    /// The folder that the script writes into
    #[arg(long, value_name = "DIR", default_value = "dumps")]
    pub output_dir: String,
}

/// The shell that a script is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ShellName {
    /// Bash
    #[default]
    Bash,
    /// PowerShell
    Powershell,
}

/// What is given beside a template.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Deployment")]
pub struct TemplateArguments {
    /// A parameter file of the template; of several, a later one wins
    #[arg(long, value_name = "FILE")]
    pub parameters: Vec<PathBuf>,
    /// Do not take the parameter files that lie beside a template (`main.parameters.json`, `main.dev.parameters.json`)
    #[arg(long)]
    pub no_parameter_files: bool,
    /// The value of one parameter, JSON or a plain string; wins over parameter files
    #[arg(long, value_name = "NAME=VALUE")]
    pub parameter: Vec<String>,
    /// The id of the subscription that the template is deployed to
    #[arg(long, value_name = "ID")]
    pub subscription: Option<String>,
    /// The name of the resource group
    #[arg(long, value_name = "NAME")]
    pub resource_group: Option<String>,
    /// The region of the resource group, or of the deployment
    #[arg(long, value_name = "REGION")]
    pub location: Option<String>,
    /// The id of the tenant
    #[arg(long, value_name = "ID")]
    pub tenant: Option<String>,
    /// A JSON file that says where the template is deployed: `subscriptionId`, `tenantId`, `resourceGroup` with `name`
    /// and `location`, `deploymentName`, `scope`; what it leaves out stays a symbol
    #[arg(long, value_name = "FILE")]
    pub context: Option<PathBuf>,
}

/// How a report is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// Excerpts of the files, for a person
    #[default]
    Human,
    /// For programs; see schemas/report.schema.json
    Json,
    /// One line a finding: `path:line:column: level[rule] message`
    Concise,
    /// SARIF 2.1.0, for code scanning and editors
    Sarif,
    /// JUnit's XML, for build servers
    Junit,
    /// Annotations of GitHub Actions
    Github,
    /// GitLab's code quality report
    Gitlab,
    /// Issues of Azure Pipelines
    AzurePipelines,
    /// Checkstyle's XML
    Checkstyle,
    /// A page for a pull request or the summary of a job
    Markdown,
    /// JSON, an object a line
    Ndjson,
}

/// A report that goes to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// How it is written.
    pub format: ReportFormat,
    /// Where to.
    pub path: PathBuf,
}

impl std::str::FromStr for Output {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (format, path) = text
            .split_once('=')
            .filter(|(_, path)| !path.is_empty())
            .ok_or_else(|| "write it as FORMAT=FILE, such as sarif=acrlint.sarif".to_owned())?;
        let known = ReportFormat::from_str(format, false).map_err(|_| {
            let names: Vec<&str> = report::Format::ALL.iter().map(|(name, _)| *name).collect();
            let near = closest(format, names.iter().copied());
            let hint = near.map_or_else(|| names.join(", "), |near| format!("did you mean `{near}`?"));
            format!("there is no format `{format}`; {hint}")
        })?;
        Ok(Self { format: known, path: path.into() })
    }
}

/// How other output is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum TextFormat {
    /// For a person
    #[default]
    Human,
    /// For programs
    Json,
}

/// How `acrlint expand` shows what is deployed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExpandFormat {
    /// For programs: every value as deployed
    Json,
    /// For a person: a line for each resource
    Tree,
}

/// What makes the exit code 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Errors
    Error,
    /// Warnings and errors
    Warning,
    /// Everything that is reported
    Note,
    /// Nothing
    Never,
}

/// What becomes of findings that cannot be decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Open {
    /// They are not reported
    Ignore,
    /// They are listed at the end
    Note,
    /// They are warnings
    Warning,
    /// They are errors
    Error,
}
