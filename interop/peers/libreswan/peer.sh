# libreswan with the Linux kernel's IPsec as its data plane, inside user-mode-linux. Sourced by interop/run.sh.
# A case's ipsec.conf and ipsec.secrets are its configuration.
. "$repo/interop/peers/guest/guest.sh"

start_peer() {
  guest_put peer /run/ipsec.conf 0644 <"$case_dir/ipsec.conf"
  guest_put peer /run/ipsec.secrets 0600 <"$case_dir/ipsec.secrets"
  guest peer "mkdir -p /run/pluto /var/lib/ipsec/nss && ipsec checknss" || die "libreswan's key store cannot be made"
  if declare -F peer_keys >/dev/null; then peer_keys; fi
  guest peer "/usr/libexec/ipsec/pluto --config /run/ipsec.conf --secretsfile /run/ipsec.secrets --nofork --stderrlog >/case/peer.log 2>&1 &"
  wait_line "$work/peer.log" 'listening for IKE messages|adding UDP interface vec0|loading secrets from' 30 ||
    die "libreswan does not start: $(tail -n 3 "$work/peer.log")"
  guest peer ipsec whack --listen >/dev/null
  note "$(guest peer ipsec --version)"
}

# import_key NAME CERTIFICATE CA — CERTIFICATE.pem and its key of the working folder become NAME in libreswan's key store, with
# CA.pem as a CA. For a case's peer_keys, which start_peer calls.
import_key() {
  guest_put peer "/run/$1.pem" 0644 <"$work/$2.pem"
  guest_put peer "/run/$1.key" 0600 <"$work/$2.key"
  guest_put peer "/run/$1.ca" 0644 <"$work/$3.pem"
  guest peer "openssl pkcs12 -export -in /run/$1.pem -inkey /run/$1.key -name $1 -passout pass: -out /run/$1.p12 &&
    pk12util -i /run/$1.p12 -d sql:/var/lib/ipsec/nss -W '' -K '' &&
    certutil -A -n $1-ca -t CT,, -i /run/$1.ca -d sql:/var/lib/ipsec/nss" >"$work/import" 2>&1 ||
    die "libreswan's key store does not take $2: $(cat "$work/import")"
}

whack() { guest peer ipsec whack "$@"; }

peer_state() {
  whack --briefstatus
  guest peer ip -s xfrm state
}

# bring_up CONNECTION SIDE — CONNECTION, which is our profile too, begun by SIDE.
bring_up() {
  step "$1: begun by $2"
  if [ "$2" = ours ]; then
    milliseconds ours_ctl initiate "$1" || die "ikectl initiate $1 exits with $?"
  else
    milliseconds guest peer timeout 20 ipsec whack --initiate --name "$1" >"$work/peer.initiate" ||
      die "the peer could not initiate: $(cat "$work/peer.initiate")"
  fi
  note "took $elapsed_ms ms"
}

# take_down CONNECTION SIDE — ended by SIDE; nothing is left on either.
take_down() {
  step "$1: ended by $2"
  if [ "$2" = ours ]; then
    ours_ctl terminate "$1" >/dev/null || die "ikectl terminate $1 exits with $?"
  else
    guest peer timeout 20 ipsec whack --terminate --name "$1" >"$work/peer.terminate" || die "the peer could not terminate: $(cat "$work/peer.terminate")"
  fi
  expect_nothing_left
}
