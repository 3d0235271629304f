step "keys and self-signed certificates"
for side in left right; do
  pki self-signed --id "fqdn:$side.test" --type rsa-2048 --out $side
done
[ "$(stat -c %a "$work/left.key")" = 600 ] || die "the private key has mode $(stat -c %a "$work/left.key")"
