step "the peer initiates with a revoked certificate"
! swan peer --initiate --child net --timeout 10 >"$work/initiate" 2>&1 || die "the peer came up: $(cat "$work/initiate")"
expect_log peer 'received AUTHENTICATION_FAILED notify error'
expect_log ours 'certificate CN=right.test is revoked by its CA'
step "we initiate: the responder's certificate is revoked"
status=0
ours_ctl initiate pr1 >"$work/out" 2>"$work/err" || status=$?
[ $status -eq 1 ] || die "exit status 1 was expected, not $status"
grep -q 'certificate CN=right.test is revoked by its CA' "$work/err" || die "the reason is missing: $(cat "$work/err")"
note "$(tail -n 1 "$work/err")"
status_json | grep -q 'is revoked by its CA' || die "last_error does not say why"
expect_no_sas
