/* block
comment */
locals {
  str = "a\"b\\c\n\t\u00e9 $${x} %%{y}"
  num = 1.50
  exp = 1e3
  neg = -5
  t = true
  n = null
  h = <<EOT
line ${var.x}
EOT
  hi = <<-EOT
    indented
    two
  EOT
  obj = { a = 1, "b" : 2, (var.k) = 3, "${var.z}" = 4 }
  arr = [1, "x", var.y, [true], { z = 1 },]
  call = merge(var.a, { b = 1 }...)
  cond = var.a ? "x" : "y"
  forx = [for k, v in var.m : v.id if k != ""]
  foro = { for k, v in var.m : k => v... }
  splat = azurerm_x.y[*].id
  legacy = azurerm_x.y.0.id
  idx = local.m["k"][0].z
  idx2 = local.m[each.key]
  paren = (local.z)
  interp = "${local.z}"
  interp2 = "${upper("x")}"
  tmpl = "a-${local.z}-%{if var.q}b%{else}c%{endif}"
  fn = provider::azurerm::normalise_resource_id(var.id)
  strip = "x${~ var.a ~}y"
  unary = !var.b
  ops = 1 + 2 * 3 == 7 && !false
  empty = {}
  emptyl = []
  multi = foo(
    1,
    2,
  )
  // comment
}
resource "t" "oneline" { a = 1 }
resource "t" "crlf" {
  a = 1
}
resource t unquoted {
  nested "label" {
    x = 1
  }
  nested "label" {
    x = 2
  }
  nested "other" {}
}
