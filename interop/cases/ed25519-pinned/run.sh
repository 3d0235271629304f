both_roles
expect_log peer "authentication of 'left.test' with ED25519 successful"
expect_log peer "authentication of 'right.test' \(myself\) with ED25519 successful"
