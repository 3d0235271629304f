// One handshake of the load: an engine of its own with one profile, and the executor of its actions. Slow
// work is done on the spot.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "ikev2/auth/authenticator.h"
#include "ikev2/engine.h"

namespace ike_load {

// What all handshakes share. Outlives them.
struct Workshop {
  const crypto::Provider& provider;
  base::Rng& rng;
  const ikev2::Authenticator& authenticator;
  ikev2::SpiSource& spis;
  base::IpAddress local;
  std::int64_t unix_time = 0;  // seconds since 1970, UTC, for certificates
  // So that the generator is cheaper than what it loads: one key pair for all key exchanges, and the
  // responder's proof is believed unread.
  bool light = false;
  std::shared_ptr<crypto::KeyExchange> key_pair = {};  // the one of `light`, once made
};

class Handshake {
 public:
  enum class State : std::uint8_t { connecting, established, deleting, ended };
  using Send = std::function<void(const ikev2::SendDatagram&)>;

  // `config.ike_port` and `config.natt_port` are those of the sockets that `send` sends from.
  Handshake(Workshop& workshop, const ikev2::EngineConfig& config, ikev2::PeerConfigPtr profile, Send send);

  void begin(base::Instant now);
  void end(base::Instant now);  // deletes the SA with the responder
  void receive(const ikev2::Datagram& datagram, base::Instant now);
  void timeout(base::Instant now);
  std::optional<base::Instant> next_timeout() const { return engine_.next_timeout(); }

  State state() const { return state_; }
  // Of one that has ended without having been established.
  const std::optional<std::string>& failure() const { return failure_; }
  base::Instant begun() const { return begun_; }
  std::uint64_t retransmits() const { return retransmits_; }

 private:
  void run(ikev2::Actions actions, base::Instant now);
  void complete(ikev2::Completion completion, base::Instant now);
  base::Status exchange_into(ikev2::StartKe& work, ikev2::KeDone& done);

  void perform(ikev2::SendDatagram& action, base::Instant now);
  void perform(ikev2::StartKe& action, base::Instant now);
  void perform(ikev2::StartAuth& action, base::Instant now);
  void perform(ikev2::StartVerify& action, base::Instant now);
  void perform(ikev2::StartResolve& action, base::Instant now);
  void perform(ikev2::RequestDone& action, base::Instant now);
  void perform(ikev2::Report& action, base::Instant now);
  template <class Other>
  void perform(Other&, base::Instant) {}  // there is no data path

  Workshop& workshop_;
  ikev2::Engine engine_;
  const std::string profile_;
  Send send_;
  State state_ = State::connecting;
  std::optional<std::string> failure_;
  base::Instant begun_{};
  bool in_timeout_ = false;  // what is sent now is sent again
  std::uint64_t retransmits_ = 0;
};

}  // namespace ike_load
