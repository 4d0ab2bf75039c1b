network = {
  default_action = "Deny" # <- acr-deny-no-rules-no-pe
}
