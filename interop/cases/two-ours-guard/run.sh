# send TEXT [DEVICE [PORT]] — a datagram from behind the peer to the inside of our gateway; past the tunnel with a device, else "".
send() {
  on peer python3 - "$@" <<'PY'
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
if len(sys.argv) > 2 and sys.argv[2]:
    s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, sys.argv[2].encode())
s.bind(("192.168.125.1", 0))
s.sendto(sys.argv[1].encode(), ("192.168.124.1", int(sys.argv[3]) if len(sys.argv) > 3 else 9999))
PY
}

# policy add|del PRIORITY ACTION [PORT] — one of SPD 1, for what comes from behind the peer by UDP.
policy() {
  local ports=()
  [ $# -lt 4 ] || ports=(protocol 17 local-port-range "$4" - "$4")
  ours_ctl ipsec policy "$1" spd 1 priority "$2" inbound action "$3" "${ports[@]}" \
    local-ip-range 192.168.124.0 - 192.168.124.255 remote-ip-range 192.168.125.0 - 192.168.125.255 || die "no policy"
}

# kept_out WHY — a packet in clear to port 9999 does not come; one that is sent behind it through the tunnel, to port 9998, does.
kept_out() {
  asked=$((asked + 1))
  send "in-clear-$asked" out0
  send "tunnelled-$asked" "" 9998
  wait_line "$work/sink.log" "got tunnelled-$asked" 5 || die "the packet through the tunnel did not arrive"
  ! grep -q "in-clear-$asked" "$work/sink.log" || die "a packet in clear passed the guard: $1"
}

# let_in WHY — a packet in clear to port 9999 comes, and one to port 9998 that is sent before it does not.
let_in() {
  asked=$((asked + 1))
  send "other-port-$asked" out0 9998
  send "in-clear-$asked" out0
  wait_line "$work/sink.log" "got in-clear-$asked" 5 || die "the bypass does not open the guard: $1"
  ! grep -q "other-port-$asked" "$work/sink.log" || die "what the bypass is not for passed the guard: $1"
}
asked=0

# rp_filter VALUE — how the kernel filters by the way back: 0 not, 2 loosely (there has to be one).
rp_filter() {
  for name in all out0; do
    on ours sh -c "echo $1 >/proc/sys/net/ipv4/conf/$name/rp_filter"
  done
}

rp_filter 0
on peer ip route add 192.168.124.0/24 via 192.168.100.3 dev out0
spawn "$work/sink.log" ip netns exec "$prefix-ours" python3 -u -c '
import select, socket
sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for port in (9998, 9999)]
for s, port in zip(sockets, (9998, 9999)):
    s.bind(("192.168.124.1", port))
print("listening")
while True:
    for s in select.select(sockets, [], [])[0]:
        print("got", s.recv(100).decode())
'
wait_line "$work/sink.log" listening 5 || die "no sink"

step "without a tunnel the clear packet arrives: the way is open"
send clear-before out0
wait_line "$work/sink.log" 'got clear-before' 5 || die "the clear packet did not arrive even without the guard"

initiate_from_us
step "with the tunnel, a clear packet and then one through the tunnel"
send clear-after out0
send through-the-tunnel
wait_line "$work/sink.log" 'got through-the-tunnel' 5 || die "the packet through the tunnel did not arrive"
! grep -q clear-after "$work/sink.log" || die "a packet in clear passed the guard"

step "an inbound bypass of higher priority, with loose filtering, lets in what it selects, and nothing else"
rp_filter 2
ours_ctl ipsec spd add 1 || die "no SPD"
policy add 1000 bypass 9999
kept_out "the SPD is bound to nothing"
ours_ctl set interface ipsec spd out0 1 || die "no binding"
let_in "bound to out0"

step "a discard before it holds, and so does the child where the bypass stands behind it"
policy add 2000 discard 9999
kept_out "a discard stands before it"
policy del 2000 discard 9999
let_in "the discard has gone"
policy del 1000 bypass 9999
kept_out "the bypass has gone"
policy add 100 bypass 9999
kept_out "the child has priority 192"
policy del 100 bypass 9999

step "it is for the interfaces that its SPD is bound to"
policy add 1000 bypass 9999
ours_ctl set interface ipsec spd in0 1 || die "no binding"
ours_ctl set interface ipsec spd out0 1 del || die "the binding stays"
kept_out "bound to in0 alone"
ours_ctl set interface ipsec spd out0 1 || die "no binding"
let_in "bound to out0 again"

step "%pass, as an eroute for what comes in, is for all of them"
policy del 1000 bypass 9999
kept_out "the bypass has gone again"
ours_ctl eroute --addin --src 192.168.125.1/32 --dst 192.168.124.1/32 --said %pass || die "no %pass"
send pass-9998 out0 9998
wait_line "$work/sink.log" 'got pass-9998' 5 || die "%pass does not open the guard"
ours_ctl eroute --delin --src 192.168.125.1/32 --dst 192.168.124.1/32 || die "%pass stays"
kept_out "%pass has gone"

step "when the tunnel is gone, so is the guard"
rp_filter 0
ours_ctl terminate pr1
send clear-again out0
wait_line "$work/sink.log" 'got clear-again' 5 || die "the guard outlives the tunnel"
