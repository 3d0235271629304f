# strongSwan as a peer: one charon a namespace, nothing of the machine's own configuration. Sourced after tools/netns.sh.

# start_strongswan SIDE NAMESPACE SWANCTL_CONF — returns when it is loaded and the connections are in it.
# Its log is SIDE.log in the working folder. The variable strongswan_fragment_size: octets of an IP packet with IKE;
# `peer_plugins` replaces the list of plugins; strongswan_make_before_break=yes is for its reauthentication.
start_strongswan() {
  local side=$1 dir=$work/$1 here=$repo/interop/peers/strongswan charon=/usr/lib/ipsec/charon
  [ -x $charon ] || die "$charon is missing (package strongswan-charon; ./dev test installs it)"
  mkdir -p "$dir/run" "$dir/swanctl"
  cp "$3" "$dir/swanctl/swanctl.conf"
  sed "s|@RUN@|$dir/run|g; s|@LOG@|$work/$side.log|g; s|@FRAGMENT_SIZE@|${strongswan_fragment_size:-1280}|g" "$here/strongswan.conf.in" >"$dir/strongswan.conf"
  [ -z "${peer_plugins:-}" ] || sed -i "s|^  load = .*|  load = $peer_plugins|" "$dir/strongswan.conf"
  [ -z "${strongswan_make_before_break:-}" ] || sed -i "s|^  keep_alive = .*|&\n  make_before_break = $strongswan_make_before_break|" "$dir/strongswan.conf"
  : >"$work/$side.log"
  # /var/run is compiled in; a mount of our own hides the machine's.
  spawn "$work/$side.out" env STRONGSWAN_CONF="$dir/strongswan.conf" SWANCTL_DIR="$dir/swanctl" \
    ip netns exec "$prefix-$2" unshare -m sh -c "mount --bind '$dir/run' /var/run && exec $charon"
  declare -g "${side}_pid=$spawned"
  wait_line "$work/$side.log" 'spawning [0-9]+ worker threads' 15 ||
    die "strongSwan ($side) does not start: $(tail -n 3 "$work/$side.out")"
  swan "$side" --load-all >"$work/$side.load" 2>&1 || die "swanctl --load-all: $(cat "$work/$side.load")"
}

# swan SIDE COMMAND ARGUMENT… — swanctl to that charon.
swan() {
  local side=$1 command=$2
  shift 2
  STRONGSWAN_CONF=$work/$side/strongswan.conf SWANCTL_DIR=$work/$side/swanctl \
    swanctl "$command" --uri "unix://$work/$side/run/charon.vici" "$@"
}

# What run.sh asks of a peer.

start_peer() { start_strongswan peer peer "$case_dir/swanctl.conf"; }

peer_state() {
  if [ -e "$work/peer/run/charon.vici" ]; then swan peer --list-sas; fi
}
