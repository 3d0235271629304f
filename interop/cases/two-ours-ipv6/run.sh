for encap in udp esp; do
  step "both sides with encap: $encap"
  for side in ours peer; do
    (umask 077 && sed "s/ENCAP/$encap/" "$case_dir/$side.yaml" >"$work/$side-$encap.yaml")
    start_ikev2d "${side}_$encap" $side "$work/$side-$encap.yaml"
  done
  ctl "ours_$encap" initiate pr1 || die "ikectl initiate pr1 exits with $?"
  ping_across ours 20
  ping_across peer 20
  for pair in "ours fd00:124::1 fd00:125::1" "peer fd00:125::1 fd00:124::1"; do
    read -r side source target <<<"$pair"
    on $side ping -6 -n -q -c 20 -i 0.05 -W 3 -I "$source" "$target" >"$work/ping6" || die "IPv6 pings lost: $(cat "$work/ping6")"
    grep -q ' 0% packet loss' "$work/ping6" || die "IPv6 pings lost: $(cat "$work/ping6")"
    note "$(grep transmitted "$work/ping6")"
  done
  ctl "ours_$encap" --json status >"$work/status.json"
  python3 - "$work/status.json" "$encap" <<'PY' || die "the status does not show what was asked for: $(cat "$work/status.json")"
import json, sys
status = json.load(open(sys.argv[1]))
sa, = status["ike_sas"]
child, = sa["children"]
assert child["encap"] == {"udp": "udp", "esp": "none"}[sys.argv[2]], child["encap"]
assert sa["remote"]["address"] == "2001:db8::2"
assert child["local_ts"] == ["192.168.124.0/24", "fd00:124::/64"], child["local_ts"]
assert child["packets_in"] >= 80 and child["packets_out"] >= 80, child
PY
  for side in ours peer; do
    pid=${side}_${encap}_pid
    stop_pid "${!pid}"
    wait_line "$work/${side}_$encap.log" 'process-ended status=0' 10 || die "$side did not end cleanly"
  done
done
