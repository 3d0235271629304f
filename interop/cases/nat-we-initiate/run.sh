initiate_from_us
# The peer's data plane in userspace claims a NAT of its own, so that packets come in UDP.
[ "$(nat_flags ours)" = "True True" ] || die "who is behind a NAT: $(nat_flags ours)"
ping_across ours 10
ping_across peer 10
rebind ours
# The next liveness check shows the peer the new mapping.
step "the peer follows, and reaches us again"
for ((i = 0; i < 40; i++)); do
  ! on peer ping -q -c 1 -W 0.5 -I 192.168.125.1 192.168.124.1 >/dev/null 2>&1 || break
done
ping_across peer 10
ping_across ours 10
