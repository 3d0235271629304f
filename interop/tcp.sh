# A TCP connection in cases. Sourced by run.sh of a case, after interop/run.sh's functions are there.

# tcp_across FROM TO ADDRESS OCTETS [SOURCE [SECONDS]] — so many octets by TCP from one namespace to an address in the other, in at most
# 40 s; SECONDS (20) of patience for the connection and for what is last under way. Sets `segment`, the largest that the receiver is sent.
tcp_across() {
  local from=$1 to=$2 address=$3 octets=$4 source=${5:-} patience=${6:-20} log
  transfers=$((${transfers:-0} + 1))
  log=$work/sink-$transfers.log
  spawn "$log" ip netns exec "$prefix-$to" python3 -c '
import socket, sys
family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
server = socket.create_server((sys.argv[1], 7000), family=family)
print("listening", flush=True)
stream, _ = server.accept()
stream.settimeout(40)
size = 0
while data := stream.recv(65536): size += len(data)
print("received", size, "segment", stream.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG), flush=True)' "$address"
  wait_line "$log" '^listening' 20 || die "no TCP sink: $(cat "$log")"
  on "$from" timeout 40 python3 -c '
import socket, sys
address, source, octets, patience = sys.argv[1:]
source = (source, 0) if source else None
with socket.create_connection((address, 7000), timeout=int(patience), source_address=source) as stream:
    stream.sendall(bytes(int(octets)))' "$address" "$source" "$octets" "$patience" || die "TCP from $from does not get through"
  wait_line "$log" "^received $octets segment ([0-9]+)" "$patience" || die "TCP from $from lost something: $(cat "$log")"
  segment=${BASH_REMATCH[1]}
  note "$octets octets by TCP from $from to $address, in segments of at most $segment"
}
