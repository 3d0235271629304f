#!/usr/bin/env bash
# scale.sh [--tunnels N] [--minutes N] — N tunnels (1000) between two of our daemons, which rekey for some minutes (10).
#
#   10.1.X.Y/32  [clients] 192.168.100.3 ------ 192.168.100.2 [hub]  10.2.0.0/16
#
# The clients are one daemon with a profile and an identity for each tunnel, the hub is a responder with one profile for all
# of them. On both sides a child lives for 20 s and an IKE SA for 60 s. Prints the resident memory of both before and after
# the tunnels came up, so the memory of a tunnel, then a line every 30 s. Exit status 0: every tunnel stood at the end and
# carried a ping, keys were replaced all the time, and from the second minute on memory grew by 5 % at most.
# Run by hand, as root; it measures what is in IKEV2D_BUILD (build/).

. "$(dirname "$0")/../netns.sh"
here=$repo/tools/scale
tunnels=1000
minutes=10
allowed_growth=5 # per cent; the allocator takes and gives back one or two MB at a time
while [ $# -gt 0 ]; do
  case $1 in
    --tunnels) tunnels=${2:?--tunnels N} ;;
    --minutes) minutes=${2:?--minutes N} ;;
    *) die "usage: scale.sh [--tunnels N] [--minutes N]" ;;
  esac
  shift 2
done
[ "$minutes" -ge 3 ] || die "--minutes: growth is measured from the second minute on, so at least 3"

on_failure() { tail -n 20 "$work"/*.log; }

# resident SIDE — kB of memory that the daemon has in use.
resident() {
  local wrapper=${1}_pid
  awk '/^VmRSS/ {print $2}' "/proc/$(cat "/proc/${!wrapper}/task/${!wrapper}/children" | awk '{print $1}')/status"
}

# tunnels_of SIDE — the status, boiled down to one line of numbers; see sample.py.
tunnels_of() { ctl "$1" --json status | python3 "$here/sample.py" state "$work/$1.children"; }

all_up() { [ "$(tunnels_of clients | cut -d' ' -f1)" -eq "$tunnels" ] && [ "$(tunnels_of hub | cut -d' ' -f1)" -eq "$tunnels" ]; }

# sample SECOND — one line of the report.
sample() {
  printf '%s %s %s %s %s\n' "$1" "$(resident clients)" "$(resident hub)" "$(tunnels_of clients)" "$(tunnels_of hub)" >>"$work/samples"
  python3 "$here/sample.py" line "$work/samples"
}

netns_begin scale
ns_add clients
ns_add hub
link clients out0 hub out0
on clients ip addr add 192.168.100.3/24 dev out0
on hub ip addr add 192.168.100.2/24 dev out0
on hub ip addr add 10.2.0.1/32 dev lo
(umask 077 && python3 "$here/sample.py" config "$tunnels" "$work")

step "two daemons without a tunnel"
export IKEV2D_LOG_LEVEL=warning
for side in hub clients; do
  spawn "$work/$side.log" ip netns exec "$prefix-$side" "$build/ikev2d" -c "$work/$side.yaml" -s "$work/$side.sock" --log-level warning
  declare "${side}_pid=$spawned"
  wait_until 30 test -S "$work/$side.sock" || die "ikev2d ($side) does not become ready"
  wait_until 30 ctl $side status >"$work/$side.status" 2>&1 || die "ikev2d ($side) does not answer"
done
clients_before=$(resident clients)
hub_before=$(resident hub)
note "clients $clients_before kB, hub $hub_before kB"

step "$tunnels tunnels"
begin=${EPOCHREALTIME/./}
for ((i = 0; i < tunnels; i++)); do echo "initiate t$i --timeout 60s"; done |
  xargs -P 8 -L 1 "$build/ikectl" -s "$work/clients.sock" >"$work/initiate.out" 2>&1 ||
  die "not every tunnel came up: $(grep -v established "$work/initiate.out" | tail -n 5)"
wait_until 30 all_up || die "tunnels: $(tunnels_of clients) here, $(tunnels_of hub) there"
note "up after $(((${EPOCHREALTIME/./} - begin) / 1000)) ms, by a run of ikectl each"
python3 "$here/sample.py" each "$tunnels" "$clients_before" "$(resident clients)" "$hub_before" "$(resident hub)"

step "$minutes minutes of rekeying: a child every 20 s, an IKE SA every 60 s, by either side"
python3 "$here/sample.py" head
begin=$SECONDS
sample 0
for ((second = 30; second <= minutes * 60; second += 30)); do
  sleep $((begin + second - SECONDS > 0 ? begin + second - SECONDS : 0)) # the pace of the report
  sample $second
done

step "traffic through the tunnels"
for ((i = 0; i < tunnels; i += (tunnels + 24) / 25)); do
  address=10.1.$((i / 250)).$((i % 250 + 1))
  on clients ip addr add $address/32 dev lo
  on clients ping -q -n -c 3 -i 0.05 -W 3 -I $address 10.2.0.1 >"$work/ping" || die "no ping from $address: $(cat "$work/ping")"
done
note "25 of them carry pings"
wait_until 30 all_up || die "tunnels at the end: $(tunnels_of clients) here, $(tunnels_of hub) there"

step "what the report says"
python3 "$here/sample.py" verdict "$work/samples" "$tunnels" "$allowed_growth" || die "see above"
for side in clients hub; do
  pid=${side}_pid
  stop_pid "${!pid}"
done
