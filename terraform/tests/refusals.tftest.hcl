# One mistake each: it is refused at the variable where it stands, before anything is rendered.
# terraform test -var-file=example.tfvars

run "two_probers" {
  command = plan

  variables {
    probers = {
      fra = { vantage = "eu", address = "192.0.2.1" }
      iad = { vantage = "us", address = "192.0.2.2" }
    }
  }

  expect_failures = [var.probers]
}

run "four_probers" {
  command = plan

  variables {
    probers = { for n in ["a", "b", "c", "d"] : n => { vantage = n, address = "192.0.2.${index(["a", "b", "c", "d"], n)}" } }
  }

  expect_failures = [var.probers]
}

run "probers_on_one_machine" {
  command = plan

  variables {
    probers = { for n in ["a", "b", "c"] : n => { vantage = n, address = "192.0.2.1" } }
  }

  expect_failures = [var.probers]
}

run "an_address_that_is_a_name" {
  command = plan

  variables {
    probers = { for n in ["a", "b", "c"] : n => { vantage = n, address = "${n}.example.com" } }
  }

  expect_failures = [var.probers]
}

run "a_prober_that_is_no_id" {
  command = plan

  variables {
    probers = { for n in ["A_1", "b", "c"] : n => { vantage = n, address = "192.0.2.${length(n)}${index(["A_1", "b", "c"], n)}" } }
  }

  expect_failures = [var.probers]
}

run "more_vantages_than_there_are" {
  command = plan

  variables {
    min_vantages = 4
  }

  expect_failures = [var.min_vantages]
}

run "a_name_that_is_no_id" {
  command = plan

  variables {
    cluster_name = "Prod!"
  }

  expect_failures = [var.cluster_name]
}

run "no_references" {
  command = plan

  variables {
    references = []
  }

  expect_failures = [var.references]
}

run "keys_of_the_module" {
  command = plan

  variables {
    cluster_settings = { store = { kind = "sqlite", path = "x" } }
  }

  expect_failures = [var.cluster_settings]
}

run "a_zone_without_its_dot" {
  command = plan

  variables {
    zones = { "ha.example.com" = { hostmaster = "ops.example.com." } }
  }

  expect_failures = [var.zones]
}

run "a_name_server_that_is_no_prober" {
  command = plan

  variables {
    zones = { "ha.example.com." = { hostmaster = "ops.example.com.", ns = ["nobody"] } }
  }

  expect_failures = [var.zones]
}

run "a_password_in_services" {
  command = plan

  variables {
    services = { db = { check = { postgres = { password = "hunter2" } } } }
  }

  expect_failures = [var.services]
}

run "a_password_in_yaml" {
  command = plan

  variables {
    services      = {}
    services_yaml = "db: { check: { postgres: { password: hunter2 } } }"
  }

  expect_failures = [var.services_yaml]
}

run "services_twice" {
  command = plan

  variables {
    services_yaml = "web: {}"
  }

  expect_failures = [var.services_yaml]
}

run "yaml_that_is_no_map" {
  command = plan

  variables {
    services      = {}
    services_yaml = "- web"
  }

  expect_failures = [var.services_yaml]
}

run "a_token_in_providers" {
  command = plan

  variables {
    providers_config = { cf = { kind = "cloudflare", apiToken = "t0ken" } }
  }

  expect_failures = [var.providers_config]
}

run "a_secret_in_alerts" {
  command = plan

  variables {
    alerts = { channels = { hook = { secret = "s3cret-s3cret-s3cret" } } }
  }

  expect_failures = [var.alerts]
}

run "a_release_over_http" {
  command = plan

  variables {
    oneup = { version = "0.1.0", url = "http://example.com/x.tar.gz", sha256 = join("", [for n in range(64) : "0"]) }
  }

  expect_failures = [var.oneup]
}

run "a_release_without_its_digest" {
  command = plan

  variables {
    oneup = { version = "0.1.0", url = "https://example.com/x.tar.gz", sha256 = "abc" }
  }

  expect_failures = [var.oneup]
}

run "a_version_that_is_a_path" {
  command = plan

  variables {
    oneup = { version = "../x", url = "https://example.com/x.tar.gz", sha256 = join("", [for n in range(64) : "0"]) }
  }

  expect_failures = [var.oneup]
}

run "node_without_its_digest" {
  command = plan

  variables {
    node = { url = "https://example.com/n.tar.gz", sha256 = "" }
  }

  expect_failures = [var.node]
}

run "a_key_in_the_script" {
  command = plan

  variables {
    fetch_secrets = "#!/bin/sh\ncat <<END\n-----BEGIN PRIVATE KEY-----\nEND"
  }

  expect_failures = [var.fetch_secrets]
}

run "a_script_that_is_none" {
  command = plan

  variables {
    fetch_secrets = "echo"
  }

  expect_failures = [var.fetch_secrets]
}

run "a_secret_with_a_path" {
  command = plan

  variables {
    secret_names = ["../etcd/ca.pem"]
  }

  expect_failures = [var.secret_names]
}
