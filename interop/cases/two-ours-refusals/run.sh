# refused STATUS REGEX COMMAND… — ends with that status and says so in one line that matches.
refused() {
  local status=0 expected=$1 regex=$2
  shift 2
  on ours timeout 10 "$@" >"$work/refusal" 2>&1 || status=$?
  [ $status -eq "$expected" ] || die "$* exits with $status, not $expected: $(cat "$work/refusal")"
  grep -Eq "$regex" "$work/refusal" || die "no line matches '$regex': $(cat "$work/refusal")"
  note "$status: $(grep -E "$regex" "$work/refusal" | head -n 1)"
}
step "refusals"
refused 1 'port 500 .*taken' "$build/ikev2d" -c "$work/ours.yaml" -s "$work/other.sock"
printf 'daemon:\n  ports: {ike: 1500, natt: 5500}\n  tun: {name: ipsec9}\n' >"$work/second.yaml"
cat "$work/ours.yaml" >>"$work/second.yaml"
refused 1 'another ikev2d answers' "$build/ikev2d" -c "$work/second.yaml" -s "$work/ours.sock"
sed 's/local_ts/local_st/' "$work/ours.yaml" >"$work/broken.yaml"
refused 2 'broken\.yaml:13:9: error: ' "$build/ikev2d" -c "$work/broken.yaml" --check
refused 2 'bogus' "$build/ikev2d" -c "$work/ours.yaml" --bogus
refused 3 'no daemon|ikev2d' "$build/ikectl" -s "$work/nobody.sock" status
refused 1 'nobody' "$build/ikectl" -s "$work/ours.sock" initiate nobody

initiate_from_us
step "random datagrams on both ports"
on peer python3 - <<'PY'
import os, random, socket
random.seed(1)
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range(20000):
    size = random.choice([0, 1, 3, 4, 8, 27, 28, 29, 60, 200, 1400])
    data = os.urandom(size)
    if i % 3 == 0 and size >= 28:  # looks like IKE
        data = b"\0\0\0\0" + data[4:] if i % 2 else data[:17] + b"\x20\x22\x08" + data[20:24] + size.to_bytes(4, "big") + data[28:]
    s.sendto(data, ("192.168.100.3", 4500 if i % 2 else 500))
PY
ping_across ours 20
ping_across peer 20
ours_ctl show error | sed 's/^/    /'
