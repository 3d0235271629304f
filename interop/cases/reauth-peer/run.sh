. "$here/rekey.sh"

reauth() { rekey "the peer authenticates again, $1" swan peer --rekey --ike pr1 --reauth; }

initiate_from_us
pings_begin
reauth "where we had initiated"
reauth "where it had initiated"
rekey "we authenticate again" ours_ctl reauth pr1
rekey "the peer rekeys the child" swan peer --rekey --child net
expect_agreement # a reauthentication waits for the end of the old child
reauth "with a child that was rekeyed"
pings_end_but 2
expect_agreement
ping_across ours 10
ping_across peer 10
[ "$(grep -c 'reauthenticating IKE_SA' "$work/peer.log")" -ge 3 ] || die "the peer did something else: $(grep IKE_SA "$work/peer.log")"
step "ikectl terminate pr1"
ours_ctl terminate pr1 || die "ikectl terminate pr1 exits with $?"

step "the peer starts anew, with break-before-make"
stop_pid "$peer_pid"
strongswan_make_before_break=no
start_peer
initiate_from_peer
expect_log ours 'event=ike-up .*\(responder\)'
reauth "where it had initiated"
ping_across ours 10
ours_ctl terminate pr1 || die "ikectl terminate pr1 exits with $?"
initiate_from_us
reauth "where we had initiated"
expect_agreement
ping_across ours 10
ping_across peer 10
