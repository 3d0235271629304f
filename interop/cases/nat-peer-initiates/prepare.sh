. "$here/nat.sh"
behind_nat peer 192.168.100.2
start_peer
start_ours
