round=0
for scheme in "" ", scheme: rsa-sha1"; do
  round=$((round + 1))
  step "both sides${scheme:- with what both can do best}"
  for side in ours peer; do
    (umask 077 && sed "s/ SCHEME/$scheme/" "$case_dir/$side.yaml" >"$work/$side.yaml")
    start_ikev2d "${side}_$round" $side "$work/$side.yaml"
  done
  for from in ours peer; do
    ctl ${from}_$round initiate pr1 || die "ikectl initiate pr1 exits with $?"
    ping_across ours 10
    ping_across peer 10
    ctl ours_$round --json status >"$work/status.json"
    python3 - "$work/status.json" <<'PY' || die "the status does not show what was asked for: $(cat "$work/status.json")"
import json, sys
sa, = json.load(open(sys.argv[1]))["ike_sas"]
child, = sa["children"]
assert (sa["encr"], sa["integ"], sa["ke"]) == ("aes-cbc-256", "sha1-96", ["modp-2048"]), sa
assert (child["encr"], child["integ"], child["esn"]) == ("aes-cbc-256", "sha1-96", True), child
PY
    ctl ${from}_$round terminate pr1 || die "ikectl terminate pr1 exits with $?"
  done
  for side in ours peer; do
    pid=${side}_${round}_pid
    stop_pid "${!pid}"
  done
done
