# agree_and_ping — what must hold whoever began.
agree_and_ping() {
  expect_child protocol=esp mode=tunnel encap=none
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
expect_log ours 'event=child-up|installed' 10
agree_and_ping
guest peer ikectl -s /run/iked.sock reset id raw.vpp.home
expect_nothing_left
