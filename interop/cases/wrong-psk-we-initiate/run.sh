step "ikectl initiate pr1, to be refused"
status=0
ours_ctl initiate pr1 >"$work/out" 2>"$work/err" || status=$?
note "exit status $status: $(tail -n 1 "$work/err")"
[ $status -eq 1 ] || die "exit status 1 was expected"
grep -q 'AUTHENTICATION_FAILED' "$work/err" || die "standard error does not name the notify"
expect_log peer 'MAC mismatched|tried 1 shared key'
expect_log peer 'generating IKE_AUTH response 1 \[ N\(AUTH_FAILED\) \]'
expect_log ours 'AUTHENTICATION_FAILED'
expect_no_sas
