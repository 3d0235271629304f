step "what the peer's libraries offer"
swan peer --list-algs | sed 's/^/    /'
failed=()
seconds=$SECONDS

# up ROLE INDEX — that side initiates.
up() {
  if [ "$1" = ours ]; then
    ours_ctl initiate "s$2" >"$work/up" 2>&1
  else
    swan peer --initiate --child "net$2" --timeout 10 >"$work/up" 2>&1
  fi
}

# try ROLE INDEX IKE ESP — up, pings of many sizes from either side, down.
try() {
  local role=$1 i=$2
  up "$role" "$i" || return 1
  on ours python3 "$repo/tools/echo.py" --source 192.168.124.1 --interval 0.005 192.168.125.1 --sizes 0 1 7 56 63 64 65 1000 1391 >"$work/up" 2>&1 || return 1
  on peer python3 "$repo/tools/echo.py" --source 192.168.125.1 --interval 0.005 192.168.124.1 --sizes 0 2 8 15 16 17 1300 >"$work/up" 2>&1 || return 1
  status_json >"$work/status.json"
  matched=$(python3 - "$work/status.json" <<'PY'
import json, sys
sa, = json.load(open(sys.argv[1]))["ike_sas"]
child, = sa["children"]
assert child["packets_in"] >= 16 and child["packets_out"] >= 16, child
print("/".join(filter(None, [sa["encr"], sa["prf"], sa["integ"], *sa["ke"]])), "|", "/".join(filter(None, [child["encr"], child["integ"]])))
PY
  ) || { echo "$matched" >"$work/up"; return 1; }
  ours_ctl terminate "s$i" >"$work/up" 2>&1
}

for role in ours peer; do
  step "each suite, $role initiates"
  for i in "${!suites[@]}"; do
    read -r ike esp <<<"${suites[i]}"
    if try $role "$i"; then
      note "$role s$i: $matched"
    else
      note "$role s$i: FAILED $ike $esp: $(tail -n 3 "$work/up")"
      failed+=("$role: $ike $esp")
      ours_ctl terminate "s$i" >/dev/null 2>&1 || true
      swan peer --terminate --ike "s$i" --force >/dev/null 2>&1 || true
    fi
  done
done
note "${#suites[@]} suites in each role took $((SECONDS - seconds)) s"
[ ${#failed[@]} -eq 0 ] || die "these do not carry traffic: $(printf '\n    %s' "${failed[@]}")"
