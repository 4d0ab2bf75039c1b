locals {
  public = false # <- acr-public-disabled-no-pe
  closed = true
  deny   = "Deny" # <- acr-deny-no-rules-no-pe

  network = {
    production = {
      action = local.deny
    }
  }
}
