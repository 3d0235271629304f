# A profile and a connection for each suite, told apart by the peer's address: 192.168.100.101 and on.
plugins='random nonce aesni aes md5 sha1 sha2 hmac xcbc cmac ctr ccm openssl kdf pem pkcs1 pkcs8 x509 pubkey constraints curve25519 chapoly gcm gmp gcrypt kernel-libipsec kernel-netlink socket-default vici updown'
mapfile -t suites < <(grep -v '^#' "$case_dir/suites.txt")

write_configs() {
  local i ike esp
  printf 'profiles:\n' >"$work/ours.yaml"
  printf 'connections {\n' >"$work/swanctl.conf"
  for i in "${!suites[@]}"; do
    read -r ike esp <<<"${suites[i]}"
    on peer ip addr add "192.168.100.$((101 + i))/24" dev out0
    cat >>"$work/ours.yaml" <<YAML
  s$i:
    local: {address: 192.168.100.3, id: "fqdn:ours.test", auth: {psk: Vpp123}}
    remote: {address: 192.168.100.$((101 + i)), id: "fqdn:peer.test", auth: {psk: Vpp123}}
    ike: {proposals: [$ike]}
    encap: udp
    children:
      net: {local_ts: [192.168.124.0/24], remote_ts: [192.168.125.0/24], proposals: [$esp]}
YAML
    cat >>"$work/swanctl.conf" <<SWAN
  s$i {
    version = 2
    local_addrs = 192.168.100.$((101 + i))
    remote_addrs = 192.168.100.3
    encap = yes
    mobike = no
    proposals = $ike
    local { auth = psk
      id = fqdn:peer.test
    }
    remote { auth = psk
      id = fqdn:ours.test
    }
    children { net$i {
        local_ts = 192.168.125.0/24
        remote_ts = 192.168.124.0/24
        esp_proposals = $esp
        mode = tunnel
    } }
  }
SWAN
  done
  cat >>"$work/swanctl.conf" <<SWAN
}
secrets { ike-1 { secret = "Vpp123" } }
SWAN
  chmod 0600 "$work/ours.yaml"
}

write_configs
peer_plugins=$plugins start_strongswan peer peer "$work/swanctl.conf"
IKEV2D_LOG_LEVEL=info start_ikev2d ours ours "$work/ours.yaml"
