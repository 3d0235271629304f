# The keys of the page: its SAs have one for both directions. Those of AES-GCM must differ.
page_encr=4a506a794f574265564551694d653768
page_integ=4339314b55523947594d6d3547666b45764e6a58
long_key=101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f
gcm_out=a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3
gcm_in=c0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3

# try NAME OURS PEER PROTOCOL MODE 'OUR WORDS OUT' 'OUR WORDS IN' 'KERNEL ALGORITHMS IN' 'KERNEL ALGORITHMS OUT' — SPI 1001 goes to
# the kernel, 1000 comes from it.
try() {
  local name=$1 ours=$2 peer=$3 protocol=$4 mode=$5 out=$6 in=$7 mark=. local_net=$2 remote_net=$3
  step "$name"
  [[ $ours != *:* ]] || mark=:
  # The kernel's policies take Neighbor Discovery in, too: the two find each other before they stand.
  [ "$mode" = tunnel ] || on ours ping -n -q -c 1 -W 5 "$peer" >"$work/host-ping" || die "the hosts do not find each other"
  [ "$mode" = transport ] || { local_net=192.168.124.0/24; remote_net=192.168.125.0/24; }
  {
    echo "spi --said $protocol${mark}3e9@$peer --src $ours $out"
    echo "spi --said $protocol${mark}3e8@$ours --src $peer $in"
    if [ "$mode" = tunnel ]; then
      echo "spi --said tun${mark}3e9@$peer --ip${ip_version:-4} --src $ours"
      echo "spi --said tun${mark}3e8@$ours --ip${ip_version:-4} --src $peer"
      echo "spigrp --said tun${mark}3e9@$peer $protocol${mark}3e9@$peer"
      echo "spigrp --said tun${mark}3e8@$ours $protocol${mark}3e8@$ours"
      echo "eroute --add --src $local_net --dst $remote_net --said tun${mark}3e9@$peer"
    else
      echo "eroute --add --src $local_net --dst $remote_net --said $protocol${mark}3e9@$peer"
    fi
  } >"$work/commands"
  guest peer "ip xfrm state add src $ours dst $peer proto $protocol spi 1001 mode $mode replay-window 32 $8 &&
    ip xfrm state add src $peer dst $ours proto $protocol spi 1000 mode $mode replay-window 32 $9 &&
    ip xfrm policy add dir out src $remote_net dst $local_net tmpl src $peer dst $ours proto $protocol mode $mode &&
    ip xfrm policy add dir in src $local_net dst $remote_net tmpl src $ours dst $peer proto $protocol mode $mode" ||
    die "ip xfrm in the guest"
  ours_ctl -f "$work/commands" || die "ikectl -f exits with $?"
  if [ "$mode" = tunnel ]; then
    ping_across ours 20 0.01 56 1200 1300
    ping_across peer 50 0
  else
    between_hosts "$ours" "$peer"
  fi
  expect_counts
  ours_ctl eroute --clear && ours_ctl spi --clear || die "the tables cannot be cleared"
  guest peer "ip xfrm policy flush && ip xfrm state flush"
  [ -z "$(ours_ctl spi)$(ours_ctl eroute)" ] || die "something is left: $(ours_ctl spi)"
}

between_hosts() {
  local size
  for size in 56 1200 1300; do
    on ours ping -n -q -c 20 -i 0.01 -W 3 -s $size "$2" >"$work/host-ping" || die "pings lost: $(cat "$work/host-ping")"
    grep -q ' 0% packet loss' "$work/host-ping" || die "pings lost: $(cat "$work/host-ping")"
  done
  guest peer ping -n -q -c 50 -f -W 3 "$1" >"$work/host-ping" || die "pings lost: $(cat "$work/host-ping")"
  grep -q ' 0% packet loss' "$work/host-ping" || die "pings lost: $(cat "$work/host-ping")"
}

# expect_counts — both our SAs and both of the kernel's have carried the 110 pings.
expect_counts() {
  ours_ctl --json spi | python3 -c '
import json, sys
carried = [sa["packets"] for sa in json.load(sys.stdin)["sas"] if sa["protocol"] != "tun"]
print("    our SAs have carried", *carried, "packets")
sys.exit(len(carried) != 2 or min(carried) < 110)' || die "packets went past our SAs"
  guest peer ip -s xfrm state | grep -A 1 'lifetime current' | grep -o '[0-9]* *(packets)' >"$work/kernel-packets"
  [ "$(awk '$1 + 0 >= 110' "$work/kernel-packets" | wc -l)" -eq 2 ] || die "the kernel counts otherwise: $(cat "$work/kernel-packets")"
}

cbc="--esp aes128-sha1 --enckey 0x$page_encr --authkey 0x$page_integ"
kernel_cbc="enc cbc(aes) 0x$page_encr auth-trunc hmac(sha1) 0x$page_integ 96"
ah="--ah hmac-sha2-256-128 --authkey 0x$long_key"
kernel_ah="auth-trunc hmac(sha256) 0x$long_key 128 flag align4" # RFC 4302 3.3.3.2.1: over IPv4 a multiple of 32 bits
four="192.168.100.3 192.168.100.2"
six="2001:db8::3 2001:db8::2"
quoted() { printf '%s' "$1" | sed "s/\([a-z0-9]*([a-z0-9(),]*)\)/'\1'/g"; }

# shellcheck disable=SC2086 # the pairs are words
{
  try "the page's example" $four esp transport "$cbc" "$cbc" "$(quoted "$kernel_cbc")" "$(quoted "$kernel_cbc")"
  try "the same over IPv6" $six esp transport "$cbc" "$cbc" "$(quoted "$kernel_cbc")" "$(quoted "$kernel_cbc")"
  try "AH" $four ah transport "$ah" "$ah" "$(quoted "$kernel_ah")" "$(quoted "$kernel_ah")"
  try "AES-GCM in a tunnel" $four esp tunnel "--esp aes128gcm16 --enckey 0x$gcm_out" "--esp aes128gcm16 --enckey 0x$gcm_in" \
    "aead 'rfc4106(gcm(aes))' 0x$gcm_out 128" "aead 'rfc4106(gcm(aes))' 0x$gcm_in 128"
  try "AH around a tunnel" $four ah tunnel "$ah" "$ah" "$(quoted "$kernel_ah")" "$(quoted "$kernel_ah")"
  # Without its flag the kernel takes only the family of the outer header inside.
  ip_version=6 try "IPv4 in IPv6" $six esp tunnel "$cbc" "$cbc" "$(quoted "$kernel_cbc") flag af-unspec" "$(quoted "$kernel_cbc") flag af-unspec"
}
