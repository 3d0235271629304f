initiate_from_us
ping_across ours 10
previous=192.168.100.3
for fresh in 192.168.100.33 192.168.100.34; do
  step "$previous goes, $fresh comes"
  on ours ip addr add $fresh/24 dev out0
  on ours ip addr del $previous/24 dev out0
  on ours ip addr show dev out0 | grep -q "$fresh" || on ours ip addr add $fresh/24 dev out0
  previous=$fresh
  begin=${EPOCHREALTIME/./}
  until on ours ping -q -c 1 -W 0.2 -I 192.168.124.1 192.168.125.1 >/dev/null 2>&1; do
    [ $(((${EPOCHREALTIME/./} - begin) / 1000)) -lt 6000 ] || die "no traffic 6 s after the move"
  done
  took=$(((${EPOCHREALTIME/./} - begin) / 1000))
  note "traffic again after $took ms"
  [ $took -lt 3000 ] || die "the move took $took ms, 3000 are allowed"
  expect_log peer "event=address-changed.*$fresh"
  ping_across ours 10
  ping_across peer 10
done
ctl peer --json status | python3 -c 'import json, sys; sys.exit(len(json.load(sys.stdin)["ike_sas"]) != 1)' || die "not one IKE SA"
