terraform {
  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = "~> 3.116"
    }
  }
}

provider "azurerm" {
  features {}
  subscription_id = "8d1c2a44-0f5e-4b39-9a7e-2f6c51b0e7d3"
}

resource "azurerm_resource_group" "images" {
  name     = "rg-images"
  location = "westeurope"
}

resource "azurerm_container_registry" "plain" {
  name                          = "fabrikamplain"
  resource_group_name           = azurerm_resource_group.images.name
  location                      = azurerm_resource_group.images.location
  sku                           = "Premium"
  public_network_access_enabled = local.public
}

resource "azurerm_container_registry" "chain" {
  name                = "fabrikamchain"
  resource_group_name = azurerm_resource_group.images.name
  location            = azurerm_resource_group.images.location
  sku                 = "Premium"

  network_rule_set {
    default_action = "${local.network["production"].action}"
  }
}

resource "azurerm_container_registry" "computed" {
  name                          = "fabrikamcomputed"
  resource_group_name           = azurerm_resource_group.images.name
  location                      = azurerm_resource_group.images.location
  sku                           = "Premium"
  public_network_access_enabled = !local.closed # <- acr-public-disabled-no-pe
}
