# count FILTER FILE — how many packets of the capture it fits.
count() { tcpdump -nr "$2" "$1" 2>/dev/null | wc -l; }
ping_class() { on ours ping -q -c 5 -i 0.1 -W 1 -Q "$1" -I 192.168.124.1 192.168.125.1 >"$work/ping" 2>&1; }

initiate_from_us
capture ours out0 "$work/outer.pcap"
step "the outer header has the DSCP and ECN of the inner one, both ways"
ping_class 0xba || die "pings lost: $(cat "$work/ping")"
ping_class 0x00 || die "pings lost: $(cat "$work/ping")"
wait_until 5 eval '[ "$(count "ip[1] == 0 and udp port 4500" "$work/outer.pcap")" -ge 10 ]' || die "what had no class has one"
stop_capture
[ "$(count 'ip[1] == 0xba and udp port 4500' "$work/outer.pcap")" -eq 10 ] || die "outer headers: $(tcpdump -nvr "$work/outer.pcap" 2>&1 | head)"

step "a router marks congestion: the mark comes out of the tunnel"
on peer nft -f - <<'NFT'
table ip congested {
  chain arrives {
    type filter hook prerouting priority -300
    udp dport 4500 ip ecn set ce
  }
}
NFT
spawn "$work/inner.pcap.log" ip netns exec "$prefix-peer" tcpdump -Z root -U --immediate-mode -i ipsec0 -w "$work/inner.pcap"
capture_pid=$spawned capture_file=$work/inner.pcap
wait_line "$work/inner.pcap.log" 'listening on' 10 || die "tcpdump does not start"
ping_class 0x02 || die "pings lost: $(cat "$work/ping")"
stop_capture
[ "$(count 'icmp[0] == 8 and ip[1] == 3' "$work/inner.pcap")" -eq 5 ] || die "inner headers: $(tcpdump -nvr "$work/inner.pcap" 2>&1 | head)"
step "whoever knows no ECN has the packet dropped instead"
ping_class 0x00 && die "marked packets of a sender without ECN were delivered"
ctl peer --json status | grep -q '"in-ecn"' || die "no counter in-ecn: $(ctl peer --json status)"
on peer nft delete table ip congested
