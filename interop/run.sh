#!/usr/bin/env bash
# run.sh CASE — runs interop/cases/CASE against a real peer. Exit status 0: everything held; 77: skipped, with the reason.
#
#     inside          outer link                                 inside
#   192.168.124.1  [ours] 192.168.100.3 ------ 192.168.100.2 [peer]  192.168.125.1
#                  ikev2d  2001:db8::3          2001:db8::2   strongSwan, kernel-libipsec
#
# A case is a folder: description.txt, ours.yaml, swanctl.conf, and run.sh, which is sourced here when both daemons are
# ready and speaks with the functions below. A case with prepare.sh starts the daemons itself. A case with a file `peer`
# has the peer of that name in interop/peers/ instead.
#
# IKEV2D_BUILD: where ikev2d and ikectl lie (build/). IKEV2D_KEEP=1: leaves the working folder with logs and capture.

case_name=${1:?usage: run.sh CASE}
. "$(dirname "$0")/../tools/netns.sh"
here=$repo/interop
case_dir=$here/cases/$case_name
[ -d "$case_dir" ] || die "no case '$case_name' in interop/cases"

# on_failure STATUS — what helps to see why. A case that was skipped has not failed.
on_failure() {
  local log
  [ "$1" -ne 77 ] || return 0
  for log in ours peer; do
    [ -e "$work/$log.log" ] || continue
    printf '\n=== the last lines of %s.log\n' "$log"
    tail -n 60 "$work/$log.log"
  done
  printf '\n=== the two sides\n'
  if [ -S "$work/ours.sock" ]; then timeout 3 "$build/ikectl" -s "$work/ours.sock" --json status; fi
  peer_state
  on ours ip route show table all 2>/dev/null | grep -v '^local\|^broadcast\|ff00' | head -n 20
}

topology() {
  ns_add ours
  ns_add peer
  link ours out0 peer out0
  on ours ip addr add 192.168.100.3/24 dev out0
  on peer ip addr add 192.168.100.2/24 dev out0
  on ours ip -6 addr add 2001:db8::3/64 dev out0 nodad
  on peer ip -6 addr add 2001:db8::2/64 dev out0 nodad
  inside ours 192.168.124.1/24
  inside peer 192.168.125.1/24
}

# inside NAMESPACE ADDRESS — a network behind the gateway, with the gateway itself as its one host.
inside() {
  ns_add "$1-inside"
  link "$1" in0 "$1-inside" eth0
  on "$1" ip addr add "$2" dev in0
  on "$1" sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
}

start_ours() {
  install -m 0600 "$case_dir/ours.yaml" "$work/ours.yaml"
  start_ikev2d ours ours "$work/ours.yaml"
}

ours_ctl() { ctl ours "$@"; }
status_json() { ctl ours --json status; }
# counter NAME [SIDE] — its value on our side, or on that one; 0 where it is not there.
counter() {
  ctl "${2:-ours}" --json status | python3 -c 'import json, sys; print(json.load(sys.stdin).get("counters", {}).get(sys.argv[1], 0))' "$1"
}

# initiate_from_us — `ikectl initiate pr1`: exit status 0, in under 2 s.
initiate_from_us() {
  step "ikectl initiate pr1"
  milliseconds ours_ctl initiate pr1 || die "ikectl initiate pr1 exits with $?"
  note "took $elapsed_ms ms"
  [ "$elapsed_ms" -lt 2000 ] || die "ikectl initiate pr1 took $elapsed_ms ms, 2000 are allowed"
}

# initiate_from_peer — the peer brings up child net.
initiate_from_peer() {
  step "swanctl --initiate --child net"
  swan peer --initiate --child net --timeout 10 || die "the peer could not initiate"
}

