# OpenIKED with the Linux kernel's IPsec as its data plane (PF_KEY), inside user-mode-linux. Sourced by interop/run.sh.
# A case's iked.conf is its configuration; in it `$mode` is passive, or active where OpenIKED is to begin.
. "$repo/interop/peers/guest/guest.sh"

start_peer() {
  guest_put peer /run/iked.conf 0600 <"$case_dir/iked.conf"
  guest peer 'for folder in private certs ca; do mount -t tmpfs keys /etc/iked/$folder || exit 1; done' || die "OpenIKED's folders"
  # It does not start without a key, which a PSK never uses; peer_keys is the case's own.
  if declare -F peer_keys >/dev/null; then peer_keys; else guest peer 'umask 077 && openssl ecparam -genkey -name prime256v1 -noout -out /etc/iked/private/local.key'; fi ||
    die "OpenIKED's key cannot be made"
  start_iked passive
}

# start_iked MODE — iked, passive or active, with the case's configuration.
start_iked() {
  guest peer "/usr/sbin/iked -d -vv -D mode=$1 -s /run/iked.sock -f /run/iked.conf >>/case/peer.log 2>&1 & echo \$! >/run/iked.pid"
  guest peer 'for i in {1..50}; do
      kill -0 $(</run/iked.pid) || exit 1
      ! timeout 5 ikectl -s /run/iked.sock show sa >/dev/null 2>&1 || exit 0
      sleep 0.1
    done
    exit 1' || die "OpenIKED does not start: $(tail -n 3 "$work/peer.log")"
}

stop_iked() {
  guest peer 'kill $(</run/iked.pid); for i in {1..50}; do kill -0 $(</run/iked.pid) 2>/dev/null || exit 0; sleep 0.1; done; exit 1' ||
    die "OpenIKED does not end"
}

peer_state() {
  guest peer timeout 5 ikectl -s /run/iked.sock show sa
  guest peer ip -s xfrm state
}
