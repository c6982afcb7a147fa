# The one configuration of the cluster: the same text on every prober (S7).
locals {
  # Keys under which the configuration takes secrets, with a value that is written out.
  plain_secret = "\"(password|secret|token|apiToken|apiKey|secretAccessKey|sessionToken)\":\"([^$\"]|\\$[^{\"])"

  state_dir   = "/var/lib/oneup"
  secrets_dir = "/etc/oneup/secrets"
  etcd_dir    = "/etc/oneup/etcd"

  prober_ids = sort(keys(var.probers))
  # RFC 3986 3.2.2: an IPv6 address stands in brackets before a port.
  host = { for address in distinct(flatten([for p in values(var.probers) : compact([p.address, p.listen_address, p.store_address])])) :
  address => strcontains(address, ":") ? "[${address}]" : address }
  listen_address = { for id, p in var.probers : id => coalesce(p.listen_address, p.address) }
  store_address  = { for id, p in var.probers : id => coalesce(p.store_address, p.address) }

  store = {
    kind      = "etcd"
    endpoints = [for id in local.prober_ids : "https://${local.host[local.store_address[id]]}:2379"]
    tls = {
      ca   = "$${file:${local.secrets_dir}/etcd-ca.pem}"
      cert = "$${file:${local.secrets_dir}/etcd-client.pem}"
      key  = "$${file:${local.secrets_dir}/etcd-client-key.pem}"
    }
  }

  zones = [for name in sort(keys(var.zones)) : {
    for key, value in {
      name       = name
      ns         = coalesce(var.zones[name].ns, local.prober_ids)
      nsNames    = length(var.zones[name].ns_names) == 0 ? null : var.zones[name].ns_names
      hostmaster = var.zones[name].hostmaster
      records = length(var.zones[name].records) == 0 ? null : [
        for record in var.zones[name].records : { for key, value in record : key => value if value != null }
      ]
    } : key => value if value != null
  }]

  cluster = merge(
    {
      name       = var.cluster_name
      store      = local.store
      stateDir   = local.state_dir
      references = var.references
      probers = [for id in local.prober_ids : {
        id      = id
        vantage = var.probers[id].vantage
        address = var.probers[id].address
        listen  = ["${local.host[local.listen_address[id]]}:53"]
      }]
    },
    { for key, value in { minVantages = var.min_vantages } : "quorum" => { minVantages = value } if value != null },
    var.cluster_settings,
  )

  # By way of text: the two may be of different types.
  services = jsondecode(var.services_yaml == "" ? jsonencode(var.services) : jsonencode(yamldecode(var.services_yaml)))

  config = {
    for key, value in {
      cluster   = local.cluster
      dns       = length(local.zones) == 0 ? null : { zones = local.zones }
      providers = length(var.providers_config) == 0 ? null : var.providers_config
      services  = length(local.services) == 0 ? null : local.services
      alerts    = length(var.alerts) == 0 ? null : var.alerts
    } : key => value if value != null
  }
  config_yaml = "# Written by Terraform: change it there, roll it out, then run oneup reload on one prober.\n${yamlencode(local.config)}"
}
