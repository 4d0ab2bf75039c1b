variable "name" {
  type = string
}

variable "default_action" {
  type = string
}

variable "group" {
  type = string
}

resource "azurerm_container_registry" "this" {
  name                = "fabrikam${var.name}"
  resource_group_name = var.group
  location            = "westeurope"
  sku                 = "Premium"

  network_rule_set {
    default_action = var.default_action
  }
}
