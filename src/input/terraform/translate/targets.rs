//! Services beside registries that private endpoints lead to.
//!
//! In: any resource of these types. Out: nothing but its id, so that an endpoint which asks for a service that the same plan
//! makes is known to ask for no registry. Must not know: what the services are like.
//!
//! The types are those of "Private endpoint private DNS zone values", which names each with what the portal calls it.

use super::{Kind, Within};

/// A service in a resource group.
const fn service(names: &'static [&'static str], ty: &'static str) -> Kind {
    Kind { names, ty, within: &[Within::Group], named: "name", rows: &[], more: None }
}

pub(super) const KINDS: &[Kind] = &[
    service(&["azurerm_api_management"], "Microsoft.ApiManagement/service"),
    service(&["azurerm_app_configuration"], "Microsoft.AppConfiguration/configurationStores"),
    service(&["azurerm_application_gateway"], "Microsoft.Network/applicationGateways"),
    service(&["azurerm_automation_account"], "Microsoft.Automation/automationAccounts"),
    service(&["azurerm_batch_account"], "Microsoft.Batch/batchAccounts"),
    service(&["azurerm_cognitive_account"], "Microsoft.CognitiveServices/accounts"),
    service(&["azurerm_cosmosdb_account"], "Microsoft.DocumentDB/databaseAccounts"),
    service(&["azurerm_data_factory"], "Microsoft.DataFactory/factories"),
    service(&["azurerm_databricks_workspace"], "Microsoft.Databricks/workspaces"),
    service(&["azurerm_eventgrid_domain"], "Microsoft.EventGrid/domains"),
    service(&["azurerm_eventgrid_topic"], "Microsoft.EventGrid/topics"),
    service(&["azurerm_eventhub_namespace"], "Microsoft.EventHub/namespaces"),
    service(&["azurerm_iothub"], "Microsoft.Devices/IotHubs"),
    service(&["azurerm_key_vault"], "Microsoft.KeyVault/vaults"),
    service(&["azurerm_log_analytics_workspace"], "Microsoft.OperationalInsights/workspaces"),
    service(&["azurerm_machine_learning_workspace"], "Microsoft.MachineLearningServices/workspaces"),
    service(&["azurerm_mssql_server"], "Microsoft.Sql/servers"),
    service(&["azurerm_mysql_flexible_server"], "Microsoft.DBforMySQL/flexibleServers"),
    service(&["azurerm_postgresql_flexible_server"], "Microsoft.DBforPostgreSQL/flexibleServers"),
    service(&["azurerm_postgresql_server"], "Microsoft.DBforPostgreSQL/servers"),
    service(&["azurerm_private_link_service"], "Microsoft.Network/privateLinkServices"),
    service(&["azurerm_purview_account"], "Microsoft.Purview/accounts"),
    service(&["azurerm_recovery_services_vault"], "Microsoft.RecoveryServices/vaults"),
    service(&["azurerm_redis_cache"], "Microsoft.Cache/Redis"),
    service(&["azurerm_search_service"], "Microsoft.Search/searchServices"),
    service(&["azurerm_servicebus_namespace"], "Microsoft.ServiceBus/namespaces"),
    service(&["azurerm_signalr_service"], "Microsoft.SignalRService/SignalR"),
    service(&["azurerm_storage_account"], "Microsoft.Storage/storageAccounts"),
    service(&["azurerm_synapse_workspace"], "Microsoft.Synapse/workspaces"),
    service(&["azurerm_web_pubsub"], "Microsoft.SignalRService/webPubSub"),
];
