. "$here/nat.sh"
behind_nat peer 192.168.100.2
# The second one stands behind the same router, in a network of its own.
ns_add second
inside second 192.168.126.1/24
link second out0 peer-nat inner1
on peer-nat ip addr add 10.8.1.1/24 dev inner1
on second ip addr add 10.8.1.2/24 dev out0
on second ip route add default via 10.8.1.1
sed 's/first/second/; s/192.168.125/192.168.126/; s/Vpp123/another-Vpp456/' "$case_dir/swanctl.conf" >"$work/second.conf"
start_second() { start_strongswan second second "$work/second.conf"; }
start_peer
start_second
start_ours
