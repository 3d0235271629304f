# Keepalives that a side has seen (RFC 3948 2.3).
keepalives() {
  ctl "$1" --json status | python3 -c 'import json, sys; print(json.load(sys.stdin)["counters"].get("in-keepalive", 0))'
}
more_keepalives() { [ "$(keepalives "$1")" -gt "$2" ]; }
both_start() {
  for side in ours peer; do
    (umask 077 && sed "s/MOBIKE/$2/" "$case_dir/$side.yaml" >"$work/$side-$1.yaml")
    start_ikev2d "${side}_$1" $side "$work/$side-$1.yaml"
  done
  ctl "ours_$1" initiate pr1 || die "ikectl initiate pr1 exits with $?"
  ping_across ours 10
  ping_across peer 10
}
both_stop() {
  for side in ours peer; do
    pid=${side}_$1_pid
    stop_pid "${!pid}"
    wait_line "$work/${side}_$1.log" 'process-ended status=0' 10 || die "$side did not end cleanly"
  done
}
for mobike in false true; do
  step "one NAT, mobike: $mobike"
  both_start "one_$mobike" $mobike
  [ "$(nat_flags "ours_one_$mobike")" = "True False" ] || die "who is behind a NAT: $(nat_flags "ours_one_$mobike")"
  [ "$(nat_flags "peer_one_$mobike")" = "False True" ] || die "who is behind a NAT: $(nat_flags "peer_one_$mobike")"
  step "the side behind the NAT keeps its mapping alive, the other has no need to"
  wait_until 10 more_keepalives "peer_one_$mobike" 1 || die "keepalives: $(keepalives "peer_one_$mobike")"
  [ "$(keepalives "ours_one_$mobike")" -eq 0 ] || die "the side without a NAT sends keepalives"
  before=$(remote_port "peer_one_$mobike")
  rebind ours
  on ours ping -q -c 3 -i 0.3 -W 1 -I 192.168.124.1 192.168.125.1 >/dev/null 2>&1 || true
  expect_log "peer_one_$mobike" 'event=address-changed'
  [ "$(remote_port "peer_one_$mobike")" != "$before" ] || die "the port is still $before"
  ping_across peer 10
  ping_across ours 10
  both_stop "one_$mobike"
done

step "a NAT in front of each side"
behind_nat peer 192.168.100.2
forward_ike peer
both_start both true
[ "$(nat_flags ours_both)" = "True True" ] || die "who is behind a NAT: $(nat_flags ours_both)"
[ "$(nat_flags peer_both)" = "True True" ] || die "who is behind a NAT: $(nat_flags peer_both)"
both_stop both
