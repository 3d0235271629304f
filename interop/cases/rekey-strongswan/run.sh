. "$here/rekey.sh"

initiate_from_us
pings_begin
rekey "we rekey the child" ours_ctl rekey pr1 --child net
rekey "we rekey the IKE SA" ours_ctl rekey pr1
rekey "the peer rekeys the child" swan peer --rekey --child net
rekey "the peer rekeys the IKE SA" swan peer --rekey --ike pr1
rekey "we rekey the child once more" ours_ctl rekey pr1 --child net
rekey "we authenticate again" ours_ctl reauth pr1
pings_end
expect_agreement
