#include "esp/sa.h"

#include <utility>

#include "esp/ah_header.h"

namespace esp {
namespace {

constexpr std::uint32_t kEspHeader = 8, kEspTrailer = 2, kUdpHeader = 8, kIpv4Header = 20, kIpv6Header = 40;

constexpr std::uint32_t kLargestWindow = 4096, kLargestPacket = 65535;

base::Status check_spi(const SaParams& params) {
  // "The SPI value of zero (0) ... MUST NOT be sent on the wire" (RFC 4303 2.1, RFC 4302 2.4)
  if (params.spi.value == 0) return base::local_error("an SPI of 0 is not valid");
  if (params.transform == Transform::comp && params.spi.value > 0xffff) {
    return base::local_error("a CPI has 16 bits (RFC 3173 3.3), so it is at most 0xffff");
  }
  return {};
}

// What belongs to ESP alone.
base::Status check_esp_only(const SaParams& params) {
  if (params.transform == Transform::esp) {
    if (params.tfc_size > kLargestPacket)
      return base::local_error("no packet is padded to more than 65535 octets");
    return {};
  }
  // AH covers the addresses that a NAT changes, so there is no AH in UDP (RFC 3948 1).
  if (params.udp_encap && params.transform == Transform::ah)
    return base::local_error("AH cannot go inside UDP");
  if (params.udp_encap) return base::local_error("only ESP can go inside UDP");
  if (params.tfc_size != 0 || params.dummy_every != 0) {
    return base::local_error("only ESP has TFC padding and dummy packets");
  }
  return {};
}

base::Status check(const SaParams& params) {
  RETURN_IF_ERROR(check_esp_only(params));
  RETURN_IF_ERROR(check_spi(params));
  if (params.transform == Transform::tun && params.mode == Mode::transport) {
    return base::local_error("IP in IP is a tunnel, and has no transport mode");
  }
  if (params.selectors.local.empty() || params.selectors.remote.empty()) {
    return base::local_error("the SA has no traffic selectors on one side");
  }
  return {};
}

base::Status check_window(const SaParams& params) {
  if (params.replay_window > kLargestWindow) {
    return base::local_error("a replay window has at most 4096 packets");
  }
  // Without a window nobody could tell the high half of an ESN (RFC 4303 A2).
  if (params.replay_window == 0 && params.suite.esn) {
    return base::local_error("extended sequence numbers need a replay window");
  }
  return {};
}

// Whether ESP or AH, the suite says.
void name_transform(SaParams& params) {
  if (!has_cipher(params.transform)) return;
  const bool ah = params.suite.protocol == crypto::IpsecProtocol::ah;
  params.transform = ah ? Transform::ah : Transform::esp;
}

base::Result<std::unique_ptr<crypto::Cipher>> make_cipher(const SaParams& params,
                                                          const crypto::Provider& provider) {
  if (!has_cipher(params.transform)) return std::unique_ptr<crypto::Cipher>();
  crypto::CipherSpec spec = params.suite.cipher;
  // AH encrypts nothing, and always authenticates (RFC 4302 2.6).
  if (params.transform == Transform::ah) {
    if (spec.aead() || spec.integ == crypto::Integ::none) {
      return base::local_error("AH needs an integrity algorithm");
    }
    spec.encr = crypto::Encr::null;
    spec.key_bits = 0;
  }
  return provider.cipher(spec, params.encr_key, params.integ_key);
}

}  // namespace

base::Result<std::shared_ptr<InboundSa>> InboundSa::make(SaParams params, const crypto::Provider& provider) {
  name_transform(params);
  RETURN_IF_ERROR(check(params));
  RETURN_IF_ERROR(check_window(params));
  auto sa = std::make_shared<InboundSa>();
  ASSIGN_OR_RETURN(sa->cipher, make_cipher(params, provider));
  sa->aead = params.suite.cipher.aead();
  sa->window = ReplayWindow(params.replay_window, params.suite.esn);
  sa->wire = params.transform;
  sa->params = std::move(params);
  return sa;
}

base::Result<std::shared_ptr<OutboundSa>> OutboundSa::make(SaParams params,
                                                           const crypto::Provider& provider) {
  name_transform(params);
  RETURN_IF_ERROR(check(params));
  if (!params.remote.address.is_set()) return base::local_error("the SA has no peer address");
  auto sa = std::make_shared<OutboundSa>();
  ASSIGN_OR_RETURN(sa->cipher, make_cipher(params, provider));
  sa->aead = params.suite.cipher.aead();
  sa->params = std::move(params);
  return sa;
}

std::uint32_t OutboundSa::inner_mtu(std::uint32_t outer_mtu) const {
  const bool v6 = params.remote.address.is_v6();
  const std::uint32_t ip = v6 ? kIpv6Header : kIpv4Header;
  // In transport mode the packet's own header is the outer one.
  const std::uint32_t kept = params.mode == Mode::transport ? ip : 0;
  // What does not become smaller travels without an IPComp header.
  if (!has_cipher(params.transform)) return outer_mtu > ip ? outer_mtu - ip + kept : 0;
  if (is_ah()) {
    const std::uint32_t around = ip - kept + ah_size(cipher->icv_size(), v6);
    return outer_mtu > around ? outer_mtu - around : 0;
  }
  const std::uint32_t around = ip + (params.udp_encap ? kUdpHeader : 0) + kEspHeader +
                               static_cast<std::uint32_t>(cipher->iv_size() + cipher->icv_size());
  const std::uint32_t room = outer_mtu > around ? outer_mtu - around : 0;
  const std::uint32_t text = room / alignment() * alignment();
  return text > kEspTrailer ? text - kEspTrailer + kept : 0;
}

}  // namespace esp
