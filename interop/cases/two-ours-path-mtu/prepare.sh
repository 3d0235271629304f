# ours -- r1 -- 1400 octets -- r2 -- peer
on ours ip link del out0
ns_add r1
ns_add r2
link ours out0 r1 left
link r1 right r2 left
link r2 right peer out0
for end in r1/right r2/left; do on "${end%/*}" ip link set "${end#*/}" mtu 1400; done
address() { on "$1" ip addr add "$3/24" dev "$2"; on "$1" ip -6 addr add "$4/64" dev "$2" nodad; }
address ours out0 10.9.1.2 fd09:1::2
address r1 left 10.9.1.1 fd09:1::1
address r1 right 10.9.2.1 fd09:2::1
address r2 left 10.9.2.2 fd09:2::2
address r2 right 10.9.3.1 fd09:3::1
address peer out0 10.9.3.2 fd09:3::2
for router in r1 r2; do
  on $router sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'
done
on r1 ip route add default via 10.9.2.2
on r1 ip -6 route add default via fd09:2::2
on r2 ip route add default via 10.9.2.1
on r2 ip -6 route add default via fd09:2::1
on ours ip route add default via 10.9.1.1
on ours ip -6 route add default via fd09:1::1
on peer ip route add default via 10.9.3.1
on peer ip -6 route add default via fd09:3::1
on ours ip -6 addr add fd00:124::1/64 dev in0 nodad
on peer ip -6 addr add fd00:125::1/64 dev in0 nodad
