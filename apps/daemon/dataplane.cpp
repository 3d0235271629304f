#include "apps/daemon/dataplane.h"

#include <algorithm>
#include <boost/asio/post.hpp>

namespace daemon_app {
namespace {

// There is no AH in UDP, also where the IKE SA has moved to the NAT-T port.
bool is_ah(const crypto::ChildSuite& suite) { return suite.protocol == crypto::IpsecProtocol::ah; }

esp::SaParams common_params(const ikev2::InstallChild& child, std::uint32_t outer_mtu) {
  esp::SaParams params;
  params.child = child.id;
  params.suite = child.suite;
  params.mode = child.mode == ikev2::Mode::transport ? esp::Mode::transport : esp::Mode::tunnel;
  params.local = child.local;
  params.remote = child.remote;
  params.udp_encap = child.udp_encap;
  params.outer_mtu = outer_mtu;
  params.selectors = child.selectors;
  params.replay_window = child.replay_window;
  params.lifetime_bytes = child.lifetime_bytes;
  params.lifetime_packets = child.lifetime_packets;
  params.soft_bytes = child.soft_bytes;
  params.soft_packets = child.soft_packets;
  params.tfc_size = child.tfc_size;
  params.dummy_every = child.dummy_every;
  return params;
}

esp::SaParams with_keys(esp::SaParams params, base::Spi spi, ikev2::DirectionKeys& keys) {
  params.spi = spi;
  params.encr_key = std::move(keys.encr);
  params.integ_key = std::move(keys.integ);
  return params;
}

// The policy of a child or of a trap, which has its id.
spd::Policy outbound_policy(base::ChildId id, spd::Action action, const spd::SelectorPair& selectors,
                            std::string name) {
  spd::Policy policy;
  policy.id = id.value;
  policy.priority = spd::priority_of(selectors);
  policy.direction = spd::Direction::outbound;
  policy.action = action;
  policy.selectors = selectors;
  policy.bundle = id;
  policy.name = std::move(name);
  return policy;
}

}  // namespace

Dataplane::Dataplane(Parts parts)
    : io_(parts.io),
      provider_(parts.provider),
      routing_(parts.routing),
      log_(parts.log),
      on_event_(std::move(parts.on_event)),
      describe_(std::move(parts.describe)),
      answer_for_(std::move(parts.answer_for)),
      paths_(parts.io, parts.log, parts.probe_paths, path_ports()),
      capture_(parts.io, capture_ports(parts.shards.size())),
      backlog_timer_(parts.io),
      lanes_(parts.lanes),
      plain_(
          parts.mark,
          [this](DataShard::Task task) {
            shards_.front()->post(std::move(task));
            watch_backlog();
          },
          parts.log),
      shards_(std::move(parts.shards)) {}

Dataplane::~Dataplane() {
  for (auto& shard : shards_) shard->stop();
}

void Dataplane::start(const std::function<void(const base::Error&)>& on_error) {
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    shards_[i]->start("ikev2d-data" + std::to_string(i), [this, on_error](const base::Error& error) {
      boost::asio::post(io_, [on_error, error] { on_error(error); });
    });
  }
}

void Dataplane::install(ikev2::InstallChild child) {
  child.udp_encap = child.udp_encap && !is_ah(child.suite);
  const base::Status status = try_install(child);
  if (status.has_error()) {
    log_.write({base::LogLevel::error,
                "child-not-installed",
                status.error().reason,
                {{"profile", child.profile}, {"child", child.child}}});
    boost::asio::post(io_, [this, id = child.id] { on_event_(ikev2::Expired{id, true}); });
    return;
  }
  if (!child.outbound_later) return use(child.id);
  // Its routes and its guard stand from now on: between the end of another child and UseChild nothing leaves
  // in clear.
  routing_.put(child.id, routed(children_.at(child.id)));
}

void Dataplane::use(base::ChildId id) {
  const auto found = children_.find(id);
  if (found == children_.end()) return;
  Child& child = found->second;
  child.used = true;
  spd_.remove(id);
  spd_.add_first(outbound_policy(id, spd::Action::protect, child.selectors, child.name));
  routing_.put(id, routed(child));
  publish_policies();
}

