both_roles
expect_log peer 'received issuer cert "O=Test, CN=Middle left"'
expect_log peer "authentication of 'left.test' with ECDSA_WITH_SHA256_DER successful"
expect_log peer 'sending issuer cert "O=Test, CN=Middle right"'
