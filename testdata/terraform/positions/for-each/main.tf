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

locals {
  registries = {
    open = {
      public = true
      sku    = "Premium"
    }
    closed = {
      public = false # <- acr-public-disabled-no-pe
      sku    = "Premium"
    }
  }

  teams = {
    blue  = { default_action = "Allow" }
    green = { default_action = "Deny" } # <- acr-deny-no-rules-no-pe
  }
}

resource "azurerm_container_registry" "each" {
  for_each                      = local.registries
  name                          = "fabrikam${each.key}"
  resource_group_name           = azurerm_resource_group.images.name
  location                      = azurerm_resource_group.images.location
  sku                           = each.value.sku
  public_network_access_enabled = each.value.public
}

resource "azurerm_container_registry" "same" {
  for_each                      = toset(["one", "two"])
  name                          = "fabrikam${each.key}"
  resource_group_name           = azurerm_resource_group.images.name
  location                      = azurerm_resource_group.images.location
  sku                           = "Premium"
  public_network_access_enabled = each.key != "two" # <- acr-public-disabled-no-pe
}

module "team" {
  for_each       = local.teams
  source         = "./team"
  name           = each.key
  default_action = each.value.default_action
  group          = azurerm_resource_group.images.name
}