base::Status Dataplane::try_install(ikev2::InstallChild& child) {
  RETURN_IF_ERROR(check_selectors(child.selectors));
  const std::uint32_t link_mtu = routing_.outer_mtu(child.remote.address);
  const std::uint32_t outer_mtu = paths_.mtu_of(child.local.address, child.remote.address, link_mtu);
  ASSIGN_OR_RETURN(auto inbound,
                   esp::InboundSa::make(
                       with_keys(common_params(child, outer_mtu), child.spi_in, child.keys_in), provider_));
  ASSIGN_OR_RETURN(auto outbound,
                   esp::OutboundSa::make(
                       with_keys(common_params(child, outer_mtu), child.spi_out, child.keys_out), provider_));
  inbound->life = outbound->life = std::make_shared<esp::ChildLife>();
  inbound->life->inactivity = child.inactivity.count();
  inbound->life->inner_mtu = outbound->inner_mtu(outer_mtu);
  const Child& made = children_[child.id] =
      Child{inbound,         outbound,     child.suite,     inbound->params.mode,
            child.local,     child.remote, child.udp_encap, child.profile + "/" + child.child,
            child.selectors, outer_mtu};
  watch_path(child.id, made, link_mtu);
  capture_.refresh();
  ASSIGN_OR_RETURN(const auto bundle, esp::make_bundle(child.id, {std::move(outbound)}));
  owner_of(child.spi_in).post([this, inbound = std::move(inbound)](DataShard& shard) {
    if (!shard.add(inbound)) {
      log_.write({base::LogLevel::error,
                  "child-not-installed",
                  "the SPI is taken already",
                  {{"spi", base::to_hex(inbound->params.spi.value, 8)}}});
      shard.inbox().push(ikev2::ChildEvent{ikev2::Expired{inbound->params.child, true}});
    }
  });
  sender_of(child.id).post([bundle](DataShard& shard) { shard.sad().add(bundle); });
  return {};
}

void Dataplane::read_bundle(base::ChildId id, std::function<void(const esp::Bundle*)> read,
                            std::function<void()> done) {
  sender_of(id).post([this, id, read = std::move(read), done = std::move(done)](DataShard& shard) {
    const auto found = shard.sad().bundles().find(id);
    read(found == shard.sad().bundles().end() ? nullptr : found->second.get());
    boost::asio::post(io_, done);
  });
  watch_backlog();
}

void Dataplane::publish_policies() {
  const auto snapshot = spd_.snapshot();
  for (std::size_t i = shards_.size() - lanes_; i < shards_.size(); ++i) {
    shards_[i]->post([snapshot](DataShard& shard) { shard.set_policies(snapshot); });
  }
  const bool discarded = std::exchange(discards_inbound_, snapshot->discards_inbound());
  for (std::size_t i = 0; (discarded || discards_inbound_) && i < shards_.size() - lanes_; ++i) {
    shards_[i]->post([snapshot](DataShard& shard) { shard.set_inbound_policies(snapshot); });
  }
  tell_port();
  watch_backlog();
}

void Dataplane::add(std::shared_ptr<esp::InboundSa> sa) {
  owner_of(sa->params).post([this, sa = std::move(sa)](DataShard& shard) {
    if (shard.add(sa)) return;
    log_.write({base::LogLevel::error,
                "sa-not-installed",
                "the SPI is taken already",
                {{"spi", base::to_hex(sa->params.spi.value, 8)}}});
  });
  watch_backlog();
}

void Dataplane::add(std::shared_ptr<const esp::Bundle> bundle) {
  const base::ChildId id = bundle->id;
  sender_of(id).post([bundle = std::move(bundle)](DataShard& shard) { shard.sad().add(bundle); });
  watch_backlog();
}

void Dataplane::add(base::Spi outermost, std::shared_ptr<const esp::InboundBundle> bundle) {
  owner_of(outermost).post([this, bundle = std::move(bundle)](DataShard& shard) {
    if (shard.sad().add(bundle)) return;
    log_.write({base::LogLevel::error, "sa-not-installed", "an SPI of the group is taken already", {}});
  });
  watch_backlog();
}

void Dataplane::remove_sas(base::ChildId name) {
  for (auto& shard : shards_) {
    shard->post([name](DataShard& s) { s.sad().remove(name); });
  }
  watch_backlog();
}

void Dataplane::on_receiver(base::Spi spi, std::function<void()> task) {
  owner_of(spi).post([task = std::move(task)](DataShard&) { task(); });
  watch_backlog();
}

void Dataplane::on_sender(base::ChildId bundle, std::function<void()> task) {
  sender_of(bundle).post([task = std::move(task)](DataShard&) { task(); });
  watch_backlog();
}

void Dataplane::answer_trap(base::ChildId trap, base::Duration pause) {
  sender_of(trap).post([trap, pause](DataShard& shard) { shard.answer_trap(trap, pause); });
  watch_backlog();
}

std::optional<base::ChildId> Dataplane::protect_by(const std::string& name, spd::Policy policy,
                                                   const spd::PacketKey& packet) {
  const auto found = std::find_if(children_.rbegin(), children_.rend(), [&](const auto& one) {
    const Child& child = one.second;
    return child.used && child.name == name && child.selectors.matches(packet);
  });
  if (found == children_.rend()) return {};
  const spd::SelectorPair& taken = found->second.selectors;
  policy.bundle = found->first;
  policy.selectors = {narrow(policy.selectors.local, taken.local),
                      narrow(policy.selectors.remote, taken.remote)};
  spd_.add(std::move(policy));
  publish_policies();
  return found->first;
}

