initiate_from_us
ping_across ours 10
spi() { status_json | python3 -c 'import json, sys; print(json.load(sys.stdin)["ike_sas"][0]["initiator_spi"])'; }
before=$(spi)
step "192.168.100.3 goes, 192.168.100.33 comes"
on ours ip addr add 192.168.100.33/24 dev out0
on ours ip addr del 192.168.100.3/24 dev out0
on ours ip addr show dev out0 | grep -q 100.33 || on ours ip addr add 192.168.100.33/24 dev out0
begin=${EPOCHREALTIME/./}
until on ours ping -q -c 1 -W 0.2 -I 192.168.124.1 192.168.125.1 >/dev/null 2>&1; do
  [ $(((${EPOCHREALTIME/./} - begin) / 1000)) -lt 6000 ] || die "no traffic 6 s after the move"
done
took=$(((${EPOCHREALTIME/./} - begin) / 1000))
note "traffic again after $took ms"
[ $took -lt 3000 ] || die "the move took $took ms, 3000 are allowed"
expect_log ours 'event=address-changed'
[ "$(spi)" = "$before" ] || die "it is another IKE SA"
swan peer --list-sas | tee "$work/list-sas" | grep -q "192.168.100.33" || die "the peer has not followed: $(cat "$work/list-sas")"
ping_across ours 10
ping_across peer 10
expect_agreement
