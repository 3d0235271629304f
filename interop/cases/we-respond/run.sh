initiate_from_peer
expect_log ours 'event=child-up'
expect_agreement
ping_across ours 20
ping_across peer 20
