# Datagrams behind extension headers of IPv6: one that routers read, which stands in front of AH, and one for the destination.

# more_traffic PEER MODE — twenty of them from ours; they arrive with both headers as they were sent.
more_traffic() {
  local peer=$1 mode=$2 log
  [[ $peer == *:* ]] || return 0
  log=$work/options-$mode.log
  spawn "$log" ip netns exec "$prefix-peer" python3 "$case_dir/options.py" receive "$peer"
  wait_line "$log" '^listening' 20 || die "nothing listens for datagrams with options: $(cat "$log")"
  on ours python3 "$case_dir/options.py" send "$peer" || die "datagrams with options cannot be sent"
  wait_line "$log" '^all arrived' 20 || die "datagrams behind extension headers do not arrive: $(cat "$log")"
  note "20 datagrams behind a hop-by-hop and a destination header crossed in $mode mode"
}
