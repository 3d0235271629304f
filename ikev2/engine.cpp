#include "ikev2/engine.h"

#include "ikev2/core.h"
#include "ikev2/exchange/mobike.h"
#include "ikev2/exchange/traps.h"
#include "ikev2/sa/commands.h"
#include "ikev2/sa/dispatch.h"
#include "ikev2/sa/status_view.h"

namespace ikev2 {

struct Engine::Impl : Core {
  using Core::Core;
};

Engine::Engine(EngineConfig config, const crypto::Provider& provider, base::Rng& rng, SpiSource& spis)
    : impl_(std::make_unique<Impl>(config, provider, rng, spis)) {}
Engine::~Engine() = default;

void Engine::handle_datagram(const Datagram& datagram, base::Instant now, Actions& out) {
  dispatch_datagram(*impl_, datagram, now, out);
}
void Engine::handle_timeout(base::Instant now, Actions& out) { run_deadlines(*impl_, now, out); }
void Engine::handle_command(const Command& command, base::Instant now, Actions& out) {
  run_command(*impl_, command, now, out);
}
void Engine::handle_completion(Completion completion, base::Instant now, Actions& out) {
  dispatch_completion(*impl_, std::move(completion), now, out);
}
void Engine::handle_child_event(const ChildEvent& event, base::Instant now, Actions& out) {
  run_child_event(*impl_, event, now, out);
}
void Engine::handle_network(const NetworkChanged& event, base::Instant now, Actions& out) {
  network_changed(*impl_, event.addresses, now, out);
  for (const auto& [name, peer] : impl_->peers.all()) place_traps(peer, {}, {}, out);
}
std::optional<base::Instant> Engine::next_timeout() const { return impl_->deadlines.next(); }
EngineStatus Engine::status(bool with_secrets) const { return engine_status(*impl_, with_secrets); }
EngineStatus Engine::summary() const { return engine_summary(*impl_); }
std::vector<IkeSaOutline> Engine::outline(bool with_selectors) const {
  return sa_outline(*impl_, with_selectors);
}
std::optional<IkeSaStatus> Engine::ike_sa(std::uint64_t id, std::span<const base::ChildId> children,
                                          bool with_secrets) const {
  return ike_sa_part(*impl_, id, children, with_secrets);
}
std::optional<base::ChildId> Engine::find_child(base::Spi spi) const { return child_by_spi(*impl_, spi); }
std::vector<NatPath> Engine::behind_nat() const { return nat_paths(*impl_); }
void Engine::watch(bool on) { impl_->watched = on; }

}  // namespace ikev2
