#include "apps/ctl/rehearsal_node.h"

#include <chrono>
#include <utility>

namespace ctl {

namespace {

// Time stands still at that moment.
constexpr base::Instant kNow{std::chrono::hours(1)};

base::Status exchange_keys(ikev2::StartKe& work, ikev2::KeDone& done, const crypto::Provider& provider,
                           base::Rng& rng) {
  if (work.own == nullptr) {
    ASSIGN_OR_RETURN(work.own, provider.key_exchange(work.method, rng));
  }
  done.public_value = work.own->public_value();
  if (!work.peer_public.empty()) {
    ASSIGN_OR_RETURN(done.shared_secret, work.own->agree(work.peer_public));
  }
  done.own = std::move(work.own);
  return {};
}

}  // namespace

RehearsalNode::RehearsalNode(RehearsalSide side, base::IpAddress address, base::IpAddress peer,
                             const crypto::Provider& provider, base::Rng& rng)
    : side_(std::move(side)),
      address_(address),
      peer_address_(peer),
      provider_(provider),
      rng_(rng),
      authenticator_(provider, rng),
      engine_(ikev2::EngineConfig(), provider, rng, spis_) {
  for (const config::Credential& credential : side_.credentials) {
    const crypto::KeyMaterial& material = credential.material;
    authenticator_.put(credential.id, {material.psk.clone(), material.key, material.pinned, material.trust});
  }
  engine_.watch(true);
  ikev2::Actions actions;
  engine_.handle_network({{address_}}, kNow, actions);
  run(std::move(actions));
  command(ikev2::AddPeer{std::make_shared<const ikev2::PeerConfig>(side_.peer)});
}

void RehearsalNode::command(const ikev2::Command& command) {
  ikev2::Actions actions;
  engine_.handle_command(command, kNow, actions);
  run(std::move(actions));
}

void RehearsalNode::receive(const ikev2::SendDatagram& sent) {
  ikev2::Actions actions;
  const base::Endpoint local{address_, sent.remote.port}, remote{peer_address_, sent.local.port};
  engine_.handle_datagram({local, remote, sent.natt, sent.message}, kNow, actions);
  run(std::move(actions));
}

std::optional<ikev2::SendDatagram> RehearsalNode::next() {
  if (sent_.empty()) return std::nullopt;
  ikev2::SendDatagram first = std::move(sent_.front());
  sent_.pop_front();
  return first;
}

const base::Status* RehearsalNode::outcome(std::uint64_t request) const {
  const auto found = outcomes_.find(request);
  return found == outcomes_.end() ? nullptr : &found->second;
}

std::vector<std::string> RehearsalNode::complaints() { return std::exchange(complaints_, {}); }

// The engine is never called from within its own actions: what they complete waits.
void RehearsalNode::run(ikev2::Actions actions) {
  for (auto& action : actions) std::visit([this](auto& one) { perform(one); }, action);
  if (running_) return;
  running_ = true;
  while (!completions_.empty()) {
    ikev2::Completion completion = std::move(completions_.front());
    completions_.pop_front();
    ikev2::Actions more;
    engine_.handle_completion(std::move(completion), kNow, more);
    run(std::move(more));
  }
  running_ = false;
}

void RehearsalNode::complete(ikev2::Completion completion) { completions_.push_back(std::move(completion)); }

void RehearsalNode::perform(ikev2::StartKe& action) {
  ikev2::KeDone done;
  done.job = action.job;
  done.status = exchange_keys(action, done, provider_, rng_);
  complete(std::move(done));
}

void RehearsalNode::perform(ikev2::StartVerify& action) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  complete(authenticator_.verify(action, std::chrono::duration_cast<std::chrono::seconds>(now).count()));
}

void RehearsalNode::perform(ikev2::StartResolve& action) {
  complete(ikev2::ResolveDone{action.job, {}, {{peer_address_, address_}}});
}

void RehearsalNode::perform(ikev2::Report& action) {
  if (action.kind == ikev2::Report::Kind::ike_up) came_up_ = action.ike_sa;
  if (action.log.level > base::LogLevel::warning || action.log.message.empty()) return;
  complaints_.push_back(side_.title + ": " + action.log.message);
}

}  // namespace ctl
