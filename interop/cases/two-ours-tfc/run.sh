# sizes_from ADDRESS — the lengths of the outer packets from there, each once.
sizes_from() {
  tcpdump -nvr "$work/outer.pcap" "src $1 and udp port 4500 and udp[8:4] != 0" 2>/dev/null |
    sed -n 's/.*proto UDP (17), length \([0-9]*\)).*/\1/p' | sort -un | tr '\n' ' '
}
outer_count() { tcpdump -nr "$work/outer.pcap" "src $1 and udp port 4500 and udp[8:4] != 0" 2>/dev/null | wc -l; }
initiate_from_us
capture ours out0 "$work/outer.pcap"
step "100 pings of sizes from 8 to 900"
on ours python3 "$repo/tools/echo.py" --source 192.168.124.1 --count 100 --interval 0.01 --random 8 900 192.168.125.1 >"$work/pings" ||
  die "pings: $(cat "$work/pings")"
note "$(cat "$work/pings")"
wait_until 5 eval '[ "$(outer_count 192.168.100.2)" -ge 100 ]' || die "the capture holds $(outer_count 192.168.100.2) packets"
stop_capture
step "sizes on the path"
note "from us $(sizes_from 192.168.100.3), from the peer $(sizes_from 192.168.100.2)"
[ "$(sizes_from 192.168.100.3 | wc -w)" -eq 1 ] || die "packets of ours differ: $(sizes_from 192.168.100.3)"
[ "$(sizes_from 192.168.100.2 | wc -w)" -eq 1 ] || die "packets of the peer differ: $(sizes_from 192.168.100.2)"
[ "$(sizes_from 192.168.100.2)" -gt 1480 ] || die "the peer's packets are not as long as the path takes: $(sizes_from 192.168.100.2)"
step "dummies are sent, and dropped in silence"
[ "$(counter out-dummy ours)" -ge 20 ] || die "dummies sent: $(counter out-dummy ours)"
[ "$(counter in-dummy peer)" -eq "$(counter out-dummy ours)" ] || die "the peer has $(counter in-dummy peer) of $(counter out-dummy ours)"
[ "$(counter out-dummy peer)" -eq 0 ] || die "the peer sends dummies"
