initiate_from_us
expect_log peer 'CHILD_SA net\{1\} established'
expect_agreement
ping_across ours 20
ping_across peer 20
