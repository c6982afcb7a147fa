#!/bin/sh
# The drain action: nobody is sent to the node any more, and it finishes what it works on. wait-until-idle.sh ADDRESS
set -eu
until [ "$(node -e 'fetch(process.argv[1]).then((r) => r.text()).then((t) => console.log(t.trim()))' "http://$1:8975/open")" = 0 ]; do
  sleep 0.2
done
