#!/usr/bin/env bash
# bench.sh [--seconds N] — throughput and round trip between two hosts behind two gateways, side by side:
# nothing but the cable, ikev2d with UDP encapsulation, ikev2d with plain ESP, strongSwan with its userspace data plane.
# All of it on this one machine, so the numbers compare; they do not tell what two machines would do.
# Prints a table and writes build/bench.json.

. "$(dirname "$0")/../netns.sh"
. "$repo/interop/peers/strongswan/peer.sh"
here=$repo/tools/bench
seconds=8
if [ "${1:-}" = --seconds ]; then seconds=${2:?--seconds N}; fi
command -v iperf3 >/dev/null || die "iperf3 is missing (./dev bench installs it)"

on_failure() { tail -n 20 "$work"/*.log 2>/dev/null; }

# gateways N — host-aN, gw-aN, gw-bN, host-bN, as the demonstration has them.
gateways() {
  local name
  for name in "host-a$1" "gw-a$1" "gw-b$1" "host-b$1"; do ns_add "$name"; done
  link "host-a$1" eth0 "gw-a$1" inside
  link "gw-a$1" outside "gw-b$1" outside
  link "gw-b$1" inside "host-b$1" eth0
  on "host-a$1" ip addr add 192.168.124.2/24 dev eth0
  on "host-a$1" ip route add default via 192.168.124.1
  on "gw-a$1" ip addr add 192.168.124.1/24 dev inside
  on "gw-a$1" ip addr add 192.168.100.3/24 dev outside
  on "gw-b$1" ip addr add 192.168.100.2/24 dev outside
  on "gw-b$1" ip addr add 192.168.125.1/24 dev inside
  on "host-b$1" ip addr add 192.168.125.2/24 dev eth0
  on "host-b$1" ip route add default via 192.168.125.1
  for name in "gw-a$1" "gw-b$1"; do on "$name" sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'; done
}

# our_config LOCAL LOCAL_NET REMOTE REMOTE_NET ENCAP
our_config() {
  cat <<YAML
profiles:
  pr1:
    local: {address: $1, auth: {psk: benchmark}}
    remote: {address: $3, auth: {psk: benchmark}}
    ike: {proposals: [aes-gcm-256/hmac-sha2-256/curve25519]}
    encap: $5
    children: {net: {local_ts: [$2], remote_ts: [$4], proposals: [aes-gcm-128/no-esn]}}
YAML
}

ikev2d_pair() { # N ENCAP
  (umask 077
    our_config 192.168.100.3 192.168.124.0/24 192.168.100.2 192.168.125.0/24 "$2" >"$work/a$1.yaml"
    our_config 192.168.100.2 192.168.125.0/24 192.168.100.3 192.168.124.0/24 "$2" >"$work/b$1.yaml")
  IKEV2D_LOG_LEVEL=info start_ikev2d "b$1" "gw-b$1" "$work/b$1.yaml"
  IKEV2D_LOG_LEVEL=info start_ikev2d "a$1" "gw-a$1" "$work/a$1.yaml"
  ctl "a$1" initiate pr1 >&2
}

# their_config LOCAL LOCAL_NET REMOTE REMOTE_NET
their_config() {
  sed "s|@LOCAL@|$1|; s|@LOCAL_NET@|$2|; s|@REMOTE@|$3|; s|@REMOTE_NET@|$4|" "$here/swanctl.conf.in"
}

strongswan_pair() { # N
  their_config 192.168.100.3 192.168.124.0/24 192.168.100.2 192.168.125.0/24 >"$work/a.conf"
  their_config 192.168.100.2 192.168.125.0/24 192.168.100.3 192.168.124.0/24 >"$work/b.conf"
  start_strongswan "b$1" "gw-b$1" "$work/b.conf"
  start_strongswan "a$1" "gw-a$1" "$work/a.conf"
  swan "a$1" --initiate --child net --timeout 10 >"$work/initiate.log" || die "strongSwan does not come up"
}

cable() { # N — the inner networks routed in clear over the outer link
  on "gw-a$1" ip route add 192.168.125.0/24 via 192.168.100.2
  on "gw-b$1" ip route add 192.168.124.0/24 via 192.168.100.3
}

# measure N LABEL — one TCP stream each way, and 200 pings; one JSON object a measurement.
measure() {
  step "$2"
  spawn "$work/iperf$1.log" ip netns exec "$prefix-host-b$1" iperf3 -s --forceflush
  wait_line "$work/iperf$1.log" 'Server listening' 5 || die "iperf3 does not start"
  on "host-a$1" ping -q -n -c 200 -i 0.01 -W 2 192.168.125.2 >"$work/ping" || die "$2: pings lost"
  on "host-a$1" iperf3 -J -t "$seconds" -c 192.168.125.2 >"$work/up" || die "$2: iperf3 failed"
  on "host-a$1" iperf3 -J -R -t "$seconds" -c 192.168.125.2 >"$work/down" || die "$2: iperf3 failed"
  python3 "$here/report.py" one "$2" "$work/ping" "$work/up" "$work/down" | tee -a "$work/results"
}

netns_begin bench
gateways 0; cable 0; measure 0 "cable, no encryption"
gateways 1; ikev2d_pair 1 udp; measure 1 "ikev2d, ESP in UDP"
gateways 2; ikev2d_pair 2 esp; measure 2 "ikev2d, ESP"
gateways 3; strongswan_pair 3; measure 3 "strongSwan, kernel-libipsec"
step "side by side (aes-gcm-128, one TCP stream, $seconds s each)"
python3 "$here/report.py" table "$work/results" "$build/bench.json"
