step "a CA and two certificates"
pki ca --name "O=Test,CN=Root" --type ecdsa-256 --out ca
pki cert --ca ca --id fqdn:cert.vpp.home --type ecdsa-256 --out ours
pki cert --ca ca --id fqdn:cert.peer.example.com --type ecdsa-256 --out peer-cert
peer_keys() {
  guest_put peer /etc/iked/private/local.key 0600 <"$work/peer-cert.key"
  guest_put peer /etc/iked/certs/peer.crt 0644 <"$work/peer-cert.pem"
  guest_put peer /etc/iked/ca/ca.crt 0644 <"$work/ca.pem"
}
start_peer
start_ours
