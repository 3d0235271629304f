capture ours out0 "$work/outer.pcap"
initiate_from_us
ping_across ours 1000 0.01
expect_agreement
step "counters"
status_json >"$work/status.json"
python3 - "$work/status.json" <<'PY' || die "the counters do not show the pings"
import json, sys
child = json.load(open(sys.argv[1]))["ike_sas"][0]["children"][0]
print("   ", {key: child[key] for key in ("packets_in", "bytes_in", "packets_out", "bytes_out")})
good = all(child["packets_" + way] == 1000 and child["bytes_" + way] == 84000 for way in ("in", "out"))
sys.exit(0 if good else 1)
PY
stop_capture
step "the outer link"
python3 "$repo/tools/check_capture.py" "$work/outer.pcap" --inner 192.168.124.0/24 192.168.125.0/24 --esp-at-least 2000 ||
  die "the outer link carried something else"
