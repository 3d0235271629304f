// Two ends of one SA in memory: packets, frames, SAs and pipelines for tests and benchmarks of ESP.
#pragma once

#include <random>
#include <string_view>

#include "base/checksum.h"
#include "base/packet.h"
#include "base/rng.h"
#include "crypto/provider.h"
#include "esp/inbound.h"
#include "esp/ip_header.h"
#include "esp/outbound.h"
#include "spd/spd.h"

namespace support {

// Repeatable, not secure.
class TestRng final : public base::Rng {
 public:
  explicit TestRng(std::uint64_t seed = 1) : engine_(seed) {}
  void fill(base::MutableByteSpan out) override {
    ++fills;
    for (auto& octet : out) octet = static_cast<std::uint8_t>(engine_());
  }
  int fills = 0;

 private:
  std::mt19937_64 engine_;
};

inline base::IpAddress ip(std::string_view text) { return base::IpAddress::parse(text).value(); }

inline base::Frame frame_of(base::PacketPool& pool, base::ByteSpan bytes) {
  base::Frame frame;
  frame.buffer = pool.take();
  frame.set_single(base::kHeadroom, static_cast<std::uint32_t>(bytes.size()));
  std::memcpy(frame.data(), bytes.data(), bytes.size());
  return frame;
}

// A train: `segments` lie one behind the other, all but the last equally long.
inline base::Frame train_of(base::PacketPool& pool, const std::vector<base::Bytes>& segments) {
  base::Bytes all;
  for (const auto& segment : segments) base::append(all, segment);
  base::Frame frame = frame_of(pool, all);
  frame.count = static_cast<std::uint32_t>(segments.size());
  frame.stride = static_cast<std::uint32_t>(segments.front().size());
  return frame;
}

// A UDP packet of either family whose payload counts up; `payload` octets.
inline base::Bytes udp_packet(const base::IpAddress& source, const base::IpAddress& destination,
                              std::uint16_t source_port, std::uint16_t destination_port, std::size_t payload,
                              bool dont_fragment = false) {
  const std::size_t header = source.is_v4() ? 20 : 40;
  base::Bytes p(header + 8 + payload);
  if (source.is_v4()) {
    p[0] = 0x45;
    base::store_be16(&p[2], static_cast<std::uint16_t>(p.size()));
    base::store_be16(&p[6], dont_fragment ? 0x4000 : 0);
    p[8] = 64;
    p[9] = 17;
    source.write(&p[12]);
    destination.write(&p[16]);
    base::store_be16(&p[10], base::internet_checksum(base::ByteSpan(p).first(20)));
  } else {
    p[0] = 0x60;
    base::store_be16(&p[4], static_cast<std::uint16_t>(8 + payload));
    p[6] = 17;
    p[7] = 64;
    source.write(&p[8]);
    destination.write(&p[24]);
  }
  base::store_be16(&p[header], source_port);
  base::store_be16(&p[header + 2], destination_port);
  base::store_be16(&p[header + 4], static_cast<std::uint16_t>(8 + payload));
  for (std::size_t i = 0; i < payload; ++i) p[header + 8 + i] = static_cast<std::uint8_t>(i);
  return p;
}

// What distinguishes one SA from another in tests.
struct SaShape {
  std::uint64_t child = 1;
  std::uint32_t spi = 0xc0000101;
  crypto::CipherSpec cipher{crypto::Encr::aes_gcm_16, 128, crypto::Integ::none};
  bool esn = false;
  bool udp_encap = true;
  bool outer_v6 = false;
  std::string_view local_net = "10.1.0.0/16", remote_net = "10.2.0.0/16";
  std::string_view local_net6 = "2001:db8:1::/48", remote_net6 = "2001:db8:2::/48";
  std::uint32_t replay_window = 1024;
  std::uint64_t lifetime_bytes = 0, lifetime_packets = 0;
  std::uint64_t soft_bytes = 0, soft_packets = 0;
  crypto::IpsecProtocol protocol = crypto::IpsecProtocol::esp;
  esp::Mode mode = esp::Mode::tunnel;
};

// Between the two outer addresses themselves.
inline SaShape between_hosts(SaShape shape) {
  shape.mode = esp::Mode::transport;
  shape.local_net = shape.local_net6 = shape.outer_v6 ? "2001:db8:f::1" : "192.0.2.1";
  shape.remote_net = shape.remote_net6 = shape.outer_v6 ? "2001:db8:f::2" : "192.0.2.2";
  return shape;
}

inline base::SecretBytes test_key(std::size_t size, std::uint8_t first) {
  base::SecretBytes key(size);
  for (std::size_t i = 0; i < size; ++i) key.mutable_span()[i] = static_cast<std::uint8_t>(first + i * 7);
  return key;
}

// As the sender sees the SA, or, mirrored, as the receiver does.
inline esp::SaParams params_of(const SaShape& shape, bool receiver) {
  esp::SaParams p;
  p.child = base::ChildId(shape.child);
  p.spi = base::Spi(shape.spi);
  p.suite.cipher = shape.cipher;
  p.suite.esn = shape.esn;
  p.encr_key = test_key(crypto::encr_key_size(shape.cipher), static_cast<std::uint8_t>(shape.spi));
  p.integ_key = test_key(crypto::integ_key_size(shape.cipher), static_cast<std::uint8_t>(shape.spi + 1));
  p.local = {ip(shape.outer_v6 ? "2001:db8:f::1" : "192.0.2.1"), 4500};
  p.remote = {ip(shape.outer_v6 ? "2001:db8:f::2" : "192.0.2.2"), 4500};
  p.udp_encap = shape.udp_encap;
  for (const auto net : {shape.local_net, shape.local_net6}) {
    p.selectors.local.push_back(spd::TrafficSelector::parse(net).value());
  }
  for (const auto net : {shape.remote_net, shape.remote_net6}) {
    p.selectors.remote.push_back(spd::TrafficSelector::parse(net).value());
  }
  p.replay_window = shape.replay_window;
  p.lifetime_bytes = shape.lifetime_bytes;
  p.lifetime_packets = shape.lifetime_packets;
  p.soft_bytes = shape.soft_bytes;
  p.soft_packets = shape.soft_packets;
  p.suite.protocol = shape.protocol;
  p.mode = shape.mode;
  if (receiver) {
    std::swap(p.local, p.remote);
    std::swap(p.selectors.local, p.selectors.remote);
  }
  return p;
}

// One end: its SAD, its counters, its pipelines, and buffers for what it sends.
struct EspEnd {
  base::PacketPool outer{16};
  esp::Sad sad;
  esp::Counters counters;
  TestRng rng;
  spd::Spd spd;
  esp::Inbound in{sad, counters};
  esp::Outbound out{sad, counters, rng};

