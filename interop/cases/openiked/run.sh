# agree_and_ping — what must hold whoever began.
agree_and_ping() {
  expect_child protocol=esp mode=tunnel encr=aes-cbc-256 integ=sha1-96 esn=false encap=none
  expect_kernel_agreement
  ping_across ours 100 0.001 56 1300
  ping_across peer 100 0
}

step "raw: begun by us, ended by us"
ours_ctl initiate raw || die "ikectl initiate raw exits with $?"
agree_and_ping
ours_ctl terminate raw >/dev/null || die "ikectl terminate raw exits with $?"
expect_nothing_left

step "raw: begun by OpenIKED, ended by it"
stop_iked
start_iked active
deadline=$((SECONDS + 15))
until [ "$(grep -c 'event=child-up' "$work/ours.log")" -eq 2 ]; do
  [ $SECONDS -lt $deadline ] || die "OpenIKED brings up no child within 15 s"
  status_json >/dev/null
done
agree_and_ping
guest peer timeout 5 ikectl -s /run/iked.sock reset id FQDN/raw.vpp.home
expect_log ours 'event=ike-down.*peer' 10
