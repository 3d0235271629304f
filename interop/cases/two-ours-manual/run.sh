. "$here/two_hosts.sh"

# begin NAME UDP — both daemons, with the SAs of NAME on the peer's side.
begin() {
  local natt=none
  run=$1-$2
  [ "$2" = false ] || natt=nonesp
  (umask 077 && sed "s|STATE|$work/ours.state|" "$case_dir/ours.yaml" >"$work/ours-$run.yaml")
  (umask 077 && sed "s|STATE|$work/peer.state|; s/UDP/$2/" "$case_dir/$1.peer.yaml" >"$work/peer-$run.yaml")
  sed "s/NATT/$natt/" "$case_dir/$1.commands" >"$work/$run.commands"
  for side in ours peer; do
    rm -f "$work/${side}_${run//-/_}.log" # of a daemon before: what follows waits for lines of this one
    start_ikev2d "${side}_${run//-/_}" $side "$work/$side-$run.yaml"
  done
  capture ours out0 "$work/$run.pcap"
  ctl "ours_${run//-/_}" -f "$work/$run.commands" || die "ikectl -f $run.commands exits with $?"
}

# finish PROTOCOL [LEAST] — nothing left in clear, so many packets did protected (40), and both daemons end.
finish() {
  local side pid
  ctl "ours_${run//-/_}" spi
  ctl "ours_${run//-/_}" spigrp
  ctl "ours_${run//-/_}" eroute
  stop_capture
  for side in ours peer; do
    pid=${side}_${run//-/_}_pid
    stop_pid "${!pid}"
    wait_line "$work/${side}_${run//-/_}.log" 'process-ended status=0' 10 || die "$side did not end cleanly"
  done
  seen_in_clear=$(tcpdump -n -r "$work/$run.pcap" "$clear_text" 2>/dev/null | head -n 5)
  [ -z "$seen_in_clear" ] || die "the outer link carried packets in clear: $seen_in_clear"
  protected=$(tcpdump -n -r "$work/$run.pcap" "$1" 2>/dev/null | wc -l)
  [ "$protected" -ge "${2:-40}" ] || die "only $protected packets of: $1"
  note "$protected packets of: $1"
}

step "the page's example: transport mode, SPIs 1000 and 1001"
begin page false
ping_host ours 192.168.100.2 20 56
ping_host peer 192.168.100.3 20 56
tcp_across ours peer 192.168.100.2 $((1 << 20))
wire_length=$(tcpdump -n -r "$work/page-false.pcap" 'esp and src 192.168.100.3' 2>/dev/null | sed -n 1p)
[[ $wire_length == *"spi=0x000003e9,seq=0x1), length 116" ]] || die "the first packet is not as on the page: $wire_length"
ctl ours_page_false spi | grep -q '^esp0x3e9@192.168.100.2 ESP_AES_HMAC_SHA1: dir=out src=192.168.100.3 ' || die "the listing is not as it should be"
! ctl ours_page_false --json spi | grep -q 4a506a79 || die "a key is listed without --secrets"
ctl ours_page_false --secrets spi | grep -q 'enckey=0x4a506a794f574265564551694d653768' || die "--secrets lists no keys"
finish esp

step "AH between the hosts over IPv6"
begin ah false
ping_host ours 2001:db8::2 20 56
ping_host peer 2001:db8::3 20 56
finish 'ip6 proto 51'

for udp in false true; do
  step "a group of tun and esp, AES-GCM, in UDP: $udp"
  begin group $udp
  ping_across ours 20
  ping_across peer 20
  [ $udp = false ] || finish 'udp port 4500'
  [ $udp = true ] || finish esp
done

step "after a crash the numbers of AES-GCM go on"
begin group false
ping_across ours 5
kill -KILL "$(pgrep -P "$ours_group_false_pid")"
wait_line "$work/ours_group_false.log" 'process-ended status=137' 10 || die "the daemon was not killed"
rm "$work/ours_group_false.log"
start_ikev2d ours_group_false ours "$work/ours-group-false.yaml"
ctl ours_group_false -f "$work/group-false.commands" || die "ikectl -f exits with $?"
ping_across ours 5
sequence=$(ctl ours_group_false --json spi | python3 -c '
import json, sys
print(max(sa["sequence"] for sa in json.load(sys.stdin)["sas"] if sa["outbound"]))')
note "the last number sent is $sequence"
[ "$sequence" -gt 16777216 ] || die "numbers of AES-GCM began again"
finish esp 20
