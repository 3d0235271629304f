# between_hosts OURS PEER — pings between the two outer addresses, in both directions, large ones too.
between_hosts() {
  local size
  step "pings between $1 and $2"
  for size in 56 1200 1300; do
    on ours ping -n -q -c 20 -i 0.01 -W 3 -s $size "$2" >"$work/host-ping" || die "pings lost: $(cat "$work/host-ping")"
    grep -q ' 0% packet loss' "$work/host-ping" || die "pings lost: $(cat "$work/host-ping")"
  done
  guest peer ping -n -q -c 50 -f -W 3 "$1" >"$work/host-ping" || die "pings lost: $(cat "$work/host-ping")"
  grep -q ' 0% packet loss' "$work/host-ping" || die "pings lost: $(cat "$work/host-ping")"
  expect_carried 110
}

# through_tunnel — the same between the networks behind.
through_tunnel() {
  ping_across ours 20 0.01 56 1200 1300
  ping_across peer 50 0
  expect_carried 110
}

# try PROFILE OURS PEER WORD… — both roles; the child is what the words say.
try() {
  local profile=$1 ours_address=$2 peer_address=$3 side
  shift 3
  for side in ours peer; do
    bring_up "$profile" $side
    expect_child "$@"
    expect_kernel_agreement
    expect_agreement
    if [[ " $* " == *" mode=tunnel "* ]]; then through_tunnel; else between_hosts "$ours_address" "$peer_address"; fi
    take_down "$profile" $side
  done
}

four="192.168.100.3 192.168.100.2"
six="2001:db8::3 2001:db8::2"
# shellcheck disable=SC2086 # the pairs are words
{
  try transport $four protocol=esp mode=transport encr=aes-gcm-16-256 esn=true encap=none
  try transport-udp $four protocol=esp mode=transport encr=aes-cbc-256 integ=hmac-sha2-256-128 esn=false encap=udp
  try transport-six $six protocol=esp mode=transport encr=aes-cbc-128 integ=sha1-96 esn=true encap=none
  try tunnel-six $six protocol=esp mode=tunnel encr=aes-gcm-16-128 esn=true encap=none
  try ah-transport $four protocol=ah mode=transport integ=hmac-sha2-256-128 esn=true encap=none
  try ah-tunnel $four protocol=ah mode=tunnel integ=sha1-96 esn=false encap=none
  try ah-tunnel-esn $four protocol=ah mode=tunnel integ=hmac-sha2-512-256 esn=true encap=none
  try ah-transport-six $six protocol=ah mode=transport integ=hmac-sha2-384-192 esn=false encap=none
  try ah-tunnel-six $six protocol=ah mode=tunnel integ=aes-xcbc-96 esn=true encap=none
}
