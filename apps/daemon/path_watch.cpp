#include "apps/daemon/path_watch.h"

#include <algorithm>

namespace daemon_app {
namespace {

constexpr std::chrono::seconds kLook{1};
constexpr std::uint32_t kUdpHeader = 8;
constexpr int kMessagesPerTurn = 64;  // of one socket, so that a flood starves nobody

std::uint64_t sent_by(const PathWatch::Child& child) {
  return child.outbound->traffic.packets.load(std::memory_order_relaxed);
}

// Whether the quoted packet carries the SPI of this child (RFC 4301 8.2.1: what is not authenticated must be
// matched with an SA). Of UDP no more than the header may be quoted: then ports must do.
bool is_by(const PathWatch::Child& child, const tun::TooBig& said) {
  const base::ByteSpan payload(said.payload.data(), said.payload_size);
  const std::uint32_t spi = child.outbound->params.spi.value;
  if (said.protocol == base::ip_protocol::kEsp) return base::load_be32(payload.data()) == spi;
  if (said.protocol == base::ip_protocol::kAh) return base::load_be32(payload.data() + 4) == spi;
  if (said.protocol != base::ip_protocol::kUdp) return false;
  if (base::load_be16(payload.data()) != child.local.port ||
      base::load_be16(payload.data() + 2) != child.remote.port) {
    return false;
  }
  return payload.size() < kUdpHeader + 4 || base::load_be32(payload.data() + kUdpHeader) == spi;
}

}  // namespace

PathWatch::PathWatch(boost::asio::io_context& io, base::LogSink& log, bool probes, Ports ports)
    : timer_(io), io_(io), log_(log), probes_(probes), ports_(std::move(ports)) {}

PathWatch::~PathWatch() = default;

void PathWatch::listen(std::unique_ptr<tun::IcmpSocket> socket) {
  listeners_.push_back(std::make_unique<Listener>(io_, std::move(socket)));
  watch(*listeners_.back());
}

void PathWatch::watch(Listener& listener) {
  listener.wait.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                           [this, &listener](boost::system::error_code error) {
                             if (error) return;
                             for (int i = 0; i < kMessagesPerTurn; ++i) {
                               const auto said = listener.socket->receive();
                               if (!said) break;
                               take(*said);
                             }
                             watch(listener);
                           });
}

std::uint32_t PathWatch::mtu_of(const base::IpAddress& local, const base::IpAddress& remote,
                                std::uint32_t link_mtu) const {
  const auto found = paths_.find({local, remote});
  return found == paths_.end() ? link_mtu : std::min(link_mtu, found->second.search.mtu());
}

void PathWatch::put(base::ChildId id, Child child) {
  remove(id);
  const Key key{child.local.address, child.remote.address};
  const auto [place, fresh] = paths_.try_emplace(key, child.link_mtu, child.remote.address.is_v6());
  Path& path = place->second;
  path.children.emplace(id, sent_by(child));
  const std::uint32_t link = child.link_mtu;
  children_.insert_or_assign(id, std::move(child));
  if (!fresh) change(key, path, "the first link", [&](PathSearch& search) { search.set_link(link); });
  arm();
}

void PathWatch::remove(base::ChildId id) {
  const auto found = children_.find(id);
  if (found == children_.end()) return;
  const auto path = paths_.find({found->second.local.address, found->second.remote.address});
  children_.erase(found);
  if (path == paths_.end()) return;
  path->second.children.erase(id);
  if (path->second.children.empty()) paths_.erase(path);
}

// Once a second while there are paths.
void PathWatch::arm() {
  if (armed_ || paths_.empty() || (!probes_ && listeners_.empty())) return;
  armed_ = true;
  timer_.expires_after(kLook);
  timer_.async_wait([this](boost::system::error_code error) {
    if (error) return;
    armed_ = false;
    for (auto& [key, path] : paths_) look(key, path);
    arm();
  });
}

// The child that has sent most since the last pair carries the next one.
void PathWatch::look(const Key& key, Path& path) {
  base::ChildId carrier = path.children.begin()->first;
  std::uint64_t most = 0;
  for (const auto& [id, before] : path.children) {
    const std::uint64_t since = sent_by(children_.at(id)) - before;
    if (since > most) carrier = id;
    most = std::max(most, since);
  }
  std::optional<PathSearch::Pair> pair;
  change(key, path, "probes",
         [&](PathSearch& search) { pair = search.look(ports_.now(), probes_ && most != 0); });
  if (!pair || !probes_) return;
  for (auto& [id, before] : path.children) before = sent_by(children_.at(id));
  ports_.send(carrier, {esp::ProbeKind::question, pair->id, 0}, pair->size);
  ports_.send(carrier, {esp::ProbeKind::question, pair->id + 1, 0}, 0);
}

// Does something to the search, and tells of a size that is another one then.
template <class F>
void PathWatch::change(const Key& key, Path& path, const char* cause, F&& how) {
  const std::uint32_t before = path.search.mtu();
  how(path.search);
  const std::uint32_t after = path.search.mtu();
  if (after == before) return;
  for (const auto& [id, sent] : path.children) ports_.set_mtu(id, after);
  log_.write({base::LogLevel::info,
              "path-mtu",
              "",
              {{"local", key.first.text()},
               {"remote", key.second.text()},
               {"mtu", std::to_string(after)},
               {"before", std::to_string(before)},
               {"cause", cause}}});
}

void PathWatch::take(const esp::ProbeNote& note) {
  const auto found = children_.find(note.child);
  if (found == children_.end()) return;
  if (note.probe.kind == esp::ProbeKind::question)
    return ports_.send(note.child, {esp::ProbeKind::answer, note.probe.id, note.probe.size}, 0);
  const Key key{found->second.local.address, found->second.remote.address};
  const auto path = paths_.find(key);
  if (path == paths_.end()) return;
  change(key, path->second, "probes",
         [&](PathSearch& search) { search.answered(note.probe.id, note.probe.size, ports_.now()); });
  look(key, path->second);
}

void PathWatch::take(const tun::TooBig& said) {
  const Key key{said.source, said.destination};
  const auto path = paths_.find(key);
  if (path == paths_.end()) return;
  const auto& children = path->second.children;
  const bool ours = std::any_of(children.begin(), children.end(),
                                [&](const auto& entry) { return is_by(children_.at(entry.first), said); });
  if (!ours) return;
  change(key, path->second, "a router",
         [&](PathSearch& search) { search.too_big(said.mtu, said.length, ports_.now()); });
}

}  // namespace daemon_app
