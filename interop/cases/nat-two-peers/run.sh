# sas — of each IKE SA of ours the profile, the peer's identity, address and installed children.
sas() {
  status_json | python3 -c '
import json, sys
for sa in sorted(json.load(sys.stdin)["ike_sas"], key=lambda sa: sa["profile"]):
    print(sa["profile"], sa["remote"]["id"], sa["remote"]["address"], sum(c["state"] == "installed" for c in sa["children"]))'
}
first='pr1 fqdn:first.vpn.example.com 192.168.100.2 1'
second='pr2 fqdn:second.vpn.example.com 192.168.100.2 1'
sas_are() { [ "$(sas)" = "$1" ]; }
expect_sas() { wait_until "${2:-5}" sas_are "$1" || die "the SAs are: $(sas)"; }
spis_of() { status_json | python3 -c '
import json, sys
for sa in json.load(sys.stdin)["ike_sas"]:
    if sa["profile"] == sys.argv[1]: print(sa["initiator_spi"], [c["spi_in"] for c in sa["children"]])' "$1"; }
up() { swan "$1" --initiate --child net --timeout 10 >"$work/initiate" || die "$1 could not initiate: $(cat "$work/initiate")"; }

# echo_begin NAME FROM SOURCE TARGET — a hundred pings a second until echo_end NAME, which wants each answered once.
declare -A echoes=()
echo_begin() {
  rm -f "$work/enough-$1"
  on "$2" python3 "$repo/tools/echo.py" --source "$3" --count 6000 --interval 0.01 --until "$work/enough-$1" "$4" >"$work/pings-$1" 2>&1 &
  echoes[$1]=$!
}
echo_end() {
  : >"$work/enough-$1"
  wait "${echoes[$1]}" || die "pings lost ($1): $(cat "$work/pings-$1")"
  note "$1: $(head -n 1 "$work/pings-$1")"
}

step "two peers behind 192.168.100.2"
up peer
up second
expect_sas "$first
$second"
ports=$(status_json | python3 -c 'import json, sys; print(len({sa["remote"]["port"] for sa in json.load(sys.stdin)["ike_sas"]}))')
[ "$ports" = 2 ] || die "the two have one port: $(status_json)"

step "pings to and from both at the same time; the second one rekeys and leaves"
before=$(spis_of pr1)
echo_begin to-first ours 192.168.124.1 192.168.125.1
echo_begin from-first peer 192.168.125.1 192.168.124.1
echo_begin to-second ours 192.168.124.1 192.168.126.1
echo_begin from-second second 192.168.126.1 192.168.124.1
former=$(spis_of pr2)
swan second --rekey --child net >/dev/null
swan second --rekey --ike pr1 >/dev/null
rekeyed() { now=$(spis_of pr2) && [ "${now% *}" != "${former% *}" ] && [ "${now#* }" != "${former#* }" ] && sas_are "$first
$second"; }
wait_until 10 rekeyed || die "not rekeyed: $former, $now; $(sas)"
ping_across ours 20 # while the other pings go on
echo_end to-second
echo_end from-second
swan second --terminate --ike pr1 >/dev/null
expect_sas "$first"

step "it comes back with INITIAL_CONTACT, which is not the first one's business"
: >"$work/second.log"
up second
expect_sas "$first
$second"
expect_log second 'generating IKE_AUTH request .*N\(INIT_CONTACT\)'
echo_begin to-second ours 192.168.124.1 192.168.126.1
ping_across ours 20
echo_end to-second

step "it is killed: we notice, and the first one stays"
charon=$(ip netns pids "$prefix-second" | while read -r pid; do [ "$(cat "/proc/$pid/comm")" != charon ] || echo "$pid"; done)
kill -KILL $charon
expect_log ours 'the peer is dead' 12
expect_sas "$first"
[ "$(spis_of pr1)" = "$before" ] || die "the first one's SAs were $before, are $(spis_of pr1)"
echo_end to-first
echo_end from-first
