# What the caller needs to make machines, and to delegate the zones.

output "config_yaml" {
  description = "The configuration, the same for every prober."
  value       = local.config_yaml
}

output "user_data" {
  description = "cloud-init user data of each prober."
  value       = local.user_data
}

output "user_data_base64gzip" {
  description = "The same, packed: clouds take 16 KiB, and cloud-init unpacks it."
  value       = { for id, text in local.user_data : id => base64gzip(text) }
}

output "files" {
  description = "Files of each prober by path, for machines that are set up by other means."
  value       = local.files
}

output "secret_files" {
  description = "Files that must be on every prober, and that Terraform never sees. server.pem is of that machine; it serves etcd's clients and peers."
  value       = concat(local.oneup_secrets, local.etcd_secrets)
}

output "delegation" {
  description = "Records for the parent of each zone: NS, and glue for names below the zone (RFC 1034, 4.2.1)."
  value = {
    for name, zone in var.zones : name => concat(
      [{
        name   = name
        type   = "NS"
        values = [for id in coalesce(zone.ns, local.prober_ids) : lookup(zone.ns_names, id, "${id}.ns.${name}")]
      }],
      [for id in coalesce(zone.ns, local.prober_ids) : {
        name   = lookup(zone.ns_names, id, "${id}.ns.${name}")
        type   = strcontains(var.probers[id].address, ":") ? "AAAA" : "A"
        values = [var.probers[id].address]
      } if endswith(lookup(zone.ns_names, id, "${id}.ns.${name}"), ".${name}")],
    )
  }
}

output "next_steps" {
  description = "What is done by hand, once, after the machines are there."
  value       = <<-EOT
    1. Put the files of secret_files on every machine, then: systemctl restart oneup-secrets oneup-etcd oneup
    2. On one machine: oneup check-config --connect && oneup init
    3. On any machine: oneup status
    4. Enter the records of delegation at the parent of each zone, and compare: oneup zone delegation
  EOT
}
