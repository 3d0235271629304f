initiate_from_us
ping_across ours 5
step "swanctl --terminate --child net"
swan peer --terminate --child net --timeout 10 || die "the peer could not delete the child"
expect_log ours 'event=child-down'
step "swanctl --terminate --ike pr1"
swan peer --terminate --ike pr1 --timeout 10 || die "the peer could not delete the IKE SA"
expect_log ours 'event=ike-down'
expect_no_sas
step "and up again"
initiate_from_us
ping_across ours 5
