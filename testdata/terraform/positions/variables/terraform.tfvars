public = false # <- acr-public-disabled-no-pe
network = {
  default_action = "Allow"
}
