memory_of() { awk '/^VmRSS/ {print $2}' "/proc/$1/status"; } # KiB
daemon_pid() { pgrep -P "$1" -x ikev2d || pgrep -P "$1" | head -n 1; }

step "the tunnel that stands"
ctl peer initiate pr1 || die "ikectl initiate pr1 exits with $?"
ping_across peer 20
pid=$(daemon_pid "$ours_pid")
before=$(memory_of "$pid")

step "20,000 forged requests, with 50 pings a second through the tunnel"
on peer python3 "$repo/tools/echo.py" --source 192.168.125.1 --count 300 --interval 0.02 192.168.124.1 >"$work/pings" 2>&1 &
pings=$!
on peer python3 "$case_dir/flood.py" 192.168.100.3 20000 >"$work/flood" &
flood=$!
wait_line "$work/flood" 'a quarter' 20 || die "the flood does not begin"
milliseconds ctl third initiate pr1 --timeout 20s || die "the honest peer does not get in: ikectl initiate pr1 exits with $?"
note "an honest peer got in after $elapsed_ms ms"
wait $flood || die "the flood failed: $(cat "$work/flood")"
wait $pings || die "pings of the tunnel that stands were lost: $(cat "$work/pings")"
note "$(tail -n 1 "$work/flood"); pings meanwhile: $(head -n 1 "$work/pings")"
status_json >"$work/status.json"
after=$(memory_of "$pid")
note "resident memory: $before KiB before, $after KiB after"
[ $((after - before)) -lt 16384 ] || die "memory grew by $((after - before)) KiB"
python3 - "$work/status.json" <<'PY' || die "the status after the flood is not what it should be: $(cat "$work/status.json")"
import json, sys
status = json.load(open(sys.argv[1]))
up = [sa for sa in status["ike_sas"] if sa["state"] == "established"]
assert len(up) == 2, [sa["state"] for sa in status["ike_sas"]]
counters = {c["name"]: c["value"] for c in status["counters"]} if isinstance(status["counters"], list) else status["counters"]
print("   ", {name: value for name, value in counters.items() if name.startswith("ike-")})
assert counters.get("ike-cookie-sent", 0) > 1000, counters
PY
step "half-open SAs end at their time, and both tunnels still carry traffic"
for ((i = 0; i < 100; i++)); do
  status_json >"$work/status.json"
  [ "$(grep -o '"state":"connecting"\|"state": "connecting"' "$work/status.json" | wc -l)" -gt 0 ] || break
  read -r -t 0.2 <> <(:) || true
done
python3 -c 'import json,sys; s=json.load(open(sys.argv[1])); assert len(s["ike_sas"]) == 2, s' "$work/status.json" || die "something is half open still"
ping_across peer 20
on third python3 "$repo/tools/echo.py" --source 192.168.126.1 --count 20 192.168.124.1 >"$work/pings" || die "pings lost: $(cat "$work/pings")"
! grep 'event=ike-down' "$work"/*.log | grep -v 'never came to IKE_AUTH' || die "an SA that stood went down"
