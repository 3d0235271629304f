. "$here/nat.sh"
behind_nat ours 192.168.100.3
