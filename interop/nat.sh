# NATs between the two sides of a case. Sourced by cases; needs nft.

# behind_nat SIDE OUTER_ADDRESS — moves SIDE (ours or peer) behind a router that masquerades. The router stands in
# 192.168.100.0/24 with OUTER_ADDRESS; SIDE gets 10.9.0.2 (ours) or 10.8.0.2 (peer) and its default route. Where both
# sides shall be behind one, call it for each: the routers then share a cable.
behind_nat() {
  local side=$1 outer=$2 net=10.9.0 other=peer
  [ "$side" = ours ] || { net=10.8.0; other=ours; }
  ns_add "$side-nat"
  if [ -n "${nat_of_other:-}" ]; then
    on "$nat_of_other" ip link del outer0 # the cable goes from router to router
    link "$side-nat" outer0 "$nat_of_other" outer0
    on "$nat_of_other" ip addr add "$nat_outer_of_other/24" dev outer0
  else
    on "$side" ip link del out0
    link "$side-nat" outer0 "$other" out0
    if [ "$other" = peer ]; then on peer ip addr add 192.168.100.2/24 dev out0; else on ours ip addr add 192.168.100.3/24 dev out0; fi
  fi
  link "$side" out0 "$side-nat" inner0 2>/dev/null || { on "$side" ip link del out0; link "$side" out0 "$side-nat" inner0; }
  on "$side-nat" ip addr add "$outer/24" dev outer0
  on "$side-nat" ip addr add $net.1/24 dev inner0
  on "$side" ip addr add $net.2/24 dev out0
  on "$side" ip route add default via $net.1
  on "$side-nat" sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
  on "$side-nat" nft add table ip nat
  on "$side-nat" nft add chain ip nat post '{ type nat hook postrouting priority 100; }'
  on "$side-nat" nft add rule ip nat post oifname outer0 meta l4proto udp masquerade to :40000-49999 random
  on "$side-nat" nft add rule ip nat post oifname outer0 masquerade
  nat_of_other=$side-nat
  nat_outer_of_other=$outer
}

# forward_ike SIDE — the ports 500 and 4500 of SIDE's router lead to SIDE.
forward_ike() {
  local net=10.9.0
  [ "$1" = ours ] || net=10.8.0
  on "$1-nat" nft add chain ip nat pre '{ type nat hook prerouting priority -100; }'
  on "$1-nat" nft add rule ip nat pre iifname outer0 udp dport '{ 500, 4500 }' dnat to $net.2
}

# rebind SIDE — the router forgets its mappings, as one that restarts: masquerading ends with its device.
rebind() {
  step "the NAT in front of $1 forgets its mappings"
  on "$1-nat" ip link set outer0 down
  on "$1-nat" ip link set outer0 up
}

# remote_port SIDE — the peer's port in SIDE's status.
remote_port() {
  ctl "$1" --json status | python3 -c 'import json, sys; print(json.load(sys.stdin)["ike_sas"][0]["remote"]["port"])'
}
# flags SIDE — "LOCAL REMOTE": who is behind a NAT, in SIDE's view.
nat_flags() {
  ctl "$1" --json status | python3 -c '
import json, sys
sa = json.load(sys.stdin)["ike_sas"][0]
print(sa["local"]["behind_nat"], sa["remote"]["behind_nat"])'
}
