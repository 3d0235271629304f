initiate_from_us
ping_across ours 5
step "ikectl terminate pr1"
ours_ctl terminate pr1 || die "ikectl terminate pr1 exits with $?"
expect_log peer 'received DELETE for IKE_SA pr1'
expect_log peer 'IKE_SA deleted'
expect_no_sas
step "and up again"
initiate_from_us
ping_across peer 5
