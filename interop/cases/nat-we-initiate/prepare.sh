. "$here/nat.sh"
behind_nat ours 192.168.100.3
start_peer
start_ours
