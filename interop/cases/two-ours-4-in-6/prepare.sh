# What the page does with VPP's interfaces is the host's here: loop0 (lo), lan0 (in0), wan0 (out0), and a host behind each lan0.
peer_state() { ctl peer show ipsec all; }

# gateway SIDE WAN LAN LOOPBACK HOST REMOTE — LAN is the gateway's own address there, REMOTE what the host reaches by it.
gateway() {
  on "$1" ip -6 addr add "$2/48" dev out0 nodad
  on "$1" ip addr add "$3/16" dev in0
  on "$1" ip addr add "$4/31" dev lo
  on "$1-inside" ip addr add "$5/16" dev eth0
  on "$1-inside" ip route add "$6" via "$3" mtu 1400 # else each host loses the packet by which it learns that
}
gateway ours 2001::1 172.16.0.2 11.11.11.11 172.16.0.9 10.6.0.0/16
gateway peer 2001::2 10.6.0.2 11.11.11.10 10.6.0.9 172.16.0.0/16
