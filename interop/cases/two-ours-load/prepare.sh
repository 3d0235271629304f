[ -x "$build/tests/ike_load" ] || die "$build/tests/ike_load is not built (./dev test)"
for type in ecdsa-256 rsa-2048; do
  for side in gateway client; do pki self-signed --id "fqdn:$side.load" --type $type --out $side-$type; done
done
IKEV2D_LOG_LEVEL=info
start_ours