void Dataplane::remove(base::ChildId id) {
  if (children_.erase(id) == 0) return;
  paths_.remove(id);
  capture_.refresh();
  routing_.remove(id);
  spd_.remove(id);
  publish_policies();  // before the SAs go, so that no policy points at nothing
  for (auto& shard : shards_) {
    shard->post([id](DataShard& s) { s.sad().remove(id); });
  }
  watch_backlog();
}

void Dataplane::move(const ikev2::MoveChild& change) {
  const auto found = children_.find(change.id);
  if (found == children_.end()) return;
  Child& child = found->second;
  child.local = change.local;
  child.remote = change.remote;
  child.udp_encap = change.udp_encap && !is_ah(child.suite);
  const std::uint32_t link_mtu = routing_.outer_mtu(change.remote.address);
  child.outer_mtu = paths_.mtu_of(change.local.address, change.remote.address, link_mtu);
  watch_path(change.id, child, link_mtu);
  child.inbound->life->inner_mtu = inner_mtu_of(child);
  // SAs belong to their shard: it changes them, between two batches.
  for (auto& shard : shards_) {
    shard->post([change, mtu = child.outer_mtu](DataShard& s) {
      s.sad().move(change.id, {change.local, change.remote, change.udp_encap, mtu});
    });
  }
  routing_.put(change.id, routed(child));
  watch_backlog();
}

void Dataplane::install(const ikev2::InstallTrap& trap) {
  const auto [id, standing, changed] = traps_.put(trap);
  if (!standing.local.address.is_set() && standing.remote.address.is_set()) {
    if (const auto source = routing_.source_towards(standing.remote.address))
      standing.local.address = *source;
  }
  if (changed) {
    spd_.remove(id);
    spd_.add(
        outbound_policy(id, spd::Action::trap, standing.selectors, standing.profile + "/" + standing.child));
    publish_policies();
  }
  // No MTU: that is known once there is an SA.
  routing_.put(id, {standing.selectors, 0, standing.local.address});
}

void Dataplane::remove(const ikev2::RemoveTrap& trap) {
  const auto id = traps_.remove(trap.profile, trap.child);
  if (!id) return;
  routing_.remove(*id);
  spd_.remove(*id);
  publish_policies();
}

void Dataplane::answer(const ikev2::AnswerAcquire& answer) {
  if (on_answer_) on_answer_(answer);
  const auto id = traps_.find(answer.profile, answer.child);
  if (!id) return;
  sender_of(*id).post(
      [trap = *id, pause = answer.pause](DataShard& shard) { shard.answer_trap(trap, pause); });
  watch_backlog();
}

std::optional<ikev2::Acquire> Dataplane::acquire_of(const TrapHit& hit) const {
  const Trap* const trap = traps_.find(hit.trap);
  if (trap == nullptr) return {};
  return ikev2::Acquire{trap->profile, trap->child, spd::selectors_of(hit.packet)};
}

RoutedChild Dataplane::routed(const Child& child) const {
  return {child.selectors, child.inbound->life->inner_mtu, child.local.address};
}

// Asked of an SA of its own with an empty key: the live one belongs to its shard.
std::uint32_t Dataplane::inner_mtu_of(const Child& child) const {
  esp::SaParams params;
  params.spi = base::Spi(256);
  params.suite = child.suite;
  params.mode = child.mode;
  params.local = child.local;
  params.remote = child.remote;
  params.udp_encap = child.udp_encap;
  params.selectors = child.selectors;
  params.encr_key = base::SecretBytes(crypto::encr_key_size(child.suite.cipher));
  params.integ_key = base::SecretBytes(crypto::integ_key_size(child.suite.cipher));
  const auto probe = esp::OutboundSa::make(std::move(params), provider_);
  return probe.has_error() ? 1280 : (*probe)->inner_mtu(child.outer_mtu);
}

void Dataplane::watch_backlog() {
  const bool any =
      std::any_of(shards_.begin(), shards_.end(), [](const auto& s) { return s->has_backlog(); });
  if (!any || backlog_watched_) return;
  backlog_watched_ = true;
  backlog_timer_.expires_after(std::chrono::milliseconds(5));
  backlog_timer_.async_wait([this](boost::system::error_code error) {
    backlog_watched_ = false;
    if (error) return;
    for (auto& shard : shards_) shard->flush_backlog();
    watch_backlog();
  });
}

void Dataplane::hand_over(std::unique_ptr<base::PacketBatch> batch) {
  const std::size_t count = batch->size();
  const std::shared_ptr<base::PacketBatch> shared = std::move(batch);
  // A batch goes whole: the first lane hands on what is not its own.
  if (!shards_[0]->try_post([shared](DataShard& shard) { shard.receive(esp::Arrival::udp, *shared); })) {
    stray_dropped_ += count;
  }
}

}  // namespace daemon_app
