step "swanctl --initiate --child net, to be refused"
! swan peer --initiate --child net --timeout 10 >"$work/out" 2>&1 || die "the peer was let in with a wrong PSK"
expect_log peer 'received AUTHENTICATION_FAILED notify error'
expect_log ours 'roadwarrior\.vpn\.example\.com.*(PSK|psk|secret)|(PSK|psk|secret).*roadwarrior\.vpn\.example\.com'
! grep -qE 'Vpp123|Wrong456' "$work/ours.log" || die "a secret stands in our log"
expect_no_sas
