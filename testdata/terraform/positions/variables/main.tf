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

resource "azurerm_container_registry" "file" {
  name                          = "fabrikamfile"
  resource_group_name           = azurerm_resource_group.images.name
  location                      = azurerm_resource_group.images.location
  sku                           = "Premium"
  public_network_access_enabled = var.public
}

resource "azurerm_container_registry" "auto" {
  name                = "fabrikamauto"
  resource_group_name = azurerm_resource_group.images.name
  location            = azurerm_resource_group.images.location
  sku                 = "Premium"

  network_rule_set {
    default_action = var.network.default_action
  }
}

resource "azurerm_container_registry" "default" {
  name                          = "fabrikamdefault"
  resource_group_name           = azurerm_resource_group.images.name
  location                      = azurerm_resource_group.images.location
  sku                           = "Premium"
  public_network_access_enabled = var.reachable
}

resource "azurerm_container_registry" "typed" {
  name                          = "fabrikamtyped"
  resource_group_name           = azurerm_resource_group.images.name
  location                      = azurerm_resource_group.images.location
  sku                           = "Premium"
  public_network_access_enabled = var.typed # <- acr-public-disabled-no-pe
}
