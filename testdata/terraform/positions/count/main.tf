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

variable "public" {
  type = list(bool)
  default = [
    true,
    false, # <- acr-public-disabled-no-pe
  ]
}

resource "azurerm_container_registry" "stage" {
  count                         = 2
  name                          = "fabrikamstage${count.index}"
  resource_group_name           = azurerm_resource_group.images.name
  location                      = azurerm_resource_group.images.location
  sku                           = "Premium"
  public_network_access_enabled = var.public[count.index]
}

resource "azurerm_virtual_network" "stage" {
  count               = 2
  name                = "vnet-stage${count.index}"
  resource_group_name = azurerm_resource_group.images.name
  location            = azurerm_resource_group.images.location
  address_space       = ["10.${80 + count.index}.0.0/16"]
}

resource "azurerm_subnet" "build" { # <- se-missing-endpoint
  count                = 2
  name                 = "snet-build"
  resource_group_name  = azurerm_resource_group.images.name
  virtual_network_name = azurerm_virtual_network.stage[count.index].name
  address_prefixes     = ["10.${80 + count.index}.1.0/24"]
}

resource "azurerm_container_registry" "build" {
  name                = "fabrikambuild"
  resource_group_name = azurerm_resource_group.images.name
  location            = azurerm_resource_group.images.location
  sku                 = "Premium"

  network_rule_set {
    default_action = "Deny"

    virtual_network {
      action    = "Allow"
      subnet_id = azurerm_subnet.build[1].id
    }
  }
}
