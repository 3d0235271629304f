initiate_from_us
ping_across ours 5
rules() { on ours ip rule list | wc -l; }
rules_up=$(rules)

step "the daemon is killed"
kill -KILL "$(pgrep -P "$ours_pid")"
wait_line "$work/ours.log" 'process-ended status=137' 5 || die "the daemon is not dead"
[ -S "$work/ours.sock" ] || die "the case needs the stale socket file"
[ "$(rules)" -gt 3 ] || die "the case needs the rules that a crash leaves"

step "its next life"
spawn "$work/second.log" ip netns exec "$prefix-ours" "$build/ikev2d" -c "$work/ours.yaml" -s "$work/ours.sock" --log-level debug
ours_pid=$spawned
wait_line "$work/second.log" 'event=ready' 15 || die "no second life: $(tail -n 3 "$work/second.log")"
[ "$(rules)" -eq 3 ] || die "rules of the first life are left: $(on ours ip rule list)"
[ -z "$(on ours ip route show table 7362 2>/dev/null)" ] || die "routes of the first life are left"
initiate_from_us
ping_across ours 20
ping_across peer 20
[ "$(rules)" -eq "$rules_up" ] || die "other rules than in the first life: $(on ours ip rule list)"
ctl peer --json status | python3 -c 'import json, sys; sys.exit(len(json.load(sys.stdin)["ike_sas"]) != 1)' ||
  die "the peer keeps the SA of the first life"
ln -sf second.log "$work/ours.log" # where the harness looks for a clean end
