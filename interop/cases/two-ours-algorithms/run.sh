for i in "${!suites[@]}"; do
  step "${suites[i]}"
  ctl ours initiate "s$i" || die "ikectl initiate s$i exits with $?"
  on ours python3 "$repo/tools/echo.py" --source 192.168.124.1 --interval 0.005 192.168.125.1 --sizes 0 1 7 56 63 64 65 1000 1391 || die "pings lost"
  on peer python3 "$repo/tools/echo.py" --source 192.168.125.1 --interval 0.005 192.168.124.1 --sizes 0 2 8 15 16 17 1300 || die "pings lost"
  ctl ours --json status >"$work/status.json"
  python3 - "$work/status.json" "${suites[i]}" <<'PY' || die "not what the profile asks for: $(cat "$work/status.json")"
import json, sys
sa, = json.load(open(sys.argv[1]))["ike_sas"]
child, = sa["children"]
print("   ", "/".join(filter(None, [sa["encr"], sa["prf"], sa["integ"], *sa["ke"]])), "|", "/".join(filter(None, [child["encr"], child["integ"]])), "esn" if child["esn"] else "no-esn")
assert child["esn"] == sys.argv[2].endswith("-esn")
PY
  ctl ours terminate "s$i" || die "ikectl terminate s$i exits with $?"
done
