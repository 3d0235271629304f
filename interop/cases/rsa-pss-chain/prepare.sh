step "a CA, one below it for each side, and certificates"
pki ca --name "O=Test,CN=Root" --type rsa-2048 --out root
for side in left right; do
  pki ca --name "O=Test,CN=Middle $side" --ca root --type rsa-2048 --path-length 0 --out "middle-$side"
  pki cert --ca "middle-$side" --id "fqdn:$side.test" --type rsa-2048 --out $side
done
give_peer private right.key
give_peer x509 right.pem
give_peer x509ca root.pem middle-right.pem
start_peer
start_ours
