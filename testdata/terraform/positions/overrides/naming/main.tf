locals {
  actions = ["Allow", "Deny"] # <- acr-deny-no-rules-no-pe
}

output "action" {
  value = local.actions[1]
}
