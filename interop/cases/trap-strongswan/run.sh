# profile_is DESIRED ACTUAL
profile_is() {
  status_json | python3 -c '
import json, sys
profile = json.load(sys.stdin)["profiles"][0]
sys.exit((profile["desired"], profile["actual"]) != (sys.argv[1], sys.argv[2]))' "$@"
}

step "the trap stands, and no SA"
profile_is on-demand down || die "the profile is not on demand and down: $(status_json)"
on ours ip route show table 7362 | grep -q 192.168.125.0/24 || die "no route leads into the device"
on ours ip route add 192.168.125.0/24 via 192.168.100.2 dev out0 # so that a leak would be seen
capture ours out0 "$work/outer.pcap"

ping_across ours 5
expect_log ours 'event=acquire .*child=net'
expect_agreement
profile_is on-demand up || die "the profile is not up: $(status_json)"
[ "$(counter out-held)" -ge 1 ] || die "no packet has waited"
[ "$(grep -c event=acquire "$work/ours.log")" -eq 1 ] || die "more than one acquire"

step "the peer deletes the IKE SA; the next ping brings it up again"
swan peer --terminate --ike pr1 >/dev/null
wait_line "$work/ours.log" 'event=ike-down' 5 || die "no deletion"
ping_across ours 5
[ "$(grep -c event=acquire "$work/ours.log")" -eq 2 ] || die "not two acquires"
expect_agreement

step "a peer that refuses is asked with pauses"
swan peer --terminate --ike pr1 >/dev/null
wait_until 5 profile_is on-demand down || die "no deletion"
sed -i 's/Vpp123/another/' "$work/peer/swanctl/swanctl.conf"
swan peer --load-creds --clear >"$work/reload" 2>&1 || die "no new secret: $(cat "$work/reload")"
before=$(grep -c event=acquire "$work/ours.log")
on ours ping -q -c 50 -i 0.02 -w 2 -I 192.168.124.1 192.168.125.1 >/dev/null && die "a ping was answered with the wrong secret"
wait_line "$work/ours.log" 'event=ike-failed' 5 || die "the attempt did not fail"
asked=$(($(grep -c event=acquire "$work/ours.log") - before))
note "$asked acquires for 50 packets"
[ "$asked" -ge 1 ] && [ "$asked" -le 3 ] || die "$asked acquires in two seconds"
[ "$(counter out-hold-pause)" -ge 1 ] || die "no packet met the pause"
stop_capture
step "the outer link"
python3 "$repo/tools/check_capture.py" "$work/outer.pcap" --inner 192.168.124.0/24 192.168.125.0/24 --esp-at-least 20 ||
  die "the outer link carried something else"
