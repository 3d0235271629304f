#include "esp/sa.h"

#include <utility>

#include "esp/ah_header.h"

namespace esp {
namespace {

constexpr std::uint32_t kEspHeader = 8, kEspTrailer = 2, kUdpHeader = 8, kIpv4Header = 20, kIpv6Header = 40;

base::Status check(const SaParams& params) {
  // AH covers the addresses that a NAT changes, so there is no AH in UDP (RFC 3948 1).
  const bool ah = params.suite.protocol == crypto::IpsecProtocol::ah;
  if (ah && params.udp_encap) return base::local_error("AH cannot go inside UDP");
  // "The SPI value of zero (0) ... MUST NOT be sent on the wire" (RFC 4303 2.1, RFC 4302 2.4)
  if (params.spi.value == 0) return base::local_error("an SPI of 0 is not valid");
  if (params.selectors.local.empty() || params.selectors.remote.empty()) {
    return base::local_error("the SA has no traffic selectors on one side");
  }
  return {};
}

base::Result<std::unique_ptr<crypto::Cipher>> make_cipher(const SaParams& params,
                                                          const crypto::Provider& provider) {
  crypto::CipherSpec spec = params.suite.cipher;
  // AH encrypts nothing, and always authenticates (RFC 4302 2.6).
  if (params.suite.protocol == crypto::IpsecProtocol::ah) {
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
  RETURN_IF_ERROR(check(params));
  auto sa = std::make_shared<InboundSa>();
  ASSIGN_OR_RETURN(sa->cipher, make_cipher(params, provider));
  sa->aead = params.suite.cipher.aead();
  sa->window = ReplayWindow(params.replay_window, params.suite.esn);
  sa->params = std::move(params);
  return sa;
}

base::Result<std::shared_ptr<OutboundSa>> OutboundSa::make(SaParams params,
                                                           const crypto::Provider& provider) {
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
