. "$here/tcp.sh"

for side in ours peer; do
  install -m 0600 "$case_dir/$side.yaml" "$work/$side.yaml"
  start_ikev2d $side $side "$work/$side.yaml"
done
on ours ip link set ipsec0 master br0
initiate_from_us

# pings FROM COUNT SIZE SOURCE TARGET
pings() {
  on "$1" ping -n -q -c "$2" -i 0.1 -W 3 -s "$3" -I "$4" "$5" >"$work/pings" 2>&1 || die "pings from $1 to $5 lost: $(cat "$work/pings")"
  grep -q ' 0% packet loss' "$work/pings" || die "pings from $1 to $5 lost: $(cat "$work/pings")"
  note "$1 to $5: $(grep transmitted "$work/pings")"
}

step "the host on the bridge and the network behind the tunnel reach each other"
pings ours-inside 10 56 192.168.124.2 192.168.125.1
pings ours-inside 10 56 fd00:124::2 fd00:125::1
on ours-inside ip neigh show dev eth0 >"$work/neighbours"
on ours-inside ip -6 neigh show dev eth0 >>"$work/neighbours"
grep -q '^192.168.125.1 lladdr' "$work/neighbours" || die "no answer to ARP: $(cat "$work/neighbours")"
grep -q '^fd00:125::1 lladdr' "$work/neighbours" || die "no answer to Neighbor Discovery: $(cat "$work/neighbours")"

step "addresses that have not been heard of are asked for"
pings peer 5 56 192.168.125.1 192.168.124.3
pings peer 5 56 fd00:125::1 fd00:124::3

step "nobody answers for addresses on the host's own side"
! on ours-inside ping -n -q -c 1 -W 1 192.168.124.77 >/dev/null 2>&1 || die "192.168.124.77 answers"
on ours-inside ip neigh show 192.168.124.77 dev eth0 | grep -q lladdr && die "somebody answered ARP for 192.168.124.77"

step "the MTU of the bridge stays, and hosts are told what is too big"
[ "$(on ours cat /sys/class/net/br0/mtu)" = 1500 ] || die "the bridge has MTU $(on ours cat /sys/class/net/br0/mtu)"
pings ours-inside 3 3000 192.168.124.2 192.168.125.1
on ours-inside ping -n -q -c 2 -i 0.2 -W 1 -s 1472 -M "do" -I 192.168.124.2 192.168.125.1 >"$work/pings" 2>&1 && die "a ping of 1500 octets with DF got through"
on ours-inside ip route get 192.168.125.1 from 192.168.124.2 >"$work/route"
grep -q 'mtu 14' "$work/route" || die "the host was not told: $(cat "$work/route")"
note "$(grep -o 'mtu [0-9]*' "$work/route") is what the host was told"

step "TCP, with the kernel's offloads"
tcp_across ours-inside peer 192.168.125.1 $((8 << 20))
tcp_across peer ours-inside 192.168.124.2 $((8 << 20))
tcp_across ours-inside peer fd00:125::1 $((8 << 20))
tcp_across peer ours-inside fd00:124::2 $((8 << 20))
