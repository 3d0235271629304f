# valid SCHEMA COMMAND… — the command succeeds with --json, and what it prints keeps to the schema.
valid() {
  local schema=$1
  shift
  ctl ours --json "$@" >"$work/json" || die "ikectl --json $* exits with $?: $(cat "$work/json")"
  python3 "$here/check_schema.py" "$schema" "$work/json" || die "ikectl --json $* does not keep to $schema: $(cat "$work/json")"
  note "ikectl --json $*"
}

# refused STATUS CODE COMMAND… — exits so, and says so as JSON and on one line of standard error.
refused() {
  local expected=$1 code=$2 status=0
  shift 2
  ctl ours --json "$@" >"$work/json" 2>"$work/refusal" || status=$?
  [ $status -eq "$expected" ] || die "ikectl $* exits with $status: $(cat "$work/refusal")"
  python3 "$here/check_schema.py" error "$work/json" || die "the refusal of ikectl $* does not keep to the schema"
  grep -q "\"code\":\"$code\"" "$work/json" || die "ikectl $*: $(cat "$work/json")"
}

# explained REGEX ARGUMENT… — `explain packet` prints a line like that.
explained() {
  local regex=$1
  shift
  ctl ours explain packet "$@" >"$work/explained" || die "explain packet $* exits with $?"
  grep -Eq "$regex" "$work/explained" || die "explain packet $*: no line matches $regex: $(cat "$work/explained")"
}

spawn "$work/events.json" ip netns exec "$prefix-ours" "$build/ikectl" -s "$work/ours.sock" --json monitor
spawn "$work/events.txt" ip netns exec "$prefix-ours" "$build/ikectl" -s "$work/ours.sock" monitor

step "every command that prints JSON keeps to its schema, before there is an SA and after"
valid status status
valid show-error show error
explained '^no policy takes it' --src 192.168.124.1 --dst 192.168.125.1
wait_line "$work/events.txt" '^watching' 5 || die "nobody watches"
valid ike-sa initiate pr1
valid status status
while read -r schema command; do
  # shellcheck disable=SC2086 # words of the command
  valid "$schema" $command
done <"$case_dir/commands"
refused 1 not-found initiate nobody
refused 2 usage status now
refused 2 usage explain packet --src here

step "a packet is explained: its policy, its SA, its room, and why not the others"
explained '^it is protected' --src 192.168.124.1 --dst 192.168.125.1 --proto tcp --dport 443
explained '^policy +pr1/net, protect' --src 192.168.124.1 --dst 192.168.125.1
explained '^SA +esp tunnel spi [0-9a-f]{8}, 192.168.100.3 to 192.168.100.2' --src 192.168.124.1 --dst 192.168.125.1
explained '^MTU +1500 outside, 1[34][0-9]{2} inside' --src 192.168.124.1 --dst 192.168.125.1
explained 'destination 192.168.126.1 is not in 192.168.125.0/24' --src 192.168.124.1 --dst 192.168.126.1
explained '^the other way round it would be pr1/net' --src 192.168.125.1 --dst 192.168.124.1

step "events of what happened"
wait_line "$work/events.txt" 'child-up +pr1/net' 5 || die "no event child-up: $(cat "$work/events.txt")"
ours_ctl rekey pr1 --child net
wait_line "$work/events.txt" 'child-rekeyed +pr1/net' 5 || die "no event child-rekeyed: $(cat "$work/events.txt")"
ours_ctl terminate pr1
wait_line "$work/events.txt" ' ike-down +pr1 ' 5 || die "no event ike-down: $(cat "$work/events.txt")"
wait_line "$work/events.json" '"event":"ike-down"' 5 || die "no JSON event ike-down: $(cat "$work/events.json")"
grep '^{' "$work/events.json" | while read -r line; do
  printf '%s\n' "$line" >"$work/json"
  python3 "$here/check_schema.py" event "$work/json" || die "an event does not keep to the schema: $line"
done

step "a user who is not permitted is refused"
chmod 0711 "$work"
chmod 0666 "$work/ours.sock"
status=0
on ours setpriv --reuid 65534 --regid 65534 --clear-groups "$build/ikectl" -s "$work/ours.sock" status >"$work/refusal" 2>&1 || status=$?
[ $status -eq 1 ] && grep -q 'not permitted' "$work/refusal" || die "user nobody: exits with $status: $(cat "$work/refusal")"
ours_ctl show error | grep -q control-denied || die "the refusal is not counted"

# pings_p99 — sets `p99` to that of the round trips of 1000 pings through the tunnel, of which none is lost, in hundredths of a ms.
pings_p99() {
  ping_across ours 1000 0.004 >"$work/pings"
  cat "$work/pings"
  p99=$(sed -nE 's/.* p99 ([0-9]+)\.([0-9]+) ms$/\1\2/p' "$work/pings")
  [ -n "$p99" ] || die "no p99: $(cat "$work/pings")"
  p99=$((10#$p99))
}

step "a thousand clients, half of them silent, half talking nonsense, beside pings and other clients"
ours_ctl initiate pr1 >/dev/null
pings_p99
alone=$p99
spawn "$work/clients.log" ip netns exec "$prefix-ours" python3 -u "$here/control_crowd.py" "$work/ours.sock" 1000
wait_line "$work/clients.log" '^crowded' 60 || die "the crowd is not there: $(cat "$work/clients.log")"
pings_p99
note "p99 of the round trip: $alone/100 ms without the crowd, $p99/100 ms beside it"
# The processors are shared with the crowd itself, and with whatever else runs here: nothing narrower holds everywhere.
[ "$p99" -lt $((3 * alone + 20000)) ] || die "packets wait for control clients"
milliseconds ours_ctl status >/dev/null || die "ikectl status is kept out by the crowd"
note "status took $elapsed_ms ms"
[ "$elapsed_ms" -lt 2000 ] || die "status took $elapsed_ms ms beside the crowd"
ours_ctl show error | grep -q control-displaced || die "nobody gave way"
