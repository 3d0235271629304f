# send TEXT [DEVICE] — a datagram from behind the peer to the inside of our gateway; past the tunnel with a device.
send() {
  on peer python3 - "$@" <<'PY'
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
if len(sys.argv) > 2:
    s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, sys.argv[2].encode())
s.bind(("192.168.125.1", 0))
s.sendto(sys.argv[1].encode(), ("192.168.124.1", 9999))
PY
}
on peer ip route add 192.168.124.0/24 via 192.168.100.3 dev out0
spawn "$work/sink.log" ip netns exec "$prefix-ours" python3 -u -c '
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("192.168.124.1", 9999))
print("listening")
while True:
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

step "when the tunnel is gone, so is the guard"
ours_ctl terminate pr1
send clear-again out0
wait_line "$work/sink.log" 'got clear-again' 5 || die "the guard outlives the tunnel"
