# Rekeying in cases. Sourced by run.sh of a case, after interop/run.sh's functions are there.

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
  local what=$1 before
  shift
  step "$what"
  before=$(spis)
  "$@" >"$work/rekey.out" 2>&1 || die "$what: exit status $?: $(cat "$work/rekey.out")"
  wait_until 15 changed_alone "$before" || die "$what: the SAs are $(status_json)"
  note "SPIs were $before"
  note "SPIs are  $now"
}

# pings_begin [SOURCE TARGET] — a hundred pings a second from us, until pings_end.
pings_begin() {
  step "100 pings a second from here on"
  rm -f "$work/enough"
  on ours python3 "$repo/tools/echo.py" --source "${1:-192.168.124.1}" --count 6000 --interval 0.01 --until "$work/enough" \
    "${2:-192.168.125.1}" >"$work/pings" 2>&1 &
  pings=$!
}

# pings_end — no more of them; each was answered, once.
pings_end() {
  step "none of the pings is lost"
  : >"$work/enough"
  wait "$pings" || die "pings lost: $(cat "$work/pings")"
  note "$(cat "$work/pings")"
}

# pings_end_but COUNT — the same, but COUNT may be without an answer.
pings_end_but() {
  local lost
  step "at most $1 of the pings are lost"
  : >"$work/enough"
  wait "$pings" || true
  lost=$(sed -n 's/^\([0-9]*\) sent, \([0-9]*\) answered, 0 twice, 0 changed.*/\1 - \2/p' "$work/pings")
  [ -n "$lost" ] && [ $((lost)) -le "$1" ] || die "pings lost: $(cat "$work/pings")"
  note "$(head -n 1 "$work/pings")"
}
