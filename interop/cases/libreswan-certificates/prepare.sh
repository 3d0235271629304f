step "a CA for each kind of key, and certificates"
for kind in rsa ecdsa; do
  type=rsa-2048
  [ $kind = rsa ] || type=ecdsa-256
  pki ca --name "O=Test,CN=Root $kind" --type $type --out $kind-ca
  pki cert --ca $kind-ca --id fqdn:$kind.vpp.home --type $type --out $kind-ours
  pki cert --ca $kind-ca --id fqdn:$kind.peer.example.com --type $type --out $kind-peer
done
peer_keys() {
  import_key rsa rsa-peer rsa-ca
  import_key ecdsa ecdsa-peer ecdsa-ca
}
start_peer
start_ours
