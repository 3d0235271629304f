. "$here/tcp.sh"

# routers_speak yes|no — whether they say that packets are too big.
routers_speak() {
  local router
  for router in r1 r2; do
    on $router nft flush ruleset
    [ "$1" = yes ] || on $router nft -f - <<'NFT'
table inet silent {
  chain out {
    type filter hook output priority 0;
    icmp type destination-unreachable drop
    icmpv6 type packet-too-big drop
  }
}
NFT
  done
}

# no_fragments FILTER — of those packets none had to be fragmented for the narrow link since the capture began.
no_fragments() {
  stop_capture
  local seen
  seen=$(tcpdump -n -r "$capture_file" "($1) and ((ip and ip[6:2] & 0x3fff != 0) or (ip6 and ip6[6] == 44))" 2>/dev/null | head -n 3)
  [ -z "$seen" ] || die "outer packets were fragmented: $seen"
}

run=0
while read -r speak df probe encap ours_address peer_address; do
  run=$((run + 1))
  step "routers speak: $speak, df: $df, probe: $probe, encap: $encap, $ours_address to $peer_address"
  routers_speak "$speak"
  for side in ours peer; do
    on $side ip route flush cache
    on $side ip -6 route flush cache
    (umask 077 && sed "s/DF/$df/; s/PROBE/$probe/; s/ENCAP/$encap/; s/ADDRESS_OURS/$ours_address/; s/ADDRESS_PEER/$peer_address/" \
      "$case_dir/$side.yaml" >"$work/$side-$run.yaml")
    start_ikev2d "${side}_$run" $side "$work/$side-$run.yaml"
  done
  ctl ours_$run initiate pr1 || die "ikectl initiate pr1 exits with $?"
  tcp_across ours peer 192.168.125.1 $((1 << 20)) 192.168.124.1 40
  tcp_across peer ours fd00:124::1 $((1 << 20)) fd00:125::1 40
  # Without probes only who sends too much is told; our MSS has kept the peer from that.
  for side in ours $([ "$probe" = off ] || echo peer); do
    wait_line "$work/${side}_$run.log" 'event=path-mtu .*mtu=(139[2-9]|1400) ' 40 || die "$side has not found the path MTU: $(grep path-mtu "$work/${side}_$run.log")"
    note "$side: $matched"
  done

  capture r1 right "$work/narrow-$run.pcap"
  tcp_across ours peer 192.168.125.1 $((1 << 20)) 192.168.124.1 40
  [ "$segment" -le 1340 ] || die "the MSS was not lowered"
  tcp_across peer ours fd00:124::1 $((1 << 20)) fd00:125::1 40
  before=$(counter out-cut "ours_$run")
  on ours ip route flush cache # this host has been told: it forgets, and sends what its route takes
  on ours ping -n -q -c 5 -i 0.1 -W 3 -s 3000 -M dont -I 192.168.124.1 192.168.125.1 >"$work/ping" || die "large pings lost: $(cat "$work/ping")"
  [ "$(counter out-cut "ours_$run")" -ge $((before + 5)) ] || die "large pings were not cut before encryption"
  # Without probes the peer, who was not told, answers large pings by packets that routers fragment.
  if [ "$probe" = off ]; then no_fragments "src host $ours_address"; else no_fragments "ip or ip6"; fi
  on ours ping -n -q -c 3 -i 0.2 -W 1 -s 1372 -M "do" -I 192.168.124.1 192.168.125.1 >"$work/ping" 2>&1 && die "a ping of 1400 octets with DF got through"
  [ "$(counter out-too-big "ours_$run")" -ge 1 ] || die "nothing was told to be too big: $(cat "$work/ping")"
  on ours ip route get 192.168.125.1 from 192.168.124.1 >"$work/route"
  grep -q 'mtu 13' "$work/route" || die "the host was not told: $(cat "$work/route")"
  note "$(grep -o 'mtu [0-9]*' "$work/route") is what the host was told"
  for side in ours peer; do
    pid=${side}_${run}_pid
    stop_pid "${!pid}"
    wait_line "$work/${side}_$run.log" 'process-ended status=0' 10 || die "$side did not end cleanly"
  done
done <<'TABLE'
no  copy  on  udp 10.9.1.2  10.9.3.2
no  set   on  esp 10.9.1.2  10.9.3.2
yes copy  off udp 10.9.1.2  10.9.3.2
yes clear on  esp 10.9.1.2  10.9.3.2
no  clear on  udp fd09:1::2 fd09:3::2
yes clear off esp fd09:1::2 fd09:3::2
TABLE
