// Somebody who sends what an honest peer does not: messages taken apart and put together again, and messages
// that are protected with the keys of an SA.
#pragma once

#include <catch2/catch_test_macros.hpp>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "ikev2/message/protect.h"
#include "tests/sim/sim_pair.h"

namespace sim {

// One payload as octets.
struct RawPayload {
  std::uint8_t type = 0;
  base::Bytes body;
  std::uint8_t flags = 0;  // the critical bit is 0x80
};

// An IKE message in clear as octets: a header whose length and next payload follow from the rest.
struct RawMessage {
  base::Bytes header;
  std::vector<RawPayload> payloads;

  static RawMessage of(base::ByteSpan message) {
    RawMessage raw{base::to_bytes(message.first(28)), {}};
    std::uint8_t type = message[16];
    for (std::size_t at = 28; type != 0;) {
      const std::size_t length = base::load_be16(message.data() + at + 2);
      raw.payloads.push_back({type, base::to_bytes(message.subspan(at + 4, length - 4)), message[at + 1]});
      type = message[at];
      at += length;
    }
    return raw;
  }
  base::Bytes octets() const {
    base::Bytes out = header;
    out[16] = payloads.empty() ? 0 : payloads.front().type;
    for (std::size_t i = 0; i < payloads.size(); ++i) {
      const std::size_t at = out.size();
      out.resize(at + 4);
      out[at] = i + 1 < payloads.size() ? payloads[i + 1].type : 0;
      out[at + 1] = payloads[i].flags;
      base::store_be16(&out[at + 2], static_cast<std::uint16_t>(4 + payloads[i].body.size()));
      base::append(out, payloads[i].body);
    }
    base::store_be32(&out[24], static_cast<std::uint32_t>(out.size()));
    return out;
  }
  // The first payload of that type; the test fails without one.
  RawPayload& payload(std::uint8_t type) {
    for (auto& one : payloads) {
      if (one.type == type) return one;
    }
    FAIL("no payload of type " << int{type});
    return payloads.front();
  }
  void remove(std::uint8_t type) {
    std::erase_if(payloads, [&](const RawPayload& one) { return one.type == type; });
  }
};

constexpr std::uint8_t kSa = 33, kKe = 34, kIdi = 35, kAuth = 39, kNonce = 40, kNotify = 41, kDelete = 42,
                       kVendor = 43, kTsi = 44, kTsr = 45, kSk = 46, kCp = 47;

inline RawPayload notify(std::uint16_t type, base::ByteSpan data = {}) {
  base::Bytes body(4);
  base::store_be16(&body[2], type);
  base::append(body, data);
  return {kNotify, body};
}

// The right node under attack, while the left one is honest.
class Attack {
 public:
  explicit Attack(ikev2::EngineConfig config = {}, const std::function<void(SimPair&)>& change = {})
      : world(1, {}, config) {
    world.right_profile.remote_address = ikev2::AnyPeer{};
    if (change) change(world);
    world.configure();
    world.initiate();
    world.run(0s);
    first = world.net.log.at(0).message;
    remember();
  }
  // Both SAs stand before the attack begins.
  void establish() {
    world.run(3s);
    REQUIRE(world.up());
    remember();
  }

  // What the right node makes of a datagram: its answers, and what it counts.
  void send(base::ByteSpan message, bool natt = false) { send_from(world.left.address, message, natt); }
  void send_from(base::IpAddress from, base::ByteSpan message, bool natt = false) {
    const std::uint16_t port = natt ? 4500 : 500;
    const std::size_t before = world.net.log.size();
    world.right.receive({{}, 0, {from, port}, {world.right.address, port}, natt, base::to_bytes(message)},
                        world.now);
    answers.clear();
    for (std::size_t i = before; i < world.net.log.size(); ++i) {
      if (world.net.log[i].from.address == world.right.address) answers.push_back(world.net.log[i].message);
    }
  }
  void send(const RawMessage& message) { send(message.octets()); }

