step "a trap for two hosts brings up the child that is for their networks"
ours_ctl eroute --add --src 192.168.124.1/32 --dst 192.168.125.1/32 --said %trap || die "no trap"
ping_across ours 5
expect_log ours 'event=acquire .*asks for child net of pr1'
ping_across peer 5
lost="$(counter out-hold-failed) $(counter out-hold-full) $(counter out-held)"
note "packets lost at the trap, and held there: $lost"
[ "$lost" = "0 0 1" ] || die "the trap has lost or held others than the first packet: $lost"

step "a new SA takes the place of the first, and the trap protects by that one"
ours_ctl rekey pr1 --child net || die "no rekey"
ping_across ours 20

step "a trap for which no profile has a child"
ours_ctl eroute --add --src 192.168.124.0/24 --dst 192.168.126.0/24 --said %trap || die "no trap"
! on ours ping -q -c 1 -W 1 -I 192.168.124.1 192.168.126.1 >/dev/null || die "somebody answers"
expect_log ours 'event=acquire .*no profile has a child for it'

step "%reject tells the sender, %drop does not"
for said in reject drop; do
  ours_ctl eroute --replace --src 192.168.124.0/24 --dst 192.168.126.0/24 --said %$said || die "no %$said"
  on ours ping -c 1 -W 1 -I 192.168.124.1 192.168.126.1 >"$work/$said.log" && die "somebody answers"
done
grep -q 'Packet filtered' "$work/reject.log" || die "the sender is not told: $(cat "$work/reject.log")"
! grep -q 'Packet filtered' "$work/drop.log" || die "%drop is answered"
[ "$(counter out-reject) $(counter icmp-sent) $(counter out-discard)" = "1 1 1" ] || die "not each packet is counted once"

step "what is discarded on its way out may come in in clear"
spawn "$work/sink.log" ip netns exec "$prefix-ours" python3 -u -c '
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("192.168.100.3", 9999))
print("listening")
while True:
    print("got", s.recv(100).decode())
'
wait_line "$work/sink.log" listening 5 || die "no sink"
send() {
  on peer python3 -c '
import socket, sys
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(sys.argv[1].encode(), ("192.168.100.3", 9999))' "$1"
}
ours_ctl eroute --add --src 192.168.100.3/32 --dst 192.168.100.2/32 --said %drop || die "no %drop"
send while-discarding-out
wait_line "$work/sink.log" 'got while-discarding-out' 5 || die "a discard of what goes out keeps out what comes in"

step "an inbound discard keeps it out"
ours_ctl ipsec spd add 1 || die "no SPD"
ours_ctl set interface ipsec spd out0 1 || die "no binding"
ours_ctl ipsec policy add spd 1 priority 10 inbound action discard local-ip-range 192.168.100.3 - 192.168.100.3 \
  remote-ip-range 192.168.100.2 - 192.168.100.2 || die "no policy"
send while-discarding-in
ours_ctl ipsec policy del spd 1 priority 10 inbound action discard local-ip-range 192.168.100.3 - 192.168.100.3 \
  remote-ip-range 192.168.100.2 - 192.168.100.2 || die "the policy is not found"
send and-no-more
wait_line "$work/sink.log" 'got and-no-more' 5 || die "the guard of a policy outlives it"
! grep -q while-discarding-in "$work/sink.log" || die "a discarded packet came in"

step "an inbound discard takes what an SA has brought as well"
ours_ctl ipsec policy add spd 1 priority 100000 inbound action discard local-ip-range 192.168.124.1 - 192.168.124.1 \
  remote-ip-range 192.168.125.1 - 192.168.125.1 || die "no policy"
! on ours ping -q -c 2 -i 0.2 -W 1 -I 192.168.124.1 192.168.125.1 >/dev/null || die "an answer came in"
[ "$(counter in-discard)" = 2 ] || die "discarded packets are not counted"
ours_ctl ipsec policy del spd 1 priority 100000 inbound action discard local-ip-range 192.168.124.1 - 192.168.124.1 \
  remote-ip-range 192.168.125.1 - 192.168.125.1 || die "the policy is not found"
ping_across ours 5
