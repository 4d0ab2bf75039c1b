# Every way in which a plan shows a reference, with the resource type that needs no provider. `tools/terraform_plan.sh`
# makes `plan.json` of it.
terraform { required_version = ">= 1.4" }

variable "password" {
  type      = string
  sensitive = true
  default   = "canary-of-a-variable"
}

resource "terraform_data" "subnet_each" {
  for_each = { aks = "10.0.1.0/24", pe = "10.0.2.0/24" }
  input    = each.value
}

resource "terraform_data" "subnet_count" {
  count = 2
  input = "10.0.${count.index}.0/24"
}

resource "terraform_data" "subnet_one" { input = "10.1.0.0/24" }

resource "terraform_data" "pe_direct" { input = terraform_data.subnet_one.id }
resource "terraform_data" "pe_literal_key" { input = terraform_data.subnet_each["aks"].id }

resource "terraform_data" "pe_by_key" {
  for_each = toset(["aks", "pe"])
  input    = terraform_data.subnet_each[each.key].id
}

resource "terraform_data" "pe_by_index" {
  count = 2
  input = terraform_data.subnet_count[count.index].id
}

resource "terraform_data" "pe_chained" {
  for_each = terraform_data.subnet_each
  input    = each.value.id
}

resource "terraform_data" "pe_by_value" {
  for_each = { first = { subnet = "pe" } }
  input    = terraform_data.subnet_each[each.value.subnet].id
}

resource "terraform_data" "aci_splat" { input = terraform_data.subnet_count[*].id }

locals { subnet = terraform_data.subnet_each["pe"].id }

# What a local stands for a plan does not show.
resource "terraform_data" "pe_local" { input = local.subnet }

# Which of two a condition chooses is known only where one of them is no id that is still to come.
resource "terraform_data" "pe_either" {
  input = terraform_data.subnet_one.output == "x" ? terraform_data.subnet_each["aks"].id : terraform_data.subnet_each["pe"].id
}

module "endpoint" {
  source    = "./endpoint"
  for_each  = toset(["aks", "pe"])
  subnet_id = terraform_data.subnet_each[each.key].id
  password  = var.password
}

resource "terraform_data" "pe_output" { input = module.endpoint["pe"].subnet_id }
resource "terraform_data" "pe_output_map" { input = module.endpoint["aks"].subnets["two"] }
