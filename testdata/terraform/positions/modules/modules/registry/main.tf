variable "name" {
  type = string
}

variable "resource_group_name" {
  type = string
}

variable "public_access" {
  type    = bool
  default = false # <- acr-public-disabled-no-pe
}

variable "network" {
  type = object({
    default_action = optional(string, "Allow")
    allowed        = optional(list(string), [])
  })
  default = {}
}

resource "azurerm_container_registry" "this" {
  name                          = var.name
  resource_group_name           = var.resource_group_name
  location                      = "westeurope"
  sku                           = "Premium"
  public_network_access_enabled = var.public_access
  network_rule_bypass_option    = local.bypass

  network_rule_set {
    default_action = var.network.default_action
  }
}

locals {
  bypass = "AzureServices"
}

output "id" {
  value = azurerm_container_registry.this.id
}
