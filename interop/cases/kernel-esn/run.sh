for profile in raw udp; do
  encap=none
  [ $profile = raw ] || encap=udp
  for side in ours peer; do
    bring_up $profile $side
    expect_child protocol=esp mode=tunnel encr=aes-gcm-16-256 esn=true encap=$encap
    expect_kernel_agreement
    [ $side = peer ] || expect_agreement
    ping_across ours 1000 0.001
    ping_across peer 1000 0
    ping_across ours 5 0.01 1300 3000
    take_down $profile $side
  done
done
