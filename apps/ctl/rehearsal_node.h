// One of the two engines of a rehearsal, and the executor of its actions. Private to the rehearsal.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "apps/ctl/rehearsal.h"
#include "ikev2/auth/authenticator.h"
#include "ikev2/engine.h"

namespace ctl {

class RehearsalNode {
 public:
  // `address` is where it is, `peer` where it finds the other.
  RehearsalNode(RehearsalSide side, base::IpAddress address, base::IpAddress peer,
                const crypto::Provider& provider, base::Rng& rng);

  void command(const ikev2::Command& command);
  void receive(const ikev2::SendDatagram& sent);
  // The oldest datagram that is still to be delivered.
  std::optional<ikev2::SendDatagram> next();
  // The outcome of a command, once there is one.
  const base::Status* outcome(std::uint64_t request) const;
  ikev2::EngineStatus status() const { return engine_.status(false); }
  // The IKE SA when it came up; null where it did not.
  std::shared_ptr<const ikev2::IkeSaStatus> came_up() const { return came_up_; }
  // What it had to complain of since the last call, in words.
  std::vector<std::string> complaints();
  const ikev2::PeerConfig& peer() const { return side_.peer; }
  const std::string& title() const { return side_.title; }
  const base::IpAddress& address() const { return address_; }

 private:
  // Counts up from where hand-made SPIs end.
  class Spis : public ikev2::SpiSource {
   public:
    base::Spi draw() override { return base::Spi{next_++}; }
    void release(base::Spi) override {}

   private:
    std::uint32_t next_ = 0x1000;
  };

  void run(ikev2::Actions actions);
  void complete(ikev2::Completion completion);
  void perform(ikev2::SendDatagram& action) { sent_.push_back(std::move(action)); }
  void perform(ikev2::StartKe& action);
  void perform(ikev2::StartAuth& action) { complete(authenticator_.authenticate(action)); }
  void perform(ikev2::StartVerify& action);
  void perform(ikev2::StartResolve& action);
  void perform(ikev2::Report& action);
  void perform(ikev2::RequestDone& action) {
    outcomes_.insert_or_assign(action.request.value, std::move(action.outcome));
  }
  // There is no data path, and nobody watches.
  template <class Other>
  void perform(Other&) {}

  const RehearsalSide side_;
  const base::IpAddress address_, peer_address_;
  const crypto::Provider& provider_;
  base::Rng& rng_;
  Spis spis_;
  ikev2::Authenticator authenticator_;
  ikev2::Engine engine_;
  std::deque<ikev2::SendDatagram> sent_;
  std::deque<ikev2::Completion> completions_;
  bool running_ = false;
  std::map<std::uint64_t, base::Status> outcomes_;
  std::shared_ptr<const ikev2::IkeSaStatus> came_up_;
  std::vector<std::string> complaints_;
};

}  // namespace ctl
