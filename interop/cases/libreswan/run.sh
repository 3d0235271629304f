for profile in raw udp; do
  expected="encr=aes-gcm-16-256 esn=true encap=none"
  [ $profile = raw ] || expected="encr=aes-cbc-256 integ=hmac-sha2-256-128 esn=false encap=udp"
  for side in ours peer; do
    bring_up $profile $side
    # shellcheck disable=SC2086 # words
    expect_child protocol=esp mode=tunnel $expected
    expect_kernel_agreement
    ping_across ours 100 0.001 56 1300
    ping_across peer 100 0
    take_down $profile $side
  done
done
