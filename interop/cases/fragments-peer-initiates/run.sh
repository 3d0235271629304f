initiate_from_peer
expect_log ours "event=child-up"
expect_agreement
for name in ike-fragments-received ike-fragments-sent ike-messages-reassembled; do
  note "$name $(counter $name)"
  [ "$(counter $name)" -gt 0 ] || die "$name is 0"
done
expect_log peer 'received fragment #[0-9] of [2-9]'
ping_across ours 10
ping_across peer 10
