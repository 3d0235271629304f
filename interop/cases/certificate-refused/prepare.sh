step "a CA, certificates, and a CRL with that of the peer"
pki ca --name "O=Test,CN=Root" --out root
for side in left right; do pki cert --ca root --id "fqdn:$side.test" --out $side; done
pki crl --ca root --revoke right.pem --out root.crl
give_peer private right.key
give_peer x509 right.pem
give_peer x509ca root.pem
start_peer
start_ours
