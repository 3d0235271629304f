# children PROFILE — how many children of it are installed on our side.
children() {
  status_json | python3 -c '
import json, sys
print(sum(child["state"] == "installed" for sa in json.load(sys.stdin)["ike_sas"] if sa["profile"] == sys.argv[1] for child in sa["children"]))' "$1"
}
has_children() { [ "$(children "$1")" = "$2" ]; }
# ike_sas — the initiator SPIs of our IKE SAs, with the profile.
ike_sas() {
  status_json | python3 -c '
import json, sys
for sa in json.load(sys.stdin)["ike_sas"]: print(sa["profile"], sa["initiator_spi"], sa["state"])'
}
nothing_left() { [ -z "$(ike_sas)$(swan peer --list-sas)" ]; }
ours_up() { ours_ctl initiate "$@" >"$work/initiate" || die "ikectl initiate $*: $(cat "$work/initiate")"; }
peer_up() { swan peer --initiate "$@" --timeout 10 >"$work/initiate" || die "swanctl --initiate $*: $(cat "$work/initiate")"; }
ours_down() {
  ours_ctl terminate "$1" >/dev/null || die "ikectl terminate $1 exits with $?"
  wait_until 10 nothing_left || die "left over: $(ike_sas; swan peer --list-sas)"
}

# tcp_across — a line by TCP to port 17000 behind the peer.
tcp_across() {
  on peer python3 -c '
import socket
server = socket.create_server(("192.168.125.1", 17000))
print("listening", flush=True)
stream, _ = server.accept()
stream.sendall(stream.recv(100))' >"$work/tcp" 2>&1 &
  wait_line "$work/tcp" listening 10 || die "no TCP server: $(cat "$work/tcp")"
  on ours python3 -c '
import socket
with socket.create_connection(("192.168.125.1", 17000), 5, ("192.168.124.1", 0)) as stream:
    stream.sendall(b"hello")
    assert stream.recv(100) == b"hello"' || die "TCP does not cross"
}

step "two children of ICMP and TCP port 17000, begun by us"
ours_up several
has_children several 2 || die "children: $(status_json)"
ping_across ours 5
tcp_across
expect_agreement
step "we take one down and create it later on the same IKE SA"
before=$(ike_sas)
ours_ctl terminate several --child web >/dev/null
wait_until 5 has_children several 1 || die "children: $(status_json)"
ours_up several --child web
tcp_across
step "the peer takes one down and creates it later"
swan peer --terminate --child several-web >/dev/null
wait_until 5 has_children several 1 || die "children: $(status_json)"
peer_up --child several-web
wait_until 5 has_children several 2 || die "children: $(status_json)"
tcp_across
ping_across peer 5
[ "$(ike_sas)" = "$before" ] || die "another IKE SA: $(ike_sas)"
ours_down several
step "the same, begun by the peer"
peer_up --child several-icmp
peer_up --child several-web
wait_until 5 has_children several 2 || die "children: $(status_json)"
ping_across ours 5
tcp_across
ours_ctl terminate several --child icmp >/dev/null
wait_until 5 has_children several 1 || die "children: $(status_json)"
ours_up several --child icmp
ping_across ours 5
ours_down several

step "without a child in IKE_AUTH (RFC 6023), by us, then by the peer"
ours_up childless
expect_log peer 'CREATE_CHILD_SA request 2'
ping_across ours 5
ours_down childless
peer_up --ike childless
[[ "$(ike_sas)" == "childless "*" established" ]] || die "IKE SAs: $(ike_sas)"
has_children childless 0 || die "a child: $(status_json)"
peer_up --child childless
ping_across peer 5
ours_down childless

step "inactivity, ours and the peer's"
for profile in idle idle-peer; do
  ours_up $profile
  ping_across ours 3
  wait_until 15 has_children $profile 0 || die "$profile: the child is still there"
  [[ "$(ike_sas)" == "$profile "*" established" ]] || die "IKE SAs: $(ike_sas)"
  ours_down $profile
done

# other_sa — one IKE SA, not the one of `before`, with a child.
other_sa() { local after; after=$(ike_sas); [ "$(wc -l <<<"$after")" -eq 1 ] && [ -n "$after" ] && [ "$after" != "$before" ] && has_children "$1" 1; }
step "AUTH_LIFETIME: the peer authenticates again because we say so"
peer_up --child limit
expect_log peer 'received AUTH_LIFETIME of 1[12]s'
before=$(ike_sas)
wait_until 15 other_sa limit || die "no new authentication: $(ike_sas)"
ping_across ours 5
ours_down limit
step "AUTH_LIFETIME: we authenticate again because the peer says so"
ours_up limit-peer
before=$(ike_sas)
wait_until 15 other_sa limit-peer || die "no new authentication: $(ike_sas)"
ping_across ours 5
ours_down limit-peer

# kill_peer — charon is gone at once, without a word; its next life has the same configuration.
kill_peer() {
  local charon
  charon=$(ip netns pids "$prefix-peer" | while read -r pid; do [ "$(cat "/proc/$pid/comm")" != charon ] || echo "$pid"; done)
  kill -KILL $charon
  mv "$work/peer.log" "$work/peer-before.log"
  on peer ip link del ipsec0 2>/dev/null || true
}
step "a peer that was killed comes back with INITIAL_CONTACT: its former SA goes at once"
peer_up --child limit
before=$(ike_sas)
kill_peer
start_peer
peer_up --child limit
wait_until 3 other_sa limit || die "the former SA stays: $(ike_sas)"
ping_across ours 5
ours_down limit
step "a dead peer is noticed within 4 s, and called again until it lives"
ours_up dead
before=$(ike_sas)
kill_peer
expect_log ours 'the peer is dead' 12
start_peer
wait_until 30 other_sa dead || die "not up again: $(ike_sas)"
ping_across ours 5
ours_ctl terminate dead >/dev/null
