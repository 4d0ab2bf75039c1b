resource "azurerm_container_registry" "images" {
  public_network_access_enabled = false # <- acr-public-disabled-no-pe
}
