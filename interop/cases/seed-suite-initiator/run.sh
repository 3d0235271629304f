initiate_from_us
expect_log peer 'IKE:AES_CBC_256/HMAC_SHA1_96/PRF_HMAC_SHA1/MODP_2048'
expect_log peer 'ESP:AES_CBC_192/HMAC_SHA1_96/NO_EXT_SEQ'
expect_agreement
ping_across ours 20
ping_across peer 20
