. "$here/nat.sh"
behind_nat ours 192.168.100.3
behind_nat peer 192.168.100.2
forward_ike ours
forward_ike peer
start_peer
start_ours
