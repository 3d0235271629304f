. "$here/rekey.sh"

for profile in rsa ecdsa; do
  expected="encr=aes-gcm-16-256"
  [ $profile = rsa ] || expected="encr=aes-cbc-256 integ=hmac-sha2-256-128"
  for side in ours peer; do
    bring_up $profile $side
    # shellcheck disable=SC2086 # words
    expect_child protocol=esp mode=tunnel esn=true encap=none $expected
    expect_kernel_agreement # it may lag behind the peer's daemon
    pings_begin
    rekey "we rekey the child" ours_ctl rekey $profile --child net
    rekey "libreswan rekeys the child" whack --rekey-child --name $profile
    rekey "we rekey the IKE SA" ours_ctl rekey $profile
    rekey "libreswan rekeys the IKE SA" whack --rekey-ike --name $profile
    pings_end
    ping_across peer 100 0
    expect_kernel_agreement
    take_down $profile $side
  done
done
