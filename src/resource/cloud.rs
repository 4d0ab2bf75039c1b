//! The clouds of Azure.
//!
//! In: nothing. Out: [`Cloud`]. Must not know: which resources are in it.

/// A cloud, by the names of the Azure CLI (`az cloud list`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cloud {
    /// The public one.
    Public,
    /// Azure Government.
    UsGovernment,
    /// Azure operated by 21Vianet in China.
    China,
}

impl Cloud {
    /// All, by name.
    pub const ALL: [(&'static str, Self); 3] =
        [("AzureCloud", Self::Public), ("AzureUSGovernment", Self::UsGovernment), ("AzureChinaCloud", Self::China)];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Public => "AzureCloud",
            Self::UsGovernment => "AzureUSGovernment",
            Self::China => "AzureChinaCloud",
        }
    }
}
