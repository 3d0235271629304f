passed=0
failed=()
skipped=()
link_now=$(cat "$case_dir/link_mtu")

# set_link MTU — of the link's both ends; it only becomes smaller.
set_link() {
  [ "$1" -ne "$link_now" ] || return 0
  on ours ip link set out0 mtu "$1"
  guest peer ip link set vec0 mtu "$1" || die "the guest's MTU"
  link_now=$1
}

# echo_row SOURCE TARGET LARGEST TEXT — 1000 packets both ways; `said` is what came of it.
echo_row() {
  said=$(on ours timeout 60 python3 "$repo/tools/echo.py" --source "$1" --count 1000 --random 1 "$3" --window 16 ${4:+"$4"} "$2" 2>&1)
}

# row_counts SAS — all of the row's SAs, ours and the kernel's, have carried that many packets, and nothing failed in them.
row_counts() {
  ours_ctl --json spi >"$work/row.json"
  guest peer ip -s xfrm state >"$work/row.states"
  python3 "$case_dir/counts.py" "$work/row.json" "$work/row.states" "$1" 1000 || return 1
}

# try_row NUMBER SOURCE TARGET LARGEST TEXT SAS — 0: held; 2: the kernel lacks something. `said` says why.
try_row() {
  said=$(guest peer ip -batch "/case/rows/$1.states" 2>&1) || {
    [[ ! $said =~ 'not found'|'not implemented'|'No such file'|'not supported' ]] || return 2
    return 1
  }
  said=$(guest peer ip -batch "/case/rows/$1.policies" 2>&1) || return 1
  said=$(ours_ctl -f "$work/peer/rows/$1.ours" 2>&1) || return 1
  echo_row "$2" "$3" "$4" "$5" || return 1
  local counted
  counted=$(row_counts "$6" 2>&1) || { said="$said; $counted"; return 1; }
}

# undo_row NUMBER — what a row that failed has not made cannot be taken away: then line by line.
undo_row() {
  local line
  ours_ctl -f "$work/peer/rows/$1.undo" >"$work/undo" 2>&1 || while read -r line; do
    # shellcheck disable=SC2086 # words
    ours_ctl $line >>"$work/undo" 2>&1 || true
  done <"$work/peer/rows/$1.undo"
  [ -z "$(ours_ctl spi)$(ours_ctl eroute)" ] || die "row $1 leaves something behind: $(cat "$work/undo")"
  guest peer "ip xfrm policy flush && ip xfrm state flush && { ! ip link show t0 >/dev/null 2>&1 || ip link del t0; }" || die "the guest's tables cannot be cleared"
}

step "$(wc -l <"$work/rows") rows"
while IFS='|' read -r number mtu source target largest text sas name; do
  set_link "$mtu"
  status=0
  begin=${EPOCHREALTIME/./}
  try_row "$number" "$source" "$target" "$largest" "$text" "$sas" || status=$?
  took=$((${EPOCHREALTIME/./} - begin))
  case $status in
    0) passed=$((passed + 1)) && verdict=ok ;;
    2) skipped+=("$name") && verdict=SKIPPED ;;
    *) failed+=("$name") && verdict=FAILED ;;
  esac
  printf '%-8s%-46s %d.%02d s  %s\n' $verdict "$name" $((took / 1000000)) $((took / 10000 % 100)) "$said"
  undo_row "$number"
done <"$work/rows"

step "$passed rows held, ${#failed[@]} failed, ${#skipped[@]} skipped"
[ ${#skipped[@]} -eq 0 ] || printf '    the kernel lacks: %s\n' "${skipped[@]}"
[ ${#failed[@]} -eq 0 ] || die "$(printf '%s; ' "${failed[@]}")"
# Without this a kernel that has lost its modules would pass.
[ ${#skipped[@]} -lt 20 ] || die "too many rows were skipped"
