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

module "given" {
  source              = "../modules/registry"
  name                = "fabrikamgiven"
  resource_group_name = azurerm_resource_group.images.name
  public_access       = false # <- acr-public-disabled-no-pe
}

module "default" {
  source              = "../modules/registry"
  name                = "fabrikamdefault"
  resource_group_name = azurerm_resource_group.images.name
}

module "team" {
  source = "./team"
  group  = azurerm_resource_group.images.name
  network = {
    default_action = "Deny" # <- acr-deny-no-rules-no-pe
  }
}

module "elsewhere" { # <- acr-public-disabled-no-pe
  source              = "fabrikam/registry/azurerm"
  version             = "1.4.0"
  name                = "fabrikamelsewhere"
  resource_group_name = azurerm_resource_group.images.name
}
