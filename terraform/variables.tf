# What a cluster is made of. Nothing here may hold a secret: whatever stands in a variable ends in the state.

variable "cluster_name" {
  description = "Name of the cluster: part of every key in its store and of every ownership record in DNS."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", var.cluster_name))
    error_message = "cluster_name is 1 to 63 lower-case letters, digits and dashes, and begins and ends with a letter or digit."
  }
}

variable "probers" {
  description = <<-EOT
    The machines, by the id of the prober on each: where it stands (vantage), and the address by which nodes, name servers of
    others and the other probers reach it. listen_address: the address of the machine itself where that differs, as behind the
    address translation of a cloud. store_address: another network between the members of the store.
  EOT
  type = map(object({
    vantage        = string
    address        = string
    listen_address = optional(string)
    store_address  = optional(string)
  }))

  validation {
    condition     = length(var.probers) >= 3 && length(var.probers) % 2 == 1
    error_message = "probers are an odd number, at least three: they agree by majority, and so do the members of etcd beside them (S24)."
  }

  validation {
    condition     = alltrue([for id in keys(var.probers) : can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", id))])
    error_message = "The id of a prober is 1 to 63 lower-case letters, digits and dashes, and begins and ends with a letter or digit."
  }

  validation {
    condition     = length(distinct([for prober in values(var.probers) : prober.address])) == length(var.probers)
    error_message = "Every prober has an address of its own: probers on one machine fail together."
  }

  validation {
    condition = alltrue(flatten([
      for prober in values(var.probers) : [
        for address in compact([prober.address, prober.listen_address, prober.store_address]) :
        can(cidrhost("${address}/${strcontains(address, ":") ? 128 : 32}", 0))
      ]
    ]))
    error_message = "address, listen_address and store_address are IPv4 or IPv6 addresses."
  }
}

variable "min_vantages" {
  description = "At how many vantages the probers of a majority must stand at least (S24). Null: oneup's default."
  type        = number
  default     = null

  validation {
    condition = var.min_vantages == null ? true : (
      var.min_vantages >= 1 && var.min_vantages <= length(distinct([for prober in values(var.probers) : prober.vantage]))
    )
    error_message = "min_vantages is at least 1 and at most the number of different vantages of the probers (S24)."
  }
}

variable "references" {
  description = "Targets outside the cluster, such as https://www.example.net/ or tcp://192.0.2.53:53: a prober that reaches none of them does not vote (S22)."
  type        = list(string)

  validation {
    condition     = length(var.references) > 0 && alltrue([for url in var.references : can(regex("^(https?|tcp)://", url))])
    error_message = "Name at least one reference, each an http, https or tcp URL: without them a prober that lost its own network blames the nodes (S22)."
  }
}

variable "cluster_settings" {
  description = "More keys of cluster: in the configuration, such as { timing = { sessionTtl = \"15s\" } }."
  type        = any
  default     = {}

  validation {
    condition = length(setintersection(
      try(keys(var.cluster_settings), []), ["name", "store", "probers", "quorum", "references", "stateDir"]
    )) == 0
    error_message = "cluster_settings may not hold name, store, probers, quorum, references or stateDir: the module writes these."
  }
}

variable "zones" {
  description = "Zones that the probers serve, by name with the dot at its end. ns: ids of the probers that serve it [all]; ns_names: their names [ID.ns.ZONE]."
  type = map(object({
    hostmaster = string
    ns         = optional(list(string))
    ns_names   = optional(map(string), {})
    records = optional(list(object({
      name   = string
      type   = string
      values = list(string)
      ttl    = optional(string)
    })), [])
  }))
  default = {}

  validation {
    condition     = alltrue([for name in keys(var.zones) : endswith(name, ".") && length(name) > 1])
    error_message = "The name of a zone ends with a dot, as in ha.example.com."
  }

  validation {
    condition = alltrue(flatten([
      for zone in values(var.zones) : [for id in concat(coalesce(zone.ns, []), keys(zone.ns_names)) : contains(keys(var.probers), id)]
    ]))
    error_message = "ns and ns_names of a zone take ids of probers."
  }
}

variable "services" {
  description = "The services: section of the configuration, as an object. Write secrets as $${file:/etc/oneup/secrets/NAME}."
  type        = any
  default     = {}

  validation {
    condition     = !can(regex(local.plain_secret, jsonencode(var.services)))
    error_message = "A secret is written as $${file:/etc/oneup/secrets/NAME} or $${env:NAME}: whatever stands in a variable ends in the state."
  }
}

variable "services_yaml" {
  description = "The same as YAML, for instance file(\"services.yaml\"), in place of services."
  type        = string
  default     = ""

  validation {
    condition     = var.services_yaml == "" || can(keys(yamldecode(var.services_yaml)))
    error_message = "services_yaml is a YAML map of services, without the line services: above it."
  }

  validation {
    condition     = var.services_yaml == "" || try(length(keys(var.services)) == 0, false)
    error_message = "Write either services or services_yaml."
  }

  validation {
    condition     = !can(regex(local.plain_secret, try(jsonencode(yamldecode(var.services_yaml)), "")))
    error_message = "A secret is written as $${file:/etc/oneup/secrets/NAME} or $${env:NAME}: whatever stands in a variable ends in the state."
  }
}

variable "providers_config" {
  description = "The providers: section of the configuration, for records at somebody else's DNS provider."
  type        = any
  default     = {}

  validation {
    condition     = !can(regex(local.plain_secret, jsonencode(var.providers_config)))
    error_message = "A secret is written as $${file:/etc/oneup/secrets/NAME} or $${env:NAME}: whatever stands in a variable ends in the state."
  }
}

variable "alerts" {
  description = "The alerts: section of the configuration."
  type        = any
  default     = {}

  validation {
    condition     = !can(regex(local.plain_secret, jsonencode(var.alerts)))
    error_message = "A secret is written as $${file:/etc/oneup/secrets/NAME} or $${env:NAME}: whatever stands in a variable ends in the state."
  }
}

variable "oneup" {
  description = "The release that is installed: a .tar.gz with dist/ and node_modules/ at its top, and the SHA-256 of that file."
  type        = object({ version = string, url = string, sha256 = string })

  validation {
    condition     = can(regex("^[0-9A-Za-z][0-9A-Za-z.+-]*$", var.oneup.version))
    error_message = "oneup.version is a version such as 0.1.0: it becomes the name of a directory."
  }

  validation {
    condition     = can(regex("^https://[^'\\s]+$", var.oneup.url)) && can(regex("^[0-9a-f]{64}$", var.oneup.sha256))
    error_message = "oneup takes an https URL, and sha256 as 64 lower-case hexadecimal digits of the file behind it."
  }
}

variable "node" {
  description = "Node.js 24 or later, as a .tar.gz of nodejs.org or of a mirror, and the SHA-256 of that file."
  type        = object({ url = string, sha256 = string })

  validation {
    condition     = can(regex("^https://[^'\\s]+$", var.node.url)) && can(regex("^[0-9a-f]{64}$", var.node.sha256))
    error_message = "node takes an https URL, and sha256 as 64 lower-case hexadecimal digits of the file behind it."
  }
}

variable "fetch_secrets" {
  description = <<-EOT
    A shell script that a machine runs as root at each start to fetch its secrets, for instance from the secret store of a cloud with
    the identity of the machine. It writes the files that the output secret_files lists, and is told ONEUP_PROBER. It stands in the
    state, so it holds no secret itself. Empty: somebody copies the files.
  EOT
  type        = string
  default     = ""

  validation {
    condition     = var.fetch_secrets == "" || startswith(var.fetch_secrets, "#!")
    error_message = "fetch_secrets is a whole script and begins with #!, such as #!/bin/sh."
  }

  validation {
    condition     = !strcontains(var.fetch_secrets, "PRIVATE KEY-----")
    error_message = "fetch_secrets holds a private key, and would put it into the state: let the script fetch it."
  }
}

variable "secret_names" {
  description = "More files of oneup in /etc/oneup/secrets, beside those for etcd: what $${file:...} names in services, providers and alerts."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for name in var.secret_names : can(regex("^[0-9A-Za-z][0-9A-Za-z._-]*$", name))])
    error_message = "secret_names are names of files without a path."
  }
}

variable "packages" {
  description = "More packages that the machines need, such as openssh-client for actions by ssh."
  type        = list(string)
  default     = ["openssh-client", "iputils-ping"]
}
