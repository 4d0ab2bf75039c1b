#!/bin/sh
# Makes the plan of a folder with Terraform sources that need no provider, into standard output:
# tools/terraform_plan.sh testdata/terraform/references > testdata/terraform/references/plan.json
set -eu
folder=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -R "$folder"/. "$work"
cd "$work"
export TF_CLI_CONFIG_FILE=/dev/null TF_IN_AUTOMATION=1 CHECKPOINT_DISABLE=1
terraform init -input=false -no-color >/dev/null
terraform plan -input=false -no-color -out made.tfplan >/dev/null
terraform show -json made.tfplan
