// A peer with the right keys and the wrong content: what the right node sends is opened, changed and sealed
// again on its way to the left one.
#pragma once

#include "tests/sim/attacker.h"

namespace sim {

using Change = std::function<void(std::vector<RawPayload>&)>;

// From now on, every answer of the right node of that exchange is changed.
inline void change_answers(SimPair& world, ikev2::ExchangeType exchange, const Change& change) {
  world.net.intercept = [&world, exchange, change](Flight& flight) {
    const bool answer = flight.from.address == world.right.address && (flight.message[19] & 0x20) != 0;
    if (!answer || flight.message[18] != static_cast<std::uint8_t>(exchange)) return true;
    const bool both_stand =
        !world.left.engine.status(false).ike_sas.empty() && !world.right.engine.status(false).ike_sas.empty();
    if (!both_stand) return true;
    Insider reader(world.right), forger(world.left);
    std::vector<RawPayload> payloads;
    for (const auto& payload : reader.open(flight.message).payloads)
      payloads.push_back({static_cast<std::uint8_t>(ikev2::type_of(payload)), reader.body_of(payload)});
    change(payloads);
    flight.message = forger.message(exchange, base::load_be32(&flight.message[20]), payloads, true);
    return true;
  };
}

inline Change replace_by(std::vector<RawPayload> instead) {
  return [instead](std::vector<RawPayload>& payloads) { payloads = instead; };
}
inline Change leave_out(std::vector<std::uint8_t> types) {
  return [types](std::vector<RawPayload>& payloads) {
    for (const std::uint8_t type : types)
      std::erase_if(payloads, [&](const RawPayload& one) { return one.type == type; });
  };
}
// Zeros from that offset on to the end of the payload's body, or `count` of them.
inline Change zero(std::uint8_t type, std::size_t from, std::size_t count = SIZE_MAX) {
  return [=](std::vector<RawPayload>& payloads) {
    for (auto& one : payloads) {
      if (one.type != type) continue;
      for (std::size_t i = from; i < one.body.size() && i - from < count; ++i) one.body[i] = 0;
    }
  };
}

// One transform as it stands in an SA payload.
inline base::Bytes raw_transform(bool last, std::uint8_t type, std::uint16_t id,
                                 const base::Bytes& attributes = {}) {
  base::Bytes out{std::uint8_t(last ? 0 : 3), 0, 0, std::uint8_t(8 + attributes.size()), type, 0, 0, 0};
  base::store_be16(&out[6], id);
  base::append(out, attributes);
  return out;
}
inline RawPayload raw_sa(std::uint8_t protocol, const base::Bytes& spi,
                         const std::vector<base::Bytes>& transforms) {
  base::Bytes out{0, 0, 0, 0, 1, protocol, std::uint8_t(spi.size()), std::uint8_t(transforms.size())};
  base::append(out, spi);
  for (const auto& one : transforms) base::append(out, one);
  base::store_be16(&out[2], static_cast<std::uint16_t>(out.size()));
  return {kSa, out};
}
inline base::Bytes spi_octets(std::uint32_t spi) {
  base::Bytes out(4);
  base::store_be32(out.data(), spi);
  return out;
}

// What a peer in the place of the left node asks the right one for.
struct Asks {
  // The proposal of the usual child, with or without a key exchange.
  static RawPayload child_sa(std::uint32_t spi, std::optional<std::uint16_t> ke = {}) {
    std::vector<base::Bytes> transforms{raw_transform(false, 1, 20, {0x80, 14, 0, 128})};
    if (ke) transforms.push_back(raw_transform(false, 4, *ke));
    transforms.push_back(raw_transform(true, 5, 1));
    return raw_sa(3, spi_octets(spi), transforms);
  }
  static RawPayload ike_sa(std::uint64_t spi, std::uint16_t ke = 31) {
    base::Bytes octets(8);
    base::store_be64(octets.data(), spi);
    return raw_sa(1, octets,
                  {raw_transform(false, 1, 20, {0x80, 14, 1, 0}), raw_transform(false, 2, 5),
                   raw_transform(true, 4, ke)});
  }
  static RawPayload nonce(std::uint8_t fill) { return {kNonce, base::Bytes(32, fill)}; }
  static RawPayload ke(std::uint16_t group, base::Bytes value) {
    base::Bytes body(4);
    base::store_be16(body.data(), group);
    base::append(body, value);
    return {kKe, body};
  }
  static RawPayload ts(std::uint8_t type, std::uint8_t net) {
    return {type, {1, 0, 0, 0, 7, 0, 0, 16, 0, 0, 0xff, 0xff, 10, net, 0, 0, 10, net, 255, 255}};
  }
  static RawPayload rekey(std::uint8_t protocol, const base::Bytes& spi) {
    base::Bytes body{protocol, std::uint8_t(spi.size()), 0x40, 0x09};  // 16393
    base::append(body, spi);
    return {kNotify, body};
  }
  static std::vector<RawPayload> child(std::uint32_t spi, std::uint8_t fill = 1) {
    return {child_sa(spi), nonce(fill), ts(kTsi, 1), ts(kTsr, 2)};
  }
};

// From now on the right node refuses every CREATE_CHILD_SA request, and it seems to be with that notify.
inline void refuse_creating(SimPair& world, std::uint16_t type, const std::function<bool()>& wanted) {
  constexpr auto kCreating = ikev2::ExchangeType::create_child_sa;
  change_answers(world, kCreating, replace_by({notify(type)}));
  const auto answers = world.net.intercept;
  world.net.intercept = [&world, answers, wanted](Flight& flight) {
    if (flight.message[18] != static_cast<std::uint8_t>(kCreating)) return true;
    if (flight.from.address == world.right.address) return !wanted() || answers(flight);
    if (!wanted()) return true;
    auto request = Asks::child(0x7000);
    request.push_back(Asks::rekey(3, spi_octets(0x90000001)));  // what no honest peer has
    flight.message = Insider(world.right).message(kCreating, base::load_be32(&flight.message[20]), request);
    return true;
  };
}

inline std::string last_error(const Node& node) {
  const auto error = node.engine.status(false).profiles.at(0).last_error;
  return error ? error->reason : "";
}

}  // namespace sim
