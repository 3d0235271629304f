. "$here/rekey.sh"

for profile in esp udp ah transport; do
  hosts=
  [ $profile != transport ] || hosts="192.168.100.3 192.168.100.2"
  for side in ours peer; do
    bring_up $profile $side
    # shellcheck disable=SC2086 # words, or none
    pings_begin $hosts
    rekey "we rekey the child" ours_ctl rekey $profile --child net
    rekey "the peer rekeys the child" swan peer --rekey --child $profile
    rekey "we rekey the IKE SA" ours_ctl rekey $profile
    rekey "the peer rekeys the IKE SA" swan peer --rekey --ike $profile
    rekey "we rekey the child again" ours_ctl rekey $profile --child net
    pings_end
    expect_agreement
    expect_kernel_agreement
    take_down $profile $side
  done
done