  // How often the right node has counted that reason since remember().
  std::uint64_t counted(const std::string& name) const {
    const auto now = counters();
    const auto found = now.find(name), old = before_.find(name);
    return (found == now.end() ? 0 : found->second) - (old == before_.end() ? 0 : old->second);
  }
  void remember() { before_ = counters(); }
  std::size_t half_open() const { return world.right.engine.status(false).half_open; }

  // The type of the one notify in the one answer, in clear; 0 for none.
  std::uint16_t notified() const {
    if (answers.size() != 1) return 0;
    const auto raw = RawMessage::of(answers.front());
    if (raw.payloads.size() != 1 || raw.payloads.front().type != kNotify) return 0;
    return base::load_be16(&raw.payloads.front().body[2]);
  }
  base::Bytes notify_data() const {
    const auto body = RawMessage::of(answers.front()).payloads.front().body;
    return {body.begin() + 4, body.end()};
  }
  // Dropped: one counter, no answer, nothing kept.
  void check_dropped(const std::string& counter) {
    CHECK(answers.empty());
    CHECK(counted(counter) == 1);
    CHECK(half_open() == 0);
    remember();
  }
  // The honest peer still gets in.
  void check_unhurt() {
    world.run(5s);
    CHECK(world.up());
  }
  RawMessage request() const { return RawMessage::of(first); }

  SimPair world;
  base::Bytes first;                 // the honest IKE_SA_INIT request
  std::vector<base::Bytes> answers;  // to the last message

 private:
  std::map<std::string, std::uint64_t> counters() const {
    std::map<std::string, std::uint64_t> out;
    for (const auto& [name, value] : world.right.engine.status(false).counters) out[name] = value;
    return out;
  }
  std::map<std::string, std::uint64_t> before_;
};

// Speaks with the keys of the one IKE SA of `node`, as its peer.
class Insider {
 public:
  explicit Insider(const Node& node) : provider_(crypto::make_botan_provider()) {
    const auto status = node.engine.status(true);
    const auto& sa = status.ike_sas.at(0);
    header_.spi_i = sa.spi_i;
    header_.spi_r = sa.spi_r;
    header_.initiator = !sa.initiator;
    const auto& keys = *sa.keys;
    const bool ours = !sa.initiator;  // we send what the initiator sends
    out_ = std::move(
        *provider_->cipher(sa.suite.cipher, ours ? keys.sk_ei : keys.sk_er, ours ? keys.sk_ai : keys.sk_ar));
    in_ = std::move(
        *provider_->cipher(sa.suite.cipher, ours ? keys.sk_er : keys.sk_ei, ours ? keys.sk_ar : keys.sk_ai));
  }

  base::Bytes message(ikev2::ExchangeType exchange, std::uint32_t id, const std::vector<RawPayload>& payloads,
                      bool response = false) {
    std::vector<ikev2::Payload> inside;
    for (const auto& raw : payloads) {
      inside.emplace_back(ikev2::UnknownPayload{static_cast<ikev2::PayloadType>(raw.type),
                                                (raw.flags & 0x80) != 0, raw.body});
    }
    ikev2::Header header = header_;
    header.exchange = exchange;
    header.response = response;
    header.message_id = base::MessageId(id);
    return *ikev2::seal(header, inside, *out_, counter_, rng_);
  }
  // What the node has answered; the test fails when it is not protected.
  ikev2::Message open(const base::Bytes& answer) {
    auto header = ikev2::parse_header(answer);
    REQUIRE(header.has_value());
    auto message = ikev2::open(*header, answer, *in_);
    REQUIRE(message.has_value());
    return std::move(*message);
  }
  base::Bytes body_of(const ikev2::Payload& payload) {
    base::Bytes body;
    base::Writer out(body);
    std::visit([&](const auto& p) { ikev2::write_body(p, out); }, payload);
    return body;
  }

 private:
  std::unique_ptr<crypto::Provider> provider_;
  ikev2::Header header_;
  std::unique_ptr<crypto::Cipher> out_, in_;
  std::uint64_t counter_ = std::uint64_t{1} << 40;  // far from the IVs of the honest peer
  SeededRng rng_{99};
};

}  // namespace sim
