seconds=62
initiate_from_us
step "100 pings a second and a TCP stream, for $seconds seconds"
on ours python3 "$repo/tools/echo.py" --source 192.168.124.1 --count $((seconds * 100)) --interval 0.01 192.168.125.1 \
  >"$work/pings" 2>&1 &
pings=$!
on peer python3 "$repo/tools/stream.py" serve 192.168.125.1 5001 $seconds >"$work/stream.out" 2>&1 &
stream=$!
wait_line "$work/stream.out" listening 20 || die "no stream: $(cat "$work/stream.out")"
on ours python3 "$repo/tools/stream.py" take 192.168.125.1 5001 192.168.124.1 >"$work/stream.in" 2>&1 &
taker=$!

# every_two_seconds WHAT COMMAND… — ten times.
every_two_seconds() {
  local what=$1 round
  shift
  step "$what, ten times in twenty seconds"
  for round in {1..10}; do
    "$@" || die "$what, round $round: exit status $?"
    sleep 2 # the pace that the case is about
  done
}
both_ends() {
  ours_ctl rekey pr1 --child net &
  local left=$! right
  ctl peer rekey pr1 --child net &
  right=$!
  wait $left && wait $right || return 1
  ours_ctl rekey pr1 &
  left=$!
  ctl peer rekey pr1 &
  right=$!
  wait $left && wait $right
}
every_two_seconds "we rekey the child" ours_ctl rekey pr1 --child net
every_two_seconds "we rekey the IKE SA" ours_ctl rekey pr1
every_two_seconds "both ends rekey the child, then both the IKE SA" both_ends

step "what was lost"
wait $pings || die "pings lost: $(cat "$work/pings")"
note "$(cat "$work/pings")"
wait $stream || die "the stream broke: $(cat "$work/stream.out")"
wait $taker || die "the stream broke: $(cat "$work/stream.in")"
note "$(tail -n 1 "$work/stream.out"); $(cat "$work/stream.in")"
for side in ours peer; do
  ctl $side --json status | python3 -c '
import json, sys
counters = json.load(sys.stdin)["counters"]
harmless = ("ike-", "in-bytes", "in-packets", "in-probe", "in-early", "out-bytes", "out-packets", "out-probe", "out-no-policy")
lost = {name: count for name, count in counters.items() if not name.startswith(harmless)}
sys.exit(f"dropped: {lost}" if lost else 0)' || die "$side has dropped packets"
done

one_sa() {
  local side
  for side in ours peer; do
    ctl $side --json status | python3 -c '
import json, sys
sas = json.load(sys.stdin)["ike_sas"]
sys.exit(not (len(sas) == 1 and len(sas[0]["children"]) == 1 and sas[0]["children"][0]["state"] == "installed"))' ||
      return 1
  done
}
step "one SA stands"
wait_until 30 one_sa || die "more than one SA: $(status_json)"
ping_across ours 20
ping_across peer 20
