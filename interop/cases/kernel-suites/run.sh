for profile in cbc-sha1 cbc-sha1-esn cbc-sha256 cbc-sha512 gcm-128 chacha20; do
  bring_up $profile ours
  expect_agreement
  expect_kernel_agreement
  ping_across ours 3 0.01 0 56 57 1300 3000
  ping_across peer 50 0
  take_down $profile peer
done
