// Bundles of several transforms for tests: the SAs of both ends, by a list of transforms.
#pragma once

#include <vector>

#include "esp/bundle.h"
#include "tests/support/esp_pair.h"

namespace support {

struct BundleShape {
  std::vector<esp::Transform> transforms;  // from inside to outside
  bool transport = false;                  // of the innermost, unless that is tun
  bool outer_v6 = false;
  bool udp_encap = false;
  bool esn = false;
  crypto::CipherSpec cipher{crypto::Encr::aes_gcm_16, 128, crypto::Integ::none};
  crypto::CipherSpec ah{crypto::Encr::none, 0, crypto::Integ::hmac_sha2_256_128};
  std::uint32_t tfc_size = 0, dummy_every = 0;  // of ESP
  std::uint32_t spi = 0x1000;                   // of the innermost; those around it count up
  std::uint64_t child = 7;                      // of the bundle and all its members
};

inline esp::SaParams member_params(const BundleShape& shape, std::size_t i, bool receiver) {
  const esp::Transform transform = shape.transforms[i];
  SaShape sa;
  sa.child = shape.child;
  sa.spi = shape.spi + static_cast<std::uint32_t>(i);
  sa.outer_v6 = shape.outer_v6;
  sa.esn = shape.esn;
  sa.cipher = transform == esp::Transform::ah ? shape.ah : shape.cipher;
  sa.protocol = transform == esp::Transform::ah ? crypto::IpsecProtocol::ah : crypto::IpsecProtocol::esp;
  sa.udp_encap = shape.udp_encap && i + 1 == shape.transforms.size();
  if (shape.transport) sa = between_hosts(sa);
  esp::SaParams params = params_of(sa, receiver);
  params.transform = transform;
  const bool tunnel = i == 0 && !shape.transport;
  params.mode = tunnel ? esp::Mode::tunnel : esp::Mode::transport;
  if (transform == esp::Transform::esp) {
    params.tfc_size = shape.tfc_size;
    params.dummy_every = shape.dummy_every;
  }
  return params;
}

inline std::vector<std::shared_ptr<esp::OutboundSa>> outbound_members(const BundleShape& shape,
                                                                      const crypto::Provider& provider) {
  std::vector<std::shared_ptr<esp::OutboundSa>> out;
  for (std::size_t i = 0; i < shape.transforms.size(); ++i) {
    auto params = member_params(shape, i, false);
    if (params.transform == esp::Transform::tun) params.mode = esp::Mode::tunnel;
    out.push_back(esp::OutboundSa::make(std::move(params), provider).value());
  }
  return out;
}

inline std::vector<std::shared_ptr<esp::InboundSa>> inbound_members(const BundleShape& shape,
                                                                    const crypto::Provider& provider) {
  std::vector<std::shared_ptr<esp::InboundSa>> out;
  for (std::size_t i = 0; i < shape.transforms.size(); ++i) {
    auto params = member_params(shape, i, true);
    if (params.transform == esp::Transform::tun) params.mode = esp::Mode::tunnel;
    out.push_back(esp::InboundSa::make(std::move(params), provider).value());
  }
  return out;
}

}  // namespace support
