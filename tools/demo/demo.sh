#!/usr/bin/env bash
# demo.sh [--encap udp|esp] — two gateways and a host behind each, in network namespaces on this machine.
#
#   host-a ----------- gw-a ======= outer link ======= gw-b ----------- host-b
#   192.168.124.2   .124.1 192.168.100.3   192.168.100.2 .125.1   192.168.125.2
#                    ikev2d                       ikev2d
#
# Both gateways run ikev2d with profile pr1 and a random PSK. Exit status 0 only if pings and a download crossed whole
# and the outer link carried nothing but ARP, neighbour discovery, IKE and ESP. It takes away all that it made.

. "$(dirname "$0")/../netns.sh"

encap=auto
while [ $# -gt 0 ]; do
  case $1 in
    --encap)
      encap=${2:-}
      [[ $encap == udp || $encap == esp || $encap == auto ]] || die "--encap is udp or esp"
      shift 2
      ;;
    *) die "usage: demo.sh [--encap udp|esp]" ;;
  esac
done

on_failure() {
  local side
  for side in gw_a gw_b; do
    [ -e "$work/$side.log" ] || continue
    printf '\n=== the last lines of %s\n' "$side"
    tail -n 40 "$work/$side.log"
  done
}

topology() {
  local name
  for name in host-a gw-a gw-b host-b; do ns_add $name; done
  link host-a eth0 gw-a inside
  link gw-a outside gw-b outside
  link gw-b inside host-b eth0
  on host-a ip addr add 192.168.124.2/24 dev eth0
  on host-a ip route add default via 192.168.124.1
  on gw-a ip addr add 192.168.124.1/24 dev inside
  on gw-a ip addr add 192.168.100.3/24 dev outside
  on gw-b ip addr add 192.168.100.2/24 dev outside
  on gw-b ip addr add 192.168.125.1/24 dev inside
  on host-b ip addr add 192.168.125.2/24 dev eth0
  on host-b ip route add default via 192.168.125.1
  for name in gw-a gw-b; do on $name sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'; done
}

# profile FILE LOCAL LOCAL_ID LOCAL_NET REMOTE REMOTE_ID REMOTE_NET
profile() {
  cat >"$1" <<YAML
profiles:
  pr1:
    local:
      address: $2
      id: fqdn:$3
      auth: {psk: {file: psk}}
    remote:
      address: $5
      id: fqdn:$6
      auth: {psk: {file: psk}}
    encap: $encap
    children:
      net:
        local_ts: [$4]
        remote_ts: [$7]
YAML
}

profiles() {
  mkdir "$work/a" "$work/b"
  (umask 077 && head -c 32 /dev/urandom | base64 | tr -d '\n' >"$work/a/psk" && cp "$work/a/psk" "$work/b/psk")
  profile "$work/a/profiles.yaml" 192.168.100.3 vpp.home 192.168.124.0/24 \
    192.168.100.2 roadwarrior.vpn.example.com 192.168.125.0/24
  profile "$work/b/profiles.yaml" 192.168.100.2 roadwarrior.vpn.example.com 192.168.125.0/24 \
    192.168.100.3 vpp.home 192.168.124.0/24
}

download() {
  local sent received
  mkdir "$work/www"
  head -c 8388608 /dev/urandom >"$work/www/file.bin"
  spawn "$work/http.log" ip netns exec "$prefix-host-b" \
    python3 -u -m http.server --bind 192.168.125.2 --directory "$work/www" 8080
  wait_line "$work/http.log" 'Serving HTTP' 10 || die "the HTTP server does not start: $(tail -n 3 "$work/http.log")"
  on host-a curl -sS --fail --max-time 60 -o "$work/received.bin" http://192.168.125.2:8080/file.bin || die "the download failed"
  sent=$(sha256sum <"$work/www/file.bin" | cut -d' ' -f1)
  received=$(sha256sum <"$work/received.bin" | cut -d' ' -f1)
  note "sha256 sent      $sent"
  note "sha256 received  $received"
  [ "$sent" = "$received" ] || die "the file came through changed"
}

pings() {
  local out
  out=$(on host-a ping -n -c 20 -i 0.1 -w 15 192.168.125.2) || die "pings were lost: $out" # until 20 are answered
  sed -n '2,4p' <<<"$out" | sed 's/^/    /'
  grep -E 'packets transmitted' <<<"$out" | sed 's/^/    /'
}

listings() {
  local command
  for command in status "show ikev2 sa" "show ipsec sa"; do
    step "gw-a: ikectl $command"
    # shellcheck disable=SC2086 # the words of the command
    ctl gw_a $command || die "ikectl $command exits with $?"
  done
}

# stop_gateway SIDE PID — SIGTERM; it deletes its SAs with the peer and ends with exit status 0.
stop_gateway() {
  stop_pid "$2"
  wait_line "$work/$1.log" 'process-ended status=0' 1 || die "$1 did not end cleanly: $(tail -n 1 "$work/$1.log")"
}

netns_begin demo
step "four namespaces: host-a, gw-a, gw-b, host-b"
topology
profiles
capture gw-a outside "$work/outer.pcap"
step "ikev2d on both gateways"
start_ikev2d gw_b gw-b "$work/b/profiles.yaml"
start_ikev2d gw_a gw-a "$work/a/profiles.yaml"
grep -h 'event=ready' "$work/gw_a.log" "$work/gw_b.log" | sed 's/^/    /'
step "gw-a: ikectl initiate pr1"
milliseconds ctl gw_a initiate pr1 || die "ikectl initiate pr1 exits with $?"
note "up after $elapsed_ms ms"
step "host-a pings host-b, 20 times"
pings
step "host-a downloads 8 MiB from host-b"
download
listings
step "gw-b: ikectl status"
ctl gw_b status
step "both gateways stop"
stop_gateway gw_a "$gw_a_pid"
stop_gateway gw_b "$gw_b_pid"
stop_capture
step "what the outer link carried"
python3 "$repo/tools/check_capture.py" "$work/outer.pcap" --inner 192.168.124.0/24 192.168.125.0/24 --esp-at-least 150 ||
  die "something stood on the outer link that must not"
note "no inner address in clear"
printf '\nThe tunnel works: every packet between the hosts crossed encrypted.\n'
