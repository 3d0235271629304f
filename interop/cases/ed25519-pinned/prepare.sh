step "keys and self-signed certificates"
for side in left right; do
  pki self-signed --id "fqdn:$side.test" --type ed25519 --out $side
done
give_peer private right.key
give_peer x509 right.pem left.pem
start_peer
start_ours
