initiate_from_peer
expect_log ours 'event=child-up'
[ "$(nat_flags ours)" = "False True" ] || die "who is behind a NAT: $(nat_flags ours)"
before=$(remote_port ours)
ping_across peer 10
ping_across ours 10
rebind peer
step "one ping of the peer is enough for us to follow"
on peer ping -q -c 3 -i 0.3 -W 1 -I 192.168.125.1 192.168.124.1 >/dev/null 2>&1 || true
expect_log ours 'event=address-changed'
[ "$(remote_port ours)" != "$before" ] || die "the port is still $before"
ping_across ours 10
ping_across peer 10
