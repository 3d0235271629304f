#include "ikev2/exchange/mobike.h"

#include <algorithm>

#include "ikev2/exchange/handlers.h"
#include "ikev2/exchange/lifecycle.h"
#include "ikev2/exchange/nat_detection.h"
#include "ikev2/exchange/peer_path.h"
#include "ikev2/exchange/report.h"
#include "ikev2/exchange/send.h"
#include "ikev2/exchange/tasks.h"

namespace ikev2 {
namespace {

constexpr std::size_t kMaxPeerAddresses = 32;

// Source and destination as NO_NATS_ALLOWED has them: addresses, then ports (RFC 4555 4.2.6).
base::Bytes path_octets(const base::Endpoint& source, const base::Endpoint& destination) {
  base::Bytes octets = source.address.bytes();
  base::append(octets, destination.address.bytes());
  std::array<std::uint8_t, 4> ports;
  base::store_be16(ports.data(), source.port);
  base::store_be16(ports.data() + 2, destination.port);
  base::append(octets, ports);
  return octets;
}

NotifyPayload no_nats_allowed(const IkeSa& sa) {
  return make_notify(NotifyType::no_nats_allowed, path_octets(sa.local, sa.remote));
}

// Our addresses besides the one in use that a peer may find us at: none with a configured address, and none
// that lies inside what the tunnel protects.
std::vector<base::IpAddress> additional_addresses(const Context& context) {
  const IkeSa& sa = context.sa;
  std::vector<base::IpAddress> found;
  if (sa.peer->local_address) return found;
  const auto is_inner = [&](const base::IpAddress& address) {
    return std::any_of(sa.peer->children.begin(), sa.peer->children.end(), [&](const ChildConfig& child) {
      return std::any_of(child.local_ts.begin(), child.local_ts.end(),
                         [&](const auto& selector) { return selector.range.contains(address); });
    });
  };
  for (const base::IpAddress& address : context.core.addresses) {
    if (address != sa.local.address && !is_inner(address)) found.push_back(address);
  }
  return found;
}

void add_addresses(Context& context, std::vector<Payload>& payloads) {
  Mobility& mobility = context.sa.mobility;
  mobility.told = additional_addresses(context);
  for (const base::IpAddress& address : mobility.told) {
    payloads.emplace_back(
        make_notify(address.is_v4() ? NotifyType::additional_ip4_address : NotifyType::additional_ip6_address,
                    address.bytes()));
  }
}

// A set of addresses replaces the one before (RFC 4555 3.6).
void take_addresses(Mobility& mobility, const Message& message) {
  std::vector<base::IpAddress> found;
  for (const auto& [type, size] : {std::pair{NotifyType::additional_ip4_address, std::size_t{4}},
                                   std::pair{NotifyType::additional_ip6_address, std::size_t{16}}}) {
    for (const NotifyPayload* notify : message.notifies(type)) {
      if (notify->data.size() == size && found.size() < kMaxPeerAddresses)
        found.push_back(base::IpAddress::from_bytes(notify->data));
    }
  }
  if (!found.empty() || message.find_notify(NotifyType::no_additional_addresses) != nullptr)
    mobility.peer_addresses = std::move(found);
}

// RFC 4555 4.2.5: 8 to 64 octets; anything else is not repeated.
const NotifyPayload* cookie2_of(const Message& message) {
  const auto* cookie = message.find_notify(NotifyType::cookie2);
  return cookie != nullptr && cookie->data.size() >= 8 && cookie->data.size() <= 64 ? cookie : nullptr;
}

bool has_nat_detection(const Message& message) {
  return message.find_notify(NotifyType::nat_detection_source_ip) != nullptr &&
         message.find_notify(NotifyType::nat_detection_destination_ip) != nullptr;
}

// Where a profile lets its peer be: a prefix holds for moves too.
bool admits(const PeerConfig& peer, const base::IpAddress& remote) {
  const auto* prefix = std::get_if<base::Prefix>(&peer.remote_address);
  return prefix == nullptr || prefix->contains(remote);
}

void refuse_update(Context& context, NotifyPayload notify, const std::string& reason,
                   std::vector<Payload>& answer) {
  context.core.counters.add(IkeCounter::move_refused);
  report(context, Report::Kind::log, base::LogLevel::warning, "address-refused",
         "UPDATE_SA_ADDRESSES refused with " + name(notify.type) + ": " + reason);
  answer.emplace_back(std::move(notify));
}

// RFC 4555 3.5, the responder's part. Packets of the children follow once the new address has proved itself.
void take_update(Context& context, const Message& message, std::vector<Payload>& answer) {
  IkeSa& sa = context.sa;
  const Path& path = sa.theirs.path;
  if (sa.mobility.we_choose) {
    return refuse_update(context, make_notify(NotifyType::unacceptable_addresses),
                         "the peer is not the one who chooses addresses", answer);
  }
  if (auto notify = prohibited_nat(context, message)) {
    return refuse_update(context, std::move(*notify), "the peer allows no NAT, and there is one", answer);
  }
  if (!admits(*sa.peer, path.remote.address)) {
    return refuse_update(context, make_notify(NotifyType::unacceptable_addresses),
                         path.remote.address.text() + " is not where the profile expects its peer", answer);
  }
  const bool elsewhere = path.remote != sa.remote;
  sa.local = path.local;
  sa.remote = path.remote;
  sa.natt = path.natt;
  if (has_nat_detection(message)) {
    detect_nat(context, message);
    add_nat_detection(context, answer);
  }
  sa.mobility.check_pending = elsewhere;
  if (!elsewhere) move_children(context);
}

// The peer's address in use goes behind the others that it has told, and the one that we move to is taken
// out.
void rotate_addresses(Mobility& mobility, const base::IpAddress& from, const base::IpAddress& to) {
  if (from == to || std::erase(mobility.peer_addresses, to) == 0) return;
  mobility.peer_addresses.push_back(from);
}

// The IKE SA goes on from another address, or on another way: RFC 4555 3.5, the initiator's part.
void move_ourselves(Context& context, const ResolvedAddress& way) {
  IkeSa& sa = context.sa;
  const bool ours = way.local != sa.local.address;
  rotate_addresses(sa.mobility, sa.remote.address, way.remote);
  move_sa(context, {{way.local, sa.local.port}, {way.remote, sa.remote.port}, sa.natt},
          ours ? "our address has changed" : "the peer does not answer where it was");
  sa.mobility.update_pending = true;
  // RFC 4555 3.5: requests in flight are sent on, by the new addresses.
  if (!sa.ours.wire.empty()) send_in_flight(context);
  run_tasks(context);
}

// The peer is told from where we are now, and may know us there: its answers go to where a request came from
// (RFC 7296 2.11).
void lose_address(Context& context, const ResolvedAddress& way) {
  IkeSa& sa = context.sa;
  const std::string gone = sa.local.address.text();
  sa.local.address = way.local;
  sa.remote.address = way.remote;
  if (!sa.ours.wire.empty()) send_in_flight(context);
  fail_ike_sa(context, "our address " + gone + " is gone, and the peer does not speak MOBIKE");
}

bool is_ours(const Core& core, const base::IpAddress& address) {
  return std::find(core.addresses.begin(), core.addresses.end(), address) != core.addresses.end();
}

// Asks how the peer can be reached at that address, and from which of ours.
void ask_for_way(Context& context, const base::IpAddress& remote) {
  Mobility& mobility = context.sa.mobility;
  context.core.jobs.erase(mobility.route_job);
  mobility.route_job = new_job(context);
  context.out.push_back(StartResolve{mobility.route_job, remote.text()});
}

// The address that an exchange was begun from is gone before the IKE SA stands: another one is begun with all
// that waits for it.
void begin_anew(Context& context) {
  IkeSa& sa = context.sa;
  PeerRuntime* peer = sa.peer ? context.core.peers.find(sa.peer->name) : nullptr;
  if (!sa.initiator || peer == nullptr || !sa.local.address.is_set() || context.core.shutting_down) return;
  IkeSa& fresh =
      initiate(context.core, *peer, {sa.coming_up.begin(), sa.coming_up.end()}, {}, context.now, context.out);
  std::swap(fresh.waiting, sa.waiting);
  fresh.reauthenticates = sa.reauthenticates;
  sa.replaced = true;
  close_sa(context.core, sa,
           "our address " + sa.local.address.text() + " is gone before the IKE SA stands: beginning anew",
           false, context.now, context.out);
}

}  // namespace

void add_mobility(Context& context, std::vector<Payload>& payloads) {
  IkeSa& sa = context.sa;
  const bool speak = sa.initiator ? sa.peer->mobike : sa.mobility.supported;
  if (!speak) return;
  payloads.emplace_back(make_notify(NotifyType::mobike_supported));
  add_addresses(context, payloads);
  if (sa.initiator && sa.peer->encap == Encap::esp) payloads.emplace_back(no_nats_allowed(sa));
}

void take_mobility(Context& context, const Message& message) {
  IkeSa& sa = context.sa;
  sa.mobility.we_choose = sa.initiator;
  sa.mobility.supported = sa.peer->mobike && message.find_notify(NotifyType::mobike_supported) != nullptr;
  if (sa.mobility.supported) take_addresses(sa.mobility, message);
}

std::optional<NotifyPayload> prohibited_nat(const Context& context, const Message& message) {
  const auto* notify = message.find_notify(NotifyType::no_nats_allowed);
  const Path& path = context.sa.theirs.path;
  if (notify == nullptr || base::equal(notify->data, path_octets(path.remote, path.local))) return {};
  return make_notify(NotifyType::unexpected_nat_detected);
}

bool wants_natt_port(const IkeSa& sa) {
  return sa.peer->mobike && sa.peer->encap != Encap::esp && sa.mobility.detects_nat;
}

void network_changed(Core& core, std::vector<base::IpAddress> addresses, base::Instant now, Actions& out) {
  core.addresses = std::move(addresses);
  for (IkeSa* sa : core.sas.all()) {
    Context context{core, *sa, now, out};
    if (sa->lifecycle == Lifecycle::connecting && !is_ours(core, sa->local.address)) begin_anew(context);
  }
  for (IkeSa* sa : core.sas.all()) {
    if (sa->lifecycle != Lifecycle::established) continue;
    Context context{core, *sa, now, out};
    if (sa->mobility.we_choose) {
      ask_for_way(context, sa->remote.address);
    } else if (sa->mobility.supported && additional_addresses(context) != sa->mobility.told) {
      sa->mobility.tell_pending = true;
      run_tasks(context);
    }
  }
}

void on_route(Context& context, ResolveDone& done) {
  IkeSa& sa = context.sa;
  sa.mobility.route_job = JobId{};
  if (sa.lifecycle != Lifecycle::established) return;
  // Without a way there is nothing to move to: the next change of the network asks again.
  if (done.status.has_error() || done.addresses.empty()) return;
  const ResolvedAddress& way = done.addresses.front();
  // The profile ties us to one address.
  if (sa.peer->local_address && way.local != *sa.peer->local_address) return;
  if (way.local == sa.local.address && way.remote == sa.remote.address) return;
  if (!is_ours(context.core, way.local)) return;  // nobody listens there
  if (sa.mobility.supported) return move_ourselves(context, way);
  if (!is_ours(context.core, sa.local.address)) lose_address(context, way);
}

void try_other_address(Context& context) {
  constexpr int kTriesBefore = 3;
  IkeSa& sa = context.sa;
  const Mobility& mobility = sa.mobility;
  const bool able = sa.lifecycle == Lifecycle::established && mobility.supported && mobility.we_choose;
  // Each address gets two tries.
  if (!able || mobility.peer_addresses.empty() || sa.ours.sends < kTriesBefore || sa.ours.sends % 2 == 0)
    return;
  ask_for_way(context, mobility.peer_addresses.front());
}

bool begin_mobility_exchange(Context& context) {
  IkeSa& sa = context.sa;
  Mobility& mobility = sa.mobility;
  if (sa.lifecycle != Lifecycle::established || !mobility.supported) return false;
  std::vector<Payload> payloads;
  State next = Idle{};
  if (mobility.update_pending) {
    mobility.update_pending = false;
    payloads.emplace_back(make_notify(NotifyType::update_sa_addresses));
    add_nat_detection(context, payloads);
    if (sa.peer->encap == Encap::esp) payloads.emplace_back(no_nats_allowed(sa));
    next = UpdatingAddresses{};
  } else if (mobility.check_pending) {
    mobility.check_pending = false;
    base::Bytes cookie = context.core.rng.bytes(16);
    payloads.emplace_back(make_notify(NotifyType::cookie2, cookie));
    next = CheckingPath{std::move(cookie)};
  } else if (mobility.tell_pending) {
    mobility.tell_pending = false;
    add_addresses(context, payloads);
    if (payloads.empty()) payloads.emplace_back(make_notify(NotifyType::no_additional_addresses));
    next = TellingAddresses{};
  } else {
    return false;
  }
  if (send_request(context, ExchangeType::informational, payloads).has_error()) return false;
  sa.ours.state = std::move(next);
  return true;
}

void answer_mobility(Context& context, const Message& message, std::vector<Payload>& answer) {
  IkeSa& sa = context.sa;
  // RFC 4555 3.7: whoever asks for the cookie gets it back.
  if (const auto* cookie = cookie2_of(message)) answer.emplace_back(make_notify(cookie->type, cookie->data));
  if (!sa.mobility.supported) return;
  take_addresses(sa.mobility, message);
  if (message.find_notify(NotifyType::update_sa_addresses) != nullptr) {
    take_update(context, message, answer);
  } else if (has_nat_detection(message)) {
    // RFC 4555 3.8: the hashes go back, "but no other action is taken". They are of this request's path.
    const Path before{sa.local, sa.remote, sa.natt};
    sa.local = sa.theirs.path.local;
    sa.remote = sa.theirs.path.remote;
    add_nat_detection(context, answer);
    sa.local = before.local;
    sa.remote = before.remote;
  }
}

std::vector<Payload> probe_payloads(Context& context) {
  const IkeSa& sa = context.sa;
  std::vector<Payload> payloads;
  if (sa.mobility.supported && sa.mobility.we_choose && sa.local_behind_nat)
    add_nat_detection(context, payloads);
  return payloads;
}

void take_probe_answer(Context& context, const Message& message) {
  Mobility& mobility = context.sa.mobility;
  const auto* seen = message.find_notify(NotifyType::nat_detection_destination_ip);
  if (!mobility.supported || !mobility.we_choose || seen == nullptr) return;
  if (base::equal(mobility.seen_as, seen->data)) return;
  // Where nothing is known to compare with, an update does no harm (RFC 4555 3.8), and is the way to know.
  if (!mobility.seen_as.empty()) {
    report(context, Report::Kind::log, base::LogLevel::info, "nat-mapping-changed",
           "the NAT in front of us has a new mapping: telling the peer");
  }
  mobility.update_pending = true;
  mobility.seen_as = seen->data;
}

NextResult<Idle, Closed> on_update_answer(UpdatingAddresses&, Message& message, Context& context) {
  IkeSa& sa = context.sa;
  request_answered(context);
  // RFC 4555 3.5: the addresses have changed again; this answer is about the former ones.
  if (sa.mobility.update_pending) return Idle{};
  if (const auto* error = message.first_error()) {
    context.core.counters.add(IkeCounter::move_refused);
    return Closed{"the peer refuses our new address " + sa.local.text() + " with " + name(error->type), true,
                  true};
  }
  if (has_nat_detection(message)) {
    detect_nat(context, message);
    sa.mobility.seen_as = message.find_notify(NotifyType::nat_detection_destination_ip)->data;
  }
  move_children(context);
  return Idle{};
}

NextResult<Idle, Closed> on_path_answer(CheckingPath& state, Message& message, Context& context) {
  IkeSa& sa = context.sa;
  request_answered(context);
  const auto* cookie = message.find_notify(NotifyType::cookie2);
  // RFC 4555 3.7: if it is not the cookie that was sent, "the IKE_SA MUST be closed".
  if (cookie == nullptr || !base::equal(cookie->data, state.cookie))
    return Closed{"the answer from " + sa.remote.text() + " does not hold the COOKIE2 that was sent there",
                  true, true};
  if (sa.mobility.check_pending) return Idle{};  // the peer has moved on meanwhile
  move_sa(context, {sa.local, sa.remote, sa.natt}, "the peer has moved");
  return Idle{};
}

NextResult<Idle> on_addresses_told(TellingAddresses&, Message&, Context& context) {
  request_answered(context);
  return Idle{};
}

}  // namespace ikev2
