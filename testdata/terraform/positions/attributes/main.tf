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

resource "azurerm_container_registry" "closed" {
  name                          = "fabrikamclosed"
  resource_group_name           = azurerm_resource_group.images.name
  location                      = azurerm_resource_group.images.location
  sku                           = "Premium"
  public_network_access_enabled = false # <- acr-public-disabled-no-pe
}

resource "azurerm_container_registry" "rules" {
  name                = "fabrikamrules"
  resource_group_name = azurerm_resource_group.images.name
  location            = azurerm_resource_group.images.location
  sku                 = "Premium"

  network_rule_set {
    default_action = "Deny"

    ip_rule {
      action   = "Allow"
      ip_range = "198.51.100.7"
    }

    ip_rule {
      action   = "Allow"
      ip_range = "10.30.0.0/16" # <- acr-iprule-private-range
    }
  }
}

resource "azurerm_container_registry" "list" {
  name                = "fabrikamlist"
  resource_group_name = azurerm_resource_group.images.name
  location            = azurerm_resource_group.images.location
  sku                 = "Premium"

  network_rule_set = [{
    default_action = "Deny"
    ip_rule = [
      { action = "Allow", ip_range = "203.0.113.0/24" },
      {
        action   = "Allow"
        ip_range = "192.168.4.0/24" # <- acr-iprule-private-range
      },
    ]
    virtual_network = []
  }]
}

resource "azurerm_container_registry" "made" {
  name                = "fabrikammade"
  resource_group_name = azurerm_resource_group.images.name
  location            = azurerm_resource_group.images.location
  sku                 = "Premium"

  network_rule_set {
    default_action = "Deny"

    dynamic "ip_rule" { # <- acr-iprule-private-range
      for_each = ["172.16.8.0/24", "198.51.100.8"]
      content {
        action   = "Allow"
        ip_range = ip_rule.value
      }
    }
  }
}

resource "azurerm_virtual_network" "hub" {
  name                = "vnet-hub"
  resource_group_name = azurerm_resource_group.images.name
  location            = azurerm_resource_group.images.location
  address_space       = ["10.80.0.0/16"]
}

resource "azurerm_subnet" "build" { # <- se-missing-endpoint
  name                 = "snet-build"
  resource_group_name  = azurerm_resource_group.images.name
  virtual_network_name = azurerm_virtual_network.hub.name
  address_prefixes     = ["10.80.1.0/24"]
}

resource "azurerm_container_registry" "subnet" {
  name                = "fabrikamsubnet"
  resource_group_name = azurerm_resource_group.images.name
  location            = azurerm_resource_group.images.location
  sku                 = "Premium"

  network_rule_set {
    default_action = "Deny"

    virtual_network {
      action    = "Allow"
      subnet_id = azurerm_subnet.build.id
    }
  }
}
