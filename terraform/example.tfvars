# Three probers, one zone, one service. The digests are those of no file: put the ones of your release in their place.
cluster_name = "prod"

probers = {
  fra = { vantage = "eu-central", address = "203.0.113.10" }
  iad = { vantage = "us-east", address = "198.51.100.10", listen_address = "10.1.0.10" }
  sin = { vantage = "ap-south", address = "2001:db8:3::10" }
}

references = ["https://www.example.net/", "tcp://192.0.2.53:53"]

zones = {
  "ha.example.com." = { hostmaster = "ops.example.com." }
}

services = {
  web = {
    record = { name = "web.ha.example.com." }
    nodes = [
      { id = "a", address = "203.0.113.21" },
      { id = "b", address = "198.51.100.22" },
    ]
    check = { http = "http://{address}:8080/health" }
    actions = {
      start = { ssh = { host = "{address}", user = "deploy", sudo = true, command = ["systemctl", "start", "web"] } }
      stop  = { ssh = { host = "{address}", user = "deploy", sudo = true, command = ["systemctl", "stop", "web"] } }
      fence = [{
        exec    = { command = ["/etc/oneup/power.sh", "off", "{node.id}"] }
        confirm = { exec = ["/etc/oneup/power.sh", "state", "{node.id}"], offStates = ["off"] }
      }]
    }
  }
}

oneup = {
  version = "0.1.0"
  url     = "https://downloads.example.com/oneup-0.1.0.tar.gz"
  sha256  = "0000000000000000000000000000000000000000000000000000000000000000"
}

node = {
  url    = "https://nodejs.org/dist/v24.21.0/node-v24.21.0-linux-x64.tar.gz"
  sha256 = "0000000000000000000000000000000000000000000000000000000000000000"
}
