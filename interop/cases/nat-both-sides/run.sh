. "$here/rekey.sh"

# agree_but_addresses — as expect_agreement, but each side sees the other's router where that one sees itself.
agree_but_addresses() {
  sides_agree || true
  grep -q 'DIFFERENT  local address: 10.9.0.2 here, 192.168.100.3 there' "$work/compared" &&
    grep -q 'DIFFERENT  remote address: 192.168.100.2 here, 10.8.0.2 there' "$work/compared" &&
    [ "$(grep -c DIFFERENT "$work/compared")" -eq 2 ] && grep -q "same  child's inbound SPI" "$work/compared"
}
# check ROLE PORTS — what both sides know after ROLE (initiator, responder) of ours; PORTS: regex of the peer's port.
check() {
  [ "$(nat_flags ours)" = "True True" ] || die "who is behind a NAT: $(nat_flags ours)"
  [[ "$(remote_port ours)" =~ ^$2$ ]] || die "the peer's port is $(remote_port ours)"
  expect_log peer 'local host is behind NAT, sending keep alives'
  expect_log peer 'remote host is behind NAT'
  step "both sides' view of the SAs"
  wait_until 15 agree_but_addresses || { cat "$work/compared"; die "the two sides do not agree"; }
  cat "$work/compared"
  grep -q "we initiated: $1" "$work/compared" || die "who initiated"
  ping_across ours 10
  ping_across peer 10
}

initiate_from_us
check True 4500
pings_begin
rekey "the peer rekeys the child" swan peer --rekey --child net
rekey "the peer rekeys the IKE SA" swan peer --rekey --ike pr1
pings_end
step "ikectl terminate pr1"
ours_ctl terminate pr1 || die "ikectl terminate pr1 exits with $?"
expect_log peer 'IKE_SA deleted'
expect_no_sas
: >"$work/peer.log"
initiate_from_peer
expect_log ours 'event=child-up'
check False '4[0-9]{4}'
pings_begin
rekey "we rekey the child" ours_ctl rekey pr1 --child net
rekey "we rekey the IKE SA" ours_ctl rekey pr1
pings_end
