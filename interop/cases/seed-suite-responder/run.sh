initiate_from_peer
expect_log peer 'ESP:AES_CBC_192/HMAC_SHA1_96/NO_EXT_SEQ'
expect_agreement
ping_across ours 20
ping_across peer 20
