# spis — the SPIs of our one child and our one IKE SA that stand; nothing while there is another one beside them.
spis() {
  status_json | python3 -c '
import json, sys
sas = json.load(sys.stdin)["ike_sas"]
if len(sas) == 1 and len(sas[0]["children"]) == 1 and sas[0]["children"][0]["state"] == "installed":
    print(sas[0]["initiator_spi"], sas[0]["responder_spi"], sas[0]["children"][0]["spi_in"])'
}

# changed_alone OLD — other SPIs than OLD, and nothing of the old ones left. Sets `now`.
changed_alone() { now=$(spis) && [ -n "$now" ] && [ "$now" != "$1" ]; }

# rekey WHAT COMMAND… — the command succeeds, and one SA with other SPIs stands after it.
rekey() {
  local what=$1 before now
  shift
  step "$what"
  before=$(spis)
  "$@" || die "$what: exit status $?"
  wait_until 15 changed_alone "$before" || die "$what: the SAs are $(status_json)"
  note "SPIs were $before"
  note "SPIs are  $now"
}

initiate_from_us
step "100 pings a second from here on"
on ours python3 "$repo/tools/echo.py" --source 192.168.124.1 --count 3000 --interval 0.01 192.168.125.1 >"$work/pings" 2>&1 &
pings=$!
rekey "we rekey the child" ours_ctl rekey pr1 --child net
rekey "we rekey the IKE SA" ours_ctl rekey pr1
rekey "the peer rekeys the child" swan peer --rekey --child net
rekey "the peer rekeys the IKE SA" swan peer --rekey --ike pr1
rekey "we rekey the child once more" ours_ctl rekey pr1 --child net
rekey "we authenticate again" ours_ctl reauth pr1
wait $pings || die "pings lost: $(cat "$work/pings")"
note "$(cat "$work/pings")"
expect_agreement
