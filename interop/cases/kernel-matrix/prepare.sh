(umask 077 && sed "s|STATE|$work/state|" "$case_dir/ours.yaml" >"$work/ours.yaml")
mkdir "$work/peer/rows"
# IKEV2D_ROWS: a regular expression of the names of rows, to run only those.
python3 "$case_dir/commands.py" "$work/peer/rows" "${IKEV2D_ROWS:-}" >"$work/rows"
on ours ip link set out0 mtu "$(cat "$case_dir/link_mtu")"
on ours ip -6 addr add 2001:db8:124::1/64 dev in0 nodad
guest peer modprobe -a ipip sit ip6_tunnel || die "the guest's modules"
guest peer "ip -6 addr add 2001:db8:125::1/64 dev in0 nodad && ip -6 route add default via 2001:db8::3" || die "the guest's addresses"
start_ikev2d ours ours "$work/ours.yaml"
start_peer
peer_state() { guest peer "ip -s xfrm state; cat /proc/net/xfrm_stat"; }
# Policies for the hosts take Neighbor Discovery in, too: here none is needed.
mac_of() { sed -n 's/.*link\/ether \([0-9a-f:]*\).*/\1/p'; }
guest_mac=$(guest peer ip link show vec0 | mac_of)
ours_mac=$(on ours ip link show out0 | mac_of)
for address in 192.168.100 2001:db8:; do
  dot=.
  [ $address = 192.168.100 ] || dot=:
  on ours ip neigh replace $address${dot}2 lladdr "$guest_mac" dev out0 nud permanent
  guest peer ip neigh replace $address${dot}3 lladdr "$ours_mac" dev vec0 nud permanent
done
