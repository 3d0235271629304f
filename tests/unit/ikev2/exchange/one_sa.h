// One IKE SA and the core around it, for handlers that are called by hand.
#pragma once

#include "ikev2/exchange/nat_detection.h"
#include "tests/support/fake_provider.h"
#include "tests/support/fixed_rng.h"

namespace test {

using namespace ikev2;

class NoSpis : public SpiSource {
 public:
  base::Spi draw() override { return base::Spi(256); }
  void release(base::Spi) override {}
};

// We are 192.0.2.1, the peer is 192.0.2.2.
struct OneSa {
  FakeProvider provider;
  FixedRng rng;
  NoSpis spis;
  Core core{EngineConfig{}, provider, rng, spis};
  IkeSa sa;
  Actions out;
  Context context{core, sa, base::Instant{}, out};
  std::shared_ptr<PeerConfig> config = std::make_shared<PeerConfig>();

  OneSa() {
    sa.peer = config;
    sa.spi_i = base::IkeSpi(1);
    sa.spi_r = base::IkeSpi(2);
    sa.local = {*base::IpAddress::parse("192.0.2.1"), 500};
    sa.remote = {*base::IpAddress::parse("192.0.2.2"), 500};
  }
  // What the peer would send if it saw the same endpoints as we do.
  std::vector<Payload> seen_by_peer() {
    std::swap(sa.local, sa.remote);
    std::vector<Payload> payloads;
    add_nat_detection(context, payloads);
    std::swap(sa.local, sa.remote);
    return payloads;
  }
  Message message_of(std::vector<Payload> payloads) const {
    Message message;
    message.header.spi_i = sa.spi_i;
    message.header.spi_r = sa.spi_r;
    message.payloads = std::move(payloads);
    return message;
  }
};

}  // namespace test
