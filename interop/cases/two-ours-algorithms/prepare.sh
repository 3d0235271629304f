# A profile for each suite; all stand between the same addresses, told apart by identities.
suites=(
  "des-md5-modp768 des-md5"
  "des-sha1-modp1024 des-sha1-esn"
  "aes128-sha1-modp2048 aes128gmac-esn"
  "aes128-sha1-x25519 aes192gmac"
  "aes128-sha1-x25519 aes256gmac-esn"
  "3des-sha1-modp1536 3des-sha1-esn"
  "aes256-sha1-modp2048 aes256-sha1-esn"
  "aes128ctr-sha256-ecp256 aes128ctr-sha256-esn"
  "aes256ccm16-prfsha256-x448 aes128ccm16-esn"
  "aes256gcm8-prfaesxcbc-ecp224bp aes256gcm16-esn"
  "chacha20poly1305-prfsha512-ecp521 chacha20poly1305-esn"
  "aes128-aescmac-modp2048s256 null-aescmac-esn"
  "aes128-aesxcbc-ecp192 null-aesxcbc"
  "aes128-sha256-x25519 aes128-sha256"
)
for side in ours peer; do
  [ $side = ours ] && mine=3 theirs=2 my_net=124 their_net=125 || { mine=2 theirs=3 my_net=125 their_net=124; }
  printf 'profiles:\n' >"$work/$side.yaml"
  for i in "${!suites[@]}"; do
    read -r ike esp <<<"${suites[i]}"
    other=$([ $side = ours ] && echo peer || echo ours)
    cat >>"$work/$side.yaml" <<YAML
  s$i:
    local: {address: 192.168.100.$mine, id: "fqdn:s$i.$side.test", auth: {psk: Vpp123}}
    remote: {address: 192.168.100.$theirs, id: "fqdn:s$i.$other.test", auth: {psk: Vpp123}}
    ike: {proposals: [$ike]}
    encap: $([ $((i % 2)) = 0 ] && echo udp || echo esp)
    children:
      net: {local_ts: [192.168.$my_net.0/24], remote_ts: [192.168.$their_net.0/24], proposals: [$esp], sha2_256_96: $([ "$esp" = aes128-sha256 ] && echo true || echo false)}
YAML
  done
  chmod 0600 "$work/$side.yaml"
  start_ikev2d $side $side "$work/$side.yaml"
done
