# Two of ours whose child lies between their own outer addresses. Sourced by cases that have ours.yaml and peer.yaml with
# ADDRESS_OURS, ADDRESS_PEER and ENCAP in them.
. "$here/tcp.sh"

# What crosses the outer link between the two and is neither IKE nor protected; ARP and Neighbor Discovery are the link's.
clear_text="not arp and not udp port 500 and not udp port 4500 and not esp and not ah
  and not (ip6 proto 51) and not (ip6[6] == 0 and ip6[40] == 51) and not (icmp6 and ip6[40] >= 133 and ip6[40] <= 137)
  and not (ip6 src net fe80::/10) and not (ip[6:2] & 0x1fff != 0) and not (ip6[6] == 44)"

# between_hosts ENCAP OURS PEER MODE PROTOCOL — one child over IPv4 or IPv6: pings, large pings, TCP, what the case adds by a
# function more_traffic PEER MODE, and the status.
between_hosts() {
  local encap=$1 ours_address=$2 peer_address=$3 mode=$4 protocol=$5 run
  run=$(printf "%s" "$mode$encap$ours_address" | tr -d ":.")
  step "$mode mode with encap: $encap between $ours_address and $peer_address"
  for side in ours peer; do
    (umask 077 && sed "s/ENCAP/$encap/; s/MODE/$mode/; s/ADDRESS_OURS/\"$ours_address\"/; s/ADDRESS_PEER/\"$peer_address\"/" \
      "$case_dir/$side.yaml" >"$work/$side-$run.yaml")
    start_ikev2d "${side}_$run" $side "$work/$side-$run.yaml"
  done
  capture ours out0 "$work/$run.pcap"
  ctl "ours_$run" initiate pr1 || die "ikectl initiate pr1 exits with $?"
  ping_host ours "$peer_address" 20 56
  ping_host peer "$ours_address" 20 56
  ping_host ours "$peer_address" 5 1300
  tcp_across ours peer "$peer_address" $((1 << 20))
  if declare -F more_traffic >/dev/null; then more_traffic "$peer_address" "$mode"; fi
  ctl "ours_$run" --json status >"$work/status.json"
  python3 - "$work/status.json" "$encap" "$mode" "$protocol" "$ours_address" <<'PY' || die "the status does not show what was asked for: $(cat "$work/status.json")"
import json, sys
_, path, encap, mode, protocol, address = sys.argv
status = json.load(open(path))
sa, = status["ike_sas"]
child, = sa["children"]
assert child["mode"] == mode and child["protocol"] == protocol, child
assert child["encap"] == ("udp" if encap == "udp" else "none"), child["encap"]
assert child["local_ts"] == [address + ("/128" if ":" in address else "/32")], child["local_ts"]
assert child["packets_in"] >= 45 and child["packets_out"] >= 45, child
assert child["bytes_in"] > 40 * 84 and child["bytes_out"] > 1000000, child
PY
  stop_capture
  for side in ours peer; do
    pid=${side}_${run}_pid
    stop_pid "${!pid}"
    wait_line "$work/${side}_$run.log" 'process-ended status=0' 10 || die "$side did not end cleanly"
  done
  seen_in_clear=$(tcpdump -n -r "$work/$run.pcap" "$clear_text" 2>/dev/null | head -n 5)
  [ -z "$seen_in_clear" ] || die "the outer link carried packets in clear: $seen_in_clear"
}

ping_host() {
  on "$1" ping -n -q -c "$3" -i 0.05 -W 3 -s "$4" "$2" >"$work/ping-host" || die "pings lost: $(cat "$work/ping-host")"
  grep -q ' 0% packet loss' "$work/ping-host" || die "pings lost: $(cat "$work/ping-host")"
  note "$(grep transmitted "$work/ping-host")"
}