  EspEnd() { out.set_pool(&outer); }

  std::shared_ptr<esp::OutboundSa> send_by(const SaShape& shape, const crypto::Provider& provider) {
    auto sa = esp::OutboundSa::make(params_of(shape, false), provider).value();
    sad.add(std::make_shared<const esp::Bundle>(esp::Bundle{base::ChildId(shape.child), {sa}}));
    spd::Policy policy;
    policy.id = shape.child;
    policy.action = spd::Action::protect;
    policy.selectors = sa->params.selectors;
    policy.priority = spd::priority_of(policy.selectors);
    policy.bundle = base::ChildId(shape.child);
    add(policy);
    return sa;
  }
  std::shared_ptr<esp::InboundSa> receive_by(const SaShape& shape, const crypto::Provider& provider) {
    auto sa = esp::InboundSa::make(params_of(shape, true), provider).value();
    return sad.add(sa) ? sa : nullptr;
  }
  void add(const spd::Policy& policy) {
    spd.add(policy);
    out.set_policies(spd.snapshot());
  }
};

// One packet of a train, as a frame of its own that shares the buffer.
inline base::Frame packet_of(const base::Frame& train, std::uint32_t i) {
  base::Frame single;
  single.buffer = train.buffer.share();
  single.set_single(train.offset + i * train.stride, static_cast<std::uint32_t>(train.segment(i).size()));
  single.local = train.local;
  single.remote = train.remote;
  single.traffic_class = train.traffic_class;
  single.dont_fragment = train.dont_fragment;
  return single;
}

// Turns what one end sent into what the other end receives, packet by packet.
inline void carry(base::PacketBatch& sent, base::PacketBatch& received) {
  for (const auto& frame : sent) {
    for (std::uint32_t i = 0; i < frame.count; ++i) {
      base::Frame single = packet_of(frame, i);
      std::swap(single.local, single.remote);
      received.push(std::move(single));
    }
  }
  sent.clear();
}

}  // namespace support
