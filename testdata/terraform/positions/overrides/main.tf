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

module "naming" {
  source = "./naming"
}

resource "azurerm_container_registry" "images" {
  name                          = "fabrikamimages"
  resource_group_name           = azurerm_resource_group.images.name
  location                      = azurerm_resource_group.images.location
  sku                           = "Premium"
  public_network_access_enabled = true
}

resource "azurerm_container_registry" "named" {
  name                = "fabrikamnamed"
  resource_group_name = azurerm_resource_group.images.name
  location            = azurerm_resource_group.images.location
  sku                 = "Premium"

  network_rule_set {
    default_action = module.naming.action
  }
}
