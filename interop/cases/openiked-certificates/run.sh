. "$here/rekey.sh"

# rekeyed EVENT — how often our log has it.
rekeyed() { grep -c "event=$1-rekeyed" "$work/ours.log" || true; }
more_rekeyed() { [ "$(rekeyed "$1")" -gt "$2" ]; }

# by_time EVENT SECONDS — OpenIKED replaces it, by its clock.
by_time() {
  local before
  before=$(rekeyed "$1")
  step "OpenIKED rekeys: $1"
  wait_until "$2" more_rekeyed "$1" "$before" || die "OpenIKED did not rekey ($1) within $2 s"
  note "$(grep "event=$1-rekeyed" "$work/ours.log" | tail -n 1)"
}

# dropped_by_kernel — packets that the peer's kernel counted as without a usable SA, in either direction.
dropped_by_kernel() { guest peer "mawk '{sum += \$2} END {print sum + 0}' /proc/net/xfrm_stat" || die "the guest's kernel has no counters"; }

# rekey_all — every kind, with pings all the time. OpenIKED deletes the old child before its kernel has the new one: what comes
# in between is lost there, and counted.
rekey_all() {
  local before
  before=$(dropped_by_kernel)
  expect_child protocol=esp mode=tunnel encr=aes-cbc-256 integ=sha1-96 esn=false encap=none
  pings_begin
  rekey "we rekey the child" ours_ctl rekey cert --child net
  by_time child 20
  rekey "we rekey the IKE SA" ours_ctl rekey cert
  by_time ike 30
  by_time child 20
  note "the peer's kernel counts: $(guest peer "mawk '\$2 {print}' /proc/net/xfrm_stat" | tr '\n\t' '  ')"
  pings_end_but $(($(dropped_by_kernel) - before))
  ping_across peer 100 0
}

step "cert: begun by us, ended by us"
ours_ctl initiate cert || die "ikectl initiate cert exits with $?"
rekey_all
ours_ctl terminate cert >/dev/null || die "ikectl terminate cert exits with $?"
expect_nothing_left

step "cert: begun by OpenIKED, ended by it"
stop_iked
begun=$(grep -c 'event=child-up' "$work/ours.log")
start_iked active
came_up() { [ "$(grep -c 'event=child-up' "$work/ours.log")" -gt "$begun" ]; }
wait_until 15 came_up || die "OpenIKED brings up no child within 15 s"
rekey_all
guest peer timeout 5 ikectl -s /run/iked.sock reset id FQDN/cert.vpp.home
expect_log ours 'event=ike-down.*peer' 10
