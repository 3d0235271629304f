# strongSwan with the Linux kernel's IPsec as its data plane, inside user-mode-linux. Sourced by interop/run.sh.
. "$repo/interop/peers/guest/guest.sh"

start_peer() {
  guest_put peer /run/strongswan.conf 0644 <"$repo/interop/peers/kernel/strongswan.conf"
  guest peer mkdir -p /run/swanctl
  guest_put peer /run/swanctl/swanctl.conf 0600 <"$case_dir/swanctl.conf"
  guest peer "export STRONGSWAN_CONF=/run/strongswan.conf SWANCTL_DIR=/run/swanctl
    setsid /usr/sbin/charon-systemd >/case/charon.out 2>&1 &"
  wait_line "$work/peer.log" 'spawning [0-9]+ worker threads' 30 || die "strongSwan does not start: $(tail -n 3 "$work/peer/charon.out")"
  swan peer --load-all >"$work/peer.load" 2>&1 || die "swanctl --load-all: $(cat "$work/peer.load")"
  note "$(guest peer swanctl --version)"
}

# swan SIDE COMMAND ARGUMENT… — swanctl in the guest.
swan() {
  local side=$1 command=$2
  shift 2
  guest "$side" "STRONGSWAN_CONF=/run/strongswan.conf SWANCTL_DIR=/run/swanctl swanctl $command --uri unix:///run/charon.vici $*"
}

peer_state() {
  swan peer --list-sas
  guest peer ip -s xfrm state
}

# bring_up PROFILE SIDE — PROFILE's IKE SA and child, begun by SIDE.
bring_up() {
  step "$1: begun by $2"
  if [ "$2" = ours ]; then
    milliseconds ours_ctl initiate "$1" || die "ikectl initiate $1 exits with $?"
  else
    milliseconds swan peer --initiate --child "$1" --timeout 10 >"$work/peer.initiate" || die "the peer could not initiate: $(cat "$work/peer.initiate")"
  fi
  note "took $elapsed_ms ms"
}

# take_down PROFILE SIDE — ended by SIDE; nothing is left on either.
take_down() {
  step "$1: ended by $2"
  if [ "$2" = ours ]; then
    ours_ctl terminate "$1" >/dev/null || die "ikectl terminate $1 exits with $?"
  else
    swan peer --terminate --ike "$1" --timeout 10 >"$work/peer.terminate" || die "the peer could not terminate: $(cat "$work/peer.terminate")"
  fi
  expect_no_sas
  expect_nothing_left
}
