# What each machine is told at its first start. The parts are text; cloud-init's own file is written by yamlencode, so it is YAML
# whatever stands in them.
locals {
  oneup_secrets = sort(concat(
    [for name in ["etcd-ca.pem", "etcd-client.pem", "etcd-client-key.pem"] : "${local.secrets_dir}/${name}"],
    [for name in var.secret_names : "${local.secrets_dir}/${name}"],
  ))
  etcd_secrets = [for name in ["ca.pem", "server-key.pem", "server.pem"] : "${local.etcd_dir}/${name}"]

  members = join(",", [for id in local.prober_ids : "${id}=https://${local.host[local.store_address[id]]}:2380"])

  # Path on the machine to text and mode. None of these holds a secret.
  files = {
    for id, prober in var.probers : id => merge(
      {
        "/etc/oneup/oneup.yaml" = { mode = "0644", text = local.config_yaml }
        "/etc/systemd/system/oneup.service" = {
          mode = "0644"
          text = templatefile("${path.module}/templates/oneup.service.tftpl", {
            prober = id, cluster = var.cluster_name, secret_files = local.oneup_secrets,
          })
        }
        "/etc/systemd/system/oneup-etcd.service" = {
          mode = "0644"
          text = templatefile("${path.module}/templates/oneup-etcd.service.tftpl", {
            prober       = id
            cluster      = var.cluster_name
            address      = local.host[local.store_address[id]]
            listen       = local.host[coalesce(prober.store_address, prober.listen_address, prober.address)]
            members      = local.members
            dir          = local.etcd_dir
            secret_files = local.etcd_secrets
          })
        }
        "/etc/systemd/system/oneup-secrets.service" = {
          mode = "0644"
          text = templatefile("${path.module}/templates/oneup-secrets.service.tftpl", {
            prober = id, cluster = var.cluster_name, fetches = var.fetch_secrets != "",
          })
        }
        "/usr/local/sbin/oneup-own-secrets" = {
          mode = "0755"
          text = templatefile("${path.module}/templates/own-secrets.sh.tftpl", {
            secrets_dir = local.secrets_dir
            etcd_dir    = local.etcd_dir
            oneup_files = local.oneup_secrets
            etcd_files  = local.etcd_secrets
          })
        }
        "/usr/local/sbin/oneup-install" = {
          mode = "0755"
          text = templatefile("${path.module}/templates/install.sh.tftpl", {
            version = var.oneup.version, oneup = var.oneup, node = var.node,
          })
        }
        "/usr/local/bin/oneup" = { mode = "0755", text = templatefile("${path.module}/templates/oneup.sh.tftpl", {}) }
      },
      { for path, text in { "/usr/local/sbin/oneup-fetch-secrets" = var.fetch_secrets } : path => { mode = "0700", text = text } if text != "" },
    )
  }

  user_data = {
    for id, files in local.files : id => "#cloud-config\n${yamlencode({
      # Debian starts an etcd of its own as soon as it is installed, on the ports of ours.
      bootcmd        = [["systemctl", "mask", "etcd.service"]]
      package_update = true
      packages       = concat(["ca-certificates", "curl", "etcd-server", "etcd-client"], var.packages)
      users = ["default", {
        name = "oneup", system = true, homedir = local.state_dir, no_create_home = true, shell = "/usr/sbin/nologin"
      }]
      write_files = [for path in sort(keys(files)) : {
        path = path, permissions = files[path].mode, owner = "root:root", content = files[path].text
      }]
      runcmd = [["/usr/local/sbin/oneup-install"]]
    })}"
  }
}
