# What is rendered from the example: one configuration for all, one machine file for each prober, and nothing secret in either.
# terraform test -var-file=example.tfvars
run "example" {
  command = plan

  assert {
    condition     = length(output.user_data) == 3 && alltrue([for text in output.user_data : startswith(text, "#cloud-config\n")])
    error_message = "Every prober has user data of its own."
  }

  assert {
    condition     = yamldecode(output.config_yaml).cluster.probers[1] == { id = "iad", vantage = "us-east", address = "198.51.100.10", listen = ["10.1.0.10:53"] }
    error_message = "A prober behind address translation listens at its own address."
  }

  assert {
    condition     = yamldecode(output.config_yaml).cluster.store.endpoints[2] == "https://[2001:db8:3::10]:2379"
    error_message = "An IPv6 address stands in brackets."
  }

  assert {
    condition     = length(distinct([for files in output.files : files["/etc/oneup/oneup.yaml"].text])) == 1
    error_message = "The configuration is the same on every prober (S7)."
  }

  assert {
    condition     = alltrue([for id, files in output.files : strcontains(files["/etc/systemd/system/oneup.service"].text, "--prober ${id}\n")])
    error_message = "Every unit runs its own prober."
  }

  assert {
    condition = alltrue([
      for files in output.files : strcontains(
        files["/etc/systemd/system/oneup-etcd.service"].text,
        "--initial-cluster fra=https://203.0.113.10:2380,iad=https://198.51.100.10:2380,sin=https://[2001:db8:3::10]:2380 ",
      )
    ])
    error_message = "Every member of etcd knows all of them."
  }

  assert {
    condition = output.delegation["ha.example.com."] == [
      { name = "ha.example.com.", type = "NS", values = ["fra.ns.ha.example.com.", "iad.ns.ha.example.com.", "sin.ns.ha.example.com."] },
      { name = "fra.ns.ha.example.com.", type = "A", values = ["203.0.113.10"] },
      { name = "iad.ns.ha.example.com.", type = "A", values = ["198.51.100.10"] },
      { name = "sin.ns.ha.example.com.", type = "AAAA", values = ["2001:db8:3::10"] },
    ]
    error_message = "The delegation has NS and glue of every prober."
  }

  assert {
    condition     = !contains(keys(output.files["fra"]), "/usr/local/sbin/oneup-fetch-secrets")
    error_message = "Without a script nothing fetches secrets."
  }
}

run "names_outside_the_zone_need_no_glue" {
  command = plan

  variables {
    zones = {
      "ha.example.com." = { hostmaster = "ops.example.com.", ns = ["fra", "iad"], ns_names = { iad = "ns2.example.net." } }
    }
  }

  assert {
    condition     = [for record in output.delegation["ha.example.com."] : record.name] == ["ha.example.com.", "fra.ns.ha.example.com."]
    error_message = "Glue is for names below the zone only."
  }
}

run "services_as_yaml" {
  command = plan

  variables {
    services      = {}
    services_yaml = "web:\n  record: { name: web.ha.example.com. }\n  nodes: [{ id: a, address: 192.0.2.1 }]\n"
  }

  assert {
    condition     = yamldecode(output.config_yaml).services.web.nodes[0].id == "a"
    error_message = "Services may come as YAML."
  }
}

run "a_script_that_fetches_secrets" {
  command = plan

  variables {
    fetch_secrets = "#!/bin/sh\nexec vault-agent --prober \"$ONEUP_PROBER\"\n"
    secret_names  = ["ssh-key"]
  }

  assert {
    condition     = output.files["fra"]["/usr/local/sbin/oneup-fetch-secrets"].mode == "0700"
    error_message = "The script is for root alone."
  }

  assert {
    condition     = contains(output.secret_files, "/etc/oneup/secrets/ssh-key")
    error_message = "Every secret that is waited for is listed."
  }
}
