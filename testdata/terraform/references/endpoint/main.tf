variable "subnet_id" { type = string }

variable "password" {
  type      = string
  sensitive = true
}

resource "terraform_data" "pe_input" { input = var.subnet_id }
resource "terraform_data" "secret" { input = var.password }

resource "terraform_data" "subnet_inner" {
  for_each = toset(["one", "two"])
  input    = each.key
}

output "subnet_id" { value = var.subnet_id }
output "subnets" { value = { for key, subnet in terraform_data.subnet_inner : key => subnet.id } }
