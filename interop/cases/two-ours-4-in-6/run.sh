. "$here/two_hosts.sh"

for side in ours peer; do
  (umask 077 && sed "s|STATE|$work/$side.state|" "$case_dir/ours.yaml" >"$work/$side.yaml")
  start_ikev2d $side $side "$work/$side.yaml"
done
capture ours out0 "$work/outer.pcap"
step "the commands of the page"
for side in ours peer; do
  ctl $side -f "$case_dir/$side.commands" >"$work/said" || die "ikectl -f $side.commands exits with $?"
done

step "pings between the hosts, small and in fragments"
on ours-inside python3 "$repo/tools/echo.py" --source 172.16.0.9 --count 200 --random 1 3000 --window 4 10.6.0.9 >"$work/echo" 2>&1 ||
  die "pings lost: $(cat "$work/echo")"
note "$(cat "$work/echo")"
on peer-inside python3 "$repo/tools/echo.py" --source 10.6.0.9 --count 200 --random 1 3000 --window 4 172.16.0.9 >"$work/echo" 2>&1 ||
  die "pings lost: $(cat "$work/echo")"
note "$(cat "$work/echo")"

step "what the SPDs and SAs say"
ctl ours show ipsec spd
ctl ours show ipsec sa
ctl ours --json spi | python3 -c '
import json, sys
carried = {sa["id"]: sa["packets"] for sa in json.load(sys.stdin)["sas"]}
print("    packets by SA:", carried)
sys.exit(carried[10] < 400 or carried[30] + carried[20] < 400)' || die "packets went past the SAs"

stop_capture
for side in ours peer; do
  pid=${side}_pid
  stop_pid "${!pid}"
  wait_line "$work/$side.log" 'process-ended status=0' 10 || die "$side did not end cleanly"
done
ours_pid=
seen_in_clear=$(tcpdump -n -r "$work/outer.pcap" "$clear_text" 2>/dev/null | head -n 5)
[ -z "$seen_in_clear" ] || die "the outer link carried packets in clear: $seen_in_clear"
protected=$(tcpdump -n -r "$work/outer.pcap" 'ip6 proto 50 and host 2001::1 and host 2001::2' 2>/dev/null | wc -l)
[ "$protected" -ge 800 ] || die "only $protected packets of ESP over IPv6"
note "$protected packets of ESP between 2001::1 and 2001::2, and nothing in clear"
