both_roles
expect_log peer "authentication of 'left.test' with RSA_EMSA_PSS.* successful"
expect_log peer "authentication of 'right.test' \(myself\) with RSA_EMSA_PSS.* successful"
