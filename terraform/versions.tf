# No provider is needed: the module renders text, and whoever calls it makes the machines.
terraform {
  # Validations that look at other variables.
  required_version = ">= 1.9"
}
