variable "public" {
  type    = bool
  default = true
}

variable "network" {
  type = object({
    default_action = string
  })
}

variable "reachable" {
  type    = bool
  default = false # <- acr-public-disabled-no-pe
}

# Given on the command line: -var typed=false
variable "typed" {
  type    = bool
  default = true
}
