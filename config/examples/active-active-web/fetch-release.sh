#!/bin/sh
# The resync action: a node that was away fetches what was released meanwhile. fetch-release.sh NODE
set -eu
mkdir -p "site-$1"
cp release "site-$1/release.new"
mv "site-$1/release.new" "site-$1/release"
