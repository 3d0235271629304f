#include "ikev2/exchange/peer_path.h"

#include "ikev2/exchange/report.h"

namespace ikev2 {
namespace {

// RFC 7296 2.23: only hosts that are not behind a NAT follow the other end, and only where that is behind
// one. Behind a NAT ourselves we would let whoever repeats our packets lead us away.
bool may_follow(const IkeSa& sa) {
  return sa.lifecycle != Lifecycle::connecting && sa.natt && sa.remote_behind_nat && !sa.local_behind_nat;
}

}  // namespace

void move_children(Context& context) {
  const IkeSa& sa = context.sa;
  for (const ChildSa& child : sa.children)
    if (!child.stopped) context.out.push_back(MoveChild{child.id, sa.local, sa.remote, sa.udp_encap()});
}

void move_sa(Context& context, const Path& path, const std::string& why) {
  IkeSa& sa = context.sa;
  const std::string from = sa.local.text() + " to " + sa.remote.text();
  sa.local = path.local;
  sa.remote = path.remote;
  sa.natt = path.natt;
  move_children(context);
  context.core.counters.add(IkeCounter::moved);
  report(context, Report::Kind::address_changed, base::LogLevel::info, "address-changed",
         why + ": was " + from + ", is " + sa.local.text() + " to " + sa.remote.text());
}

void follow_peer(Context& context, const Datagram& datagram) {
  IkeSa& sa = context.sa;
  if (sa.lifecycle == Lifecycle::connecting) {
    if (sa.initiator) return;
    sa.local = datagram.local;
    sa.remote = datagram.remote;
    sa.natt = datagram.natt;
    return;
  }
  // RFC 4555 3.8: with MOBIKE the host that is not behind a NAT MUST NOT follow IKE packets, but MAY follow
  // ESP.
  if (sa.mobility.supported || !may_follow(sa) || !datagram.natt || datagram.remote == sa.remote) return;
  move_sa(context, {sa.local, datagram.remote, true}, "the NAT in front of the peer has a new mapping");
}

void follow_packets(Context& context, const base::Endpoint& remote) {
  IkeSa& sa = context.sa;
  if (!may_follow(sa) || remote == sa.remote) return;
  move_sa(context, {sa.local, remote, true}, "the NAT in front of the peer has a new mapping");
}

}  // namespace ikev2
