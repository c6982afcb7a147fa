#!/bin/sh
# Fences a node on the router or hypervisor that all its packets pass: nothing from it and nothing to it is let through.
# Connections that are open are cut as well. The rules live in a table of their own and touch no other.
#
#   nftables-drop.sh fence ADDRESS     adds ADDRESS (IPv4 or IPv6) to the fenced ones
#   nftables-drop.sh state ADDRESS     prints "isolated" or "open"; changes nothing
#   nftables-drop.sh release ADDRESS   lets ADDRESS pass again, for the node that comes back
#
# Needs root on that machine, and nft. The rules do not survive its restart: then the state is "open" again.
# A second network of the node that goes another way is not cut. Exit codes: 0 done or state printed, 1 nft failed, 2 usage.
set -u
PATH=$PATH:/usr/sbin:/sbin

usage() {
  echo "usage: nftables-drop.sh fence|state|release ADDRESS" >&2
  exit 2
}

# In one transaction, and the same whether the table is there or not. It drops before connections are tracked.
table() {
  cat << RULES
table inet oneup_fence {
  set fenced4 { type ipv4_addr; }
  set fenced6 { type ipv6_addr; }
  chain arriving { type filter hook prerouting priority -400; policy accept; }
  chain leaving { type filter hook postrouting priority -400; policy accept; }
}
flush chain inet oneup_fence arriving
flush chain inet oneup_fence leaving
table inet oneup_fence {
  chain arriving { ip saddr @fenced4 drop; ip daddr @fenced4 drop; ip6 saddr @fenced6 drop; ip6 daddr @fenced6 drop; }
  chain leaving { ip saddr @fenced4 drop; ip daddr @fenced4 drop; ip6 saddr @fenced6 drop; ip6 daddr @fenced6 drop; }
}
RULES
}

fence() {
  { table; echo "add element inet oneup_fence $set { $address }"; } | nft -f -
}

release() {
  { table; echo "add element inet oneup_fence $set { $address }"; echo "delete element inet oneup_fence $set { $address }"; } | nft -f -
}

# Both: the address is in the set, and the rules that look into the set are there.
state() {
  nft list tables > /dev/null || exit 1
  rules=$(nft list table inet oneup_fence 2> /dev/null) || rules=
  hooks=$(printf '%s\n' "$rules" | grep -c -e 'hook prerouting' -e 'hook postrouting')
  drops=$(printf '%s\n' "$rules" | grep -c -e "$family saddr @$set drop" -e "$family daddr @$set drop")
  if [ "$hooks" = 2 ] && [ "$drops" = 4 ] && nft get element inet oneup_fence "$set" "{ $address }" > /dev/null 2>&1; then
    echo isolated
  else
    echo open
  fi
}

[ $# -eq 2 ] || usage
address=$2
case $address in
  *[!0-9a-fA-F.:]* | '') usage ;;
  *:*) family=ip6 set=fenced6 ;;
  *) family=ip set=fenced4 ;;
esac
case $1 in fence | state | release) "$1" || exit 1 ;; *) usage ;; esac