# ping_across FROM COUNT [INTERVAL [SIZE…]] — each ping is answered once, and whole. FROM: ours, peer.
ping_across() {
  local from=$1 count=$2 interval=${3:-0.05} source=192.168.124.1 target=192.168.125.1 out
  shift $(($# > 3 ? 3 : $#))
  [ "$from" = ours ] || { source=192.168.125.1; target=192.168.124.1; }
  step "$count pings from $source to $target${*:+ of each size: $*}"
  if [ "$from" = peer ] && declare -F peer_pings >/dev/null; then
    out=$(peer_pings $target "$count" "$interval" "$@") || die "pings lost: $out"
  else
    out=$(on "$from" python3 "$repo/tools/echo.py" --source $source --count "$count" --interval "$interval" \
      $target ${1:+--sizes "$@"} 2>&1) || die "pings lost: $out"
  fi
  note "$out"
}

# pki COMMAND ARGUMENT… — ikectl pki in the working folder.
pki() { (cd "$work" && "$build/ikectl" pki "$@") | sed 's/^/    /' || die "ikectl pki $* failed"; }

# give_peer FOLDER FILE… — files of the working folder where swanctl looks for them: x509, x509ca, private. Before
# the peer starts.
give_peer() {
  local folder=$work/peer/swanctl/$1
  shift
  mkdir -p "$folder"
  (cd "$work" && cp "$@" "$folder")
}

# both_roles — we initiate, then the peer does; each time both sides agree and packets cross.
both_roles() {
  initiate_from_us
  expect_agreement
  ping_across ours 5
  ping_across peer 5
  step "ikectl terminate pr1"
  ours_ctl terminate pr1 || die "ikectl terminate pr1 exits with $?"
  initiate_from_peer
  expect_agreement
  ping_across ours 5
  ping_across peer 5
}

# expect_log SIDE REGEX [SECONDS] — a line like that is in the log, or comes. Prints it.
expect_log() {
  wait_line "$work/$1.log" "$2" "${3:-5}" || die "no line of $1.log matches: $2"
  note "$1: $matched"
}

# expect_agreement — SPIs, algorithms, identities and selectors are the same on both sides.
# A peer that has just rekeyed or moved may show the old child beside the new one for some seconds.
expect_agreement() {
  step "both sides' view of the SAs"
  wait_until 15 sides_agree || { cat "$work/compared"; die "the two sides do not agree"; }
  sed 's/^/    /' "$work/list-sas"
  cat "$work/compared"
}
sides_agree() {
  status_json >"$work/status.json"
  swan peer --list-sas >"$work/list-sas"
  python3 "$here/compare_sas.py" "$work/status.json" "$work/list-sas" >"$work/compared" 2>&1
}

# expect_no_sas — neither side has an SA left. (Wait for the log line of the deletion first.)
expect_no_sas() {
  step "no SA is left"
  ctl ours --json status >"$work/status.json"
  python3 - "$work/status.json" <<'PY' || die "our side still has an SA: $(cat "$work/status.json")"
import json, sys
sys.exit(1 if json.load(open(sys.argv[1]))["ike_sas"] else 0)
PY
  [ -z "$(swan peer --list-sas)" ] || die "the peer still has an SA: $(swan peer --list-sas)"
}

# expect_clean_stop — the daemon ends with exit status 0 and takes its device and routes with it.
expect_clean_stop() {
  step "ikev2d stops"
  stop_pid "$ours_pid"
  wait_line "$work/ours.log" 'process-ended status=0' 10 || die "ikev2d did not end cleanly: $(tail -n 1 "$work/ours.log")"
  ! on ours ip link show ipsec0 >/dev/null 2>&1 || die "the TUN device is left over"
  ! on ours ip route show table all | grep -q ipsec0 || die "routes are left over"
}

# The peer: strongSwan with kernel-libipsec, or that which the case's file `peer` names. Its peer.sh brings start_peer and
# peer_state, and may bring a topology of its own.
peer_kind=$(cat "$case_dir/peer" 2>/dev/null || echo strongswan)
. "$here/peers/$peer_kind/peer.sh"

sed 's/^/# /' "$case_dir/description.txt"
netns_begin "interop-$case_name"
topology
if [ -f "$case_dir/prepare.sh" ]; then
  . "$case_dir/prepare.sh"
else
  start_peer
  start_ours
fi
. "$case_dir/run.sh"
if [ -n "${ours_pid:-}" ]; then expect_clean_stop; fi
printf '\n%s: passed\n' "$case_name"
