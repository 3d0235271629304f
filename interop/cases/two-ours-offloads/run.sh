# transfer FROM TO ADDRESS SOURCE — 64 MiB by TCP and 200 datagrams of 900 octets, then the sum of what arrived. Datagrams begin
# with their number; a burst of them may lose some in the kernel's queues, so it is sent again until all are there.
transfer() {
  local from=$1 to=$2 address=$3 source=$4 log=$work/sink-$run-$1.log
  spawn "$log" ip netns exec "$prefix-$to" python3 -c '
import hashlib, socket, sys
server = socket.create_server((sys.argv[1], 7000))
datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
SO_RCVBUFFORCE = 33
datagrams.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 4 << 20)
datagrams.bind((sys.argv[1], 7001))
datagrams.settimeout(20)
print("listening", flush=True)
stream, _ = server.accept()
stream.settimeout(60)
digest = hashlib.sha256()
while data := stream.recv(1 << 18): digest.update(data)
seen = {}
while len(seen) < 200:
    datagram, sender = datagrams.recvfrom(2000)
    seen[datagram[:2]] = datagram
datagrams.sendto(b"all", sender)
for number in sorted(seen): digest.update(seen[number])
print("sha256", digest.hexdigest(), flush=True)' "$address"
  wait_line "$log" '^listening' 20 || die "no sink: $(cat "$log")"
  sent=$(on "$from" timeout 90 python3 -c '
import hashlib, os, socket, sys
octets = os.urandom(64 << 20)
digest = hashlib.sha256(octets)
with socket.create_connection((sys.argv[1], 7000), timeout=60, source_address=(sys.argv[2], 0)) as stream:
    stream.sendall(octets)
sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sender.bind((sys.argv[2], 0))
sender.connect((sys.argv[1], 7001))
UDP_SEGMENT = 103
burst = b"".join(number.to_bytes(2, "big") + os.urandom(898) for number in range(200))
sender.settimeout(1)
for attempt in range(20):
    for at in range(0, len(burst), 40 * 900):  # 40 datagrams by one call, which stay one as far as they can
        part = burst[at : at + 40 * 900]
        sender.sendmsg([part], [(socket.SOL_UDP, UDP_SEGMENT, (900).to_bytes(2, sys.byteorder))])
    try:
        if sender.recv(10) == b"all": break
    except TimeoutError:
        pass
digest.update(burst)
print(digest.hexdigest())' "$address" "$source") || die "the transfer from $from failed"
  wait_line "$log" '^sha256' 60 || die "something did not arrive at $to: $(cat "$log")"
  grep -q "^sha256 $sent$" "$log" || die "what arrived at $to differs from what $from sent"
  note "64 MiB and 200 datagrams from $from to $to: the same SHA-256"
}

run=0
while read -r tun udp threads crypto encap suite; do
  run=$((run + 1))
  step "offloads of TUN: $tun, of UDP: $udp, $threads thread(s), $crypto, encap: $encap, $suite"
  for side in ours peer; do
    (umask 077 && sed "s/TUN/$tun/g; s/UDP/$udp/g; s/THREADS/$threads/; s/CRYPTO/$crypto/; s/ENCAP/$encap/; s|SUITE|$suite|" \
      "$case_dir/$side.yaml" >"$work/$side-$run.yaml")
    start_ikev2d "${side}_$run" $side "$work/$side-$run.yaml"
  done
  ctl ours_$run initiate pr1 || die "ikectl initiate pr1 exits with $?"
  transfer ours peer 192.168.125.1 192.168.124.1
  transfer peer ours 192.168.124.1 192.168.125.1
  ctl ours_$run --json status >"$work/status.json"
  python3 - "$work/status.json" $tun $udp $threads $crypto <<'PY' || die "the status does not show what was asked for: $(cat "$work/status.json")"
import json, sys
_, path, tun, udp, threads, crypto = sys.argv
status = json.load(open(path))
data = status["data_path"]
assert data["threads"] == int(threads), data
assert crypto in ("auto", data["crypto"]), data
if tun == "false": assert "tso" not in data["offloads"] and "uso" not in data["offloads"], data
else: assert "tso" in data["offloads"], data
assert ("gso" in data["offloads"]) == ("gro" in data["offloads"]) == (udp == "true"), data
damaged = [name for name in status.get("counters", {}) if name in ("in-integrity", "in-padding", "in-malformed", "out-malformed", "out-crypto")]
assert not damaged, status["counters"]
PY
  for side in ours peer; do
    pid=${side}_${run}_pid
    stop_pid "${!pid}"
    wait_line "$work/${side}_$run.log" 'process-ended status=0' 10 || die "$side did not end cleanly"
  done
done <<'TABLE'
true  true  2 auto  udp aes-gcm-128
true  true  1 botan udp aes-gcm-256
true  false 2 auto  udp chacha20-poly1305
false true  2 auto  udp aes-cbc-128/hmac-sha2-256-128/esn
false false 1 auto  udp aes-ctr-128/sha1-96
true  true  2 auto  esp aes-cbc-256/hmac-sha2-512-256/esn
false false 2 botan esp aes-gcm-128
true  true  4 auto  udp aes-gcm-256/esn
true  true  8 auto  esp aes-gcm-128
TABLE
