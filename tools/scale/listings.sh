#!/usr/bin/env bash
# listings.sh [--sas N] [--tunnels N] [--children N] — how soon ikectl prints with many SAs: N keyed by hand (10000) with an eroute
# for each peer, then N tunnels (1000) between two of our daemons with so many children each (10).
#
#   10.1.X.Y/32  [clients] 192.168.100.3 ------ 192.168.100.2 [hub]  10.2.C.0/24
#
# For each command it prints octets, milliseconds to the first of them and to the last, and the longest time for which the daemon
# kept another client waiting meanwhile: its IKE thread serves both. Run by hand, as root; it measures what is in
# IKEV2D_BUILD (build/). --tunnels 0 leaves the second half out.

. "$(dirname "$0")/../netns.sh"
here=$repo/tools/scale
sas=10000 tunnels=1000 children=10
while [ $# -gt 0 ]; do
  case $1 in
    --sas) sas=${2:?--sas N} ;;
    --tunnels) tunnels=${2:?--tunnels N} ;;
    --children) children=${2:?--children N} ;;
    *) die "usage: listings.sh [--sas N] [--tunnels N] [--children N]" ;;
  esac
  shift 2
done

on_failure() { tail -n 20 "$work"/*.log; }

# begin SIDE — the daemon of that namespace, once it answers.
begin() {
  spawn "$work/$1.log" ip netns exec "$prefix-$1" "$build/ikev2d" -c "$work/$1.yaml" -s "$work/$1.sock" --log-level warning
  declare -g "${1}_pid=$spawned"
  wait_until 60 test -S "$work/$1.sock" || die "ikev2d ($1) does not become ready"
  wait_until 60 ctl "$1" version >"$work/$1.version" 2>&1 || die "ikev2d ($1) does not answer"
}

# measure SIDE — every listing, with the daemon of that side.
measure() {
  local line index
  index=$(ctl "$1" show ipsec sa | sed -nE '$s/^\[([0-9]+)\].*/\1/p')
  printf '%-34s %10s %9s %9s %9s\n' command octets first all "other's"
  while read -r line; do
    # shellcheck disable=SC2086 # words of the command
    python3 "$here/listings.py" measure "$build/ikectl" "$work/$1.sock" ${line/INDEX/$index} || die "ikectl $line failed"
  done <<'COMMANDS'
status
--json status
show ikev2 sa
show ikev2 sa details
show ikev2 profile
show ipsec sa
show ipsec sa detail
show ipsec sa INDEX
--json show ipsec sa
show ipsec all
show ipsec --format wiki
spi
--json spi
spigrp
eroute
config save
show error
raw status
raw manual-list
help
COMMANDS
}

netns_begin listings
ns_add clients
ns_add hub
link clients out0 hub out0
on clients ip addr add 192.168.100.3/24 dev out0
on hub ip addr add 192.168.100.2/24 dev out0
on hub ip addr add 192.0.2.1/24 dev lo

step "$sas SAs that are keyed by hand"
(umask 077 && python3 "$here/listings.py" config "$sas" "$work/hub.yaml")
begin hub
measure hub
stop_pid "$hub_pid"
[ "$tunnels" -gt 0 ] || exit 0

step "$tunnels tunnels with $children children each"
rm -f "$work/hub.sock"
(umask 077 && python3 "$here/listings.py" tunnels "$tunnels" "$children" "$work")
begin hub
begin clients
for ((i = 0; i < tunnels; i++)); do echo "initiate t$i --timeout 120s"; done |
  xargs -P 8 -L 1 "$build/ikectl" -s "$work/clients.sock" >"$work/initiate.out" 2>&1 ||
  die "not every tunnel came up: $(grep -v established "$work/initiate.out" | tail -n 5)"
measure clients
for side in hub clients; do
  pid=${side}_pid
  stop_pid "${!pid}"
done
