on ours ip route add 192.168.125.0/24 via 192.168.100.2 dev out0 # so that a leak would be seen
capture ours out0 "$work/outer.pcap"
ping_across ours 5
expect_log ours 'event=acquire .*child=net'

step "the peer is killed"
kill -KILL "$(pgrep -P "$peer_pid")"
wait_line "$work/peer.log" 'process-ended status=137' 5 || die "the peer is not dead"
expect_log ours 'the peer is dead' 15
on ours ip route show table 7362 | grep -q 192.168.125.0/24 || die "the route into the device is gone"
step "packets to the dead peer do not leave in clear"
on ours ping -q -c 3 -i 0.2 -w 1 -I 192.168.124.1 192.168.125.1 >/dev/null && die "a ping to a dead peer was answered"

step "the peer's next life"
spawn "$work/second.log" ip netns exec "$prefix-peer" "$build/ikev2d" -c "$work/peer.yaml" -s "$work/peer.sock" --log-level debug
wait_line "$work/second.log" 'event=ready' 15 || die "no second life: $(tail -n 3 "$work/second.log")"
step "traffic brings the tunnel back, without a command"
answered() { on ours ping -q -c 1 -W 1 -I 192.168.124.1 192.168.125.1 >/dev/null; }
wait_until 90 answered || die "no ping is answered after the peer's return"
ping_across ours 5
ping_across peer 5
stop_capture
step "the outer link carried no inner packet in clear" # besides IKE and ESP there are the ICMP errors of a dead peer's host
clear=$(tcpdump -nr "$work/outer.pcap" 'net 192.168.124.0/24 or net 192.168.125.0/24' 2>/dev/null)
[ -z "$clear" ] || die "in clear: $clear"
[ -n "$(tcpdump -nr "$work/outer.pcap" 'udp port 4500 or esp' 2>/dev/null)" ] || die "the capture has seen no ESP"
