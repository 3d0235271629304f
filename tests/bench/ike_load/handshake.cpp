#include "tests/bench/ike_load/handshake.h"

namespace ike_load {
namespace {

constexpr ikev2::RequestId kInitiate{1}, kTerminate{2};

// A handle to a key pair that several handshakes use (RFC 7296 2.12 permits it).
class SharedKeyPair final : public crypto::KeyExchange {
 public:
  explicit SharedKeyPair(std::shared_ptr<crypto::KeyExchange> pair) : pair_(std::move(pair)) {}
  crypto::Ke method() const override { return pair_->method(); }
  const base::Bytes& public_value() const override { return pair_->public_value(); }
  base::Result<base::SecretBytes> agree(base::ByteSpan peer_public) override {
    return pair_->agree(peer_public);
  }

 private:
  std::shared_ptr<crypto::KeyExchange> pair_;
};

base::Result<std::unique_ptr<crypto::KeyExchange>> make_key_pair(Workshop& workshop, crypto::Ke method) {
  if (!workshop.light) return workshop.provider.key_exchange(method, workshop.rng);
  if (!workshop.key_pair || workshop.key_pair->method() != method) {
    ASSIGN_OR_RETURN(workshop.key_pair, workshop.provider.key_exchange(method, workshop.rng));
  }
  return std::unique_ptr<crypto::KeyExchange>(std::make_unique<SharedKeyPair>(workshop.key_pair));
}

}  // namespace

Handshake::Handshake(Workshop& workshop, const ikev2::EngineConfig& config, ikev2::PeerConfigPtr profile,
                     Send send)
    : workshop_(workshop),
      engine_(config, workshop.provider, workshop.rng, workshop.spis),
      profile_(profile->name),
      send_(std::move(send)) {
  ikev2::Actions none;
  engine_.handle_command(ikev2::AddPeer{std::move(profile)}, base::Instant{}, none);
}

void Handshake::begin(base::Instant now) {
  begun_ = now;
  ikev2::Actions out;
  engine_.handle_command(ikev2::Initiate{kInitiate, profile_, {}}, now, out);
  run(std::move(out), now);
}

void Handshake::end(base::Instant now) {
  state_ = State::deleting;
  ikev2::Actions out;
  engine_.handle_command(ikev2::Terminate{kTerminate, profile_, {}}, now, out);
  run(std::move(out), now);
}

void Handshake::receive(const ikev2::Datagram& datagram, base::Instant now) {
  ikev2::Actions out;
  engine_.handle_datagram(datagram, now, out);
  run(std::move(out), now);
}

void Handshake::timeout(base::Instant now) {
  ikev2::Actions out;
  engine_.handle_timeout(now, out);
  in_timeout_ = true;
  run(std::move(out), now);
  in_timeout_ = false;
}

void Handshake::run(ikev2::Actions actions, base::Instant now) {
  for (auto& action : actions) {
    std::visit([&](auto& one) { perform(one, now); }, action);
  }
}

void Handshake::complete(ikev2::Completion completion, base::Instant now) {
  ikev2::Actions out;
  engine_.handle_completion(std::move(completion), now, out);
  run(std::move(out), now);
}

void Handshake::perform(ikev2::SendDatagram& action, base::Instant) {
  if (in_timeout_) ++retransmits_;
  send_(action);
}

void Handshake::perform(ikev2::StartKe& action, base::Instant now) {
  ikev2::KeDone done;
  done.job = action.job;
  done.status = exchange_into(action, done);
  complete(std::move(done), now);
}

base::Status Handshake::exchange_into(ikev2::StartKe& work, ikev2::KeDone& done) {
  if (work.own == nullptr) {
    ASSIGN_OR_RETURN(work.own, make_key_pair(workshop_, work.method));
  }
  done.public_value = work.own->public_value();
  if (!work.peer_public.empty()) {
    ASSIGN_OR_RETURN(done.shared_secret, work.own->agree(work.peer_public));
  }
  done.own = std::move(work.own);
  return {};
}

void Handshake::perform(ikev2::StartAuth& action, base::Instant now) {
  complete(workshop_.authenticator.authenticate(action), now);
}

void Handshake::perform(ikev2::StartVerify& action, base::Instant now) {
  if (workshop_.light) return complete(ikev2::VerifyDone{action.job, {}}, now);
  complete(workshop_.authenticator.verify(action, workshop_.unix_time), now);
}

void Handshake::perform(ikev2::StartResolve& action, base::Instant now) {
  ikev2::ResolveDone done{action.job, {}, {}};
  if (const auto remote = base::IpAddress::parse(action.host)) {
    done.addresses = {{*remote, workshop_.local}};
  } else {
    done.status = base::local_error("no address: " + action.host);
  }
  complete(std::move(done), now);
}

void Handshake::perform(ikev2::RequestDone& action, base::Instant) {
  if (action.request == kTerminate) {
    state_ = State::ended;
  } else if (action.outcome.has_error()) {
    failure_ = action.outcome.error().reason;
    state_ = State::ended;
  } else {
    state_ = State::established;
  }
}

// One that the responder takes down after it stood has not failed as a handshake.
void Handshake::perform(ikev2::Report& action, base::Instant) {
  if (action.kind == ikev2::Report::Kind::ike_down && state_ == State::established) state_ = State::ended;
}

}  // namespace ike_load
