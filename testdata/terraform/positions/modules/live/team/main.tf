variable "group" {
  type = string
}

variable "network" {
  type = object({ default_action = string })
}

module "registry" {
  source              = "../../modules/registry"
  name                = "fabrikamteam"
  resource_group_name = var.group
  public_access       = true
  network             = var.network
}
