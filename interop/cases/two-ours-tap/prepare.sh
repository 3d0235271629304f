# host (ours-inside) -- in0 [bridge br0 in ours] ipsec0 ==== ipsec0 peer
on ours ip addr flush dev in0
on ours ip link add br0 type bridge
on ours ip link set in0 master br0
on ours ip link set br0 up
for address in 192.168.124.2/24 192.168.124.3/24; do on ours-inside ip addr add $address dev eth0; done
for address in fd00:124::2/64 fd00:124::3/64; do on ours-inside ip -6 addr add $address dev eth0 nodad; done
on ours-inside ip route add 192.168.125.0/24 dev eth0
on ours-inside ip -6 route add fd00:125::/64 dev eth0
on peer ip -6 addr add fd00:125::1/64 dev in0 nodad
