#include "esp/sa.h"

#include <utility>

namespace esp {
namespace {

constexpr std::uint32_t kEspHeader = 8, kEspTrailer = 2, kUdpHeader = 8, kIpv4Header = 20, kIpv6Header = 40;

base::Status check(const SaParams& params) {
  if (params.suite.protocol != crypto::IpsecProtocol::esp) return base::local_error("AH is not supported");
  if (params.mode != Mode::tunnel) return base::local_error("transport mode is not supported");
  // "The SPI value of zero (0) ... MUST NOT be sent on the wire" (RFC 4303 2.1)
  if (params.spi.value == 0) return base::local_error("an SPI of 0 is not valid");
  if (params.selectors.local.empty() || params.selectors.remote.empty()) {
    return base::local_error("the SA has no traffic selectors on one side");
  }
  return {};
}

}  // namespace

base::Result<std::shared_ptr<InboundSa>> InboundSa::make(SaParams params, const crypto::Provider& provider) {
  RETURN_IF_ERROR(check(params));
  auto sa = std::make_shared<InboundSa>();
  ASSIGN_OR_RETURN(sa->cipher, provider.cipher(params.suite.cipher, params.encr_key, params.integ_key));
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
  ASSIGN_OR_RETURN(sa->cipher, provider.cipher(params.suite.cipher, params.encr_key, params.integ_key));
  sa->aead = params.suite.cipher.aead();
  sa->params = std::move(params);
  return sa;
}

std::uint32_t OutboundSa::inner_mtu(std::uint32_t outer_mtu) const {
  const std::uint32_t around = (params.remote.address.is_v6() ? kIpv6Header : kIpv4Header) +
                               (params.udp_encap ? kUdpHeader : 0) + kEspHeader +
                               static_cast<std::uint32_t>(cipher->iv_size() + cipher->icv_size());
  const std::uint32_t room = outer_mtu > around ? outer_mtu - around : 0;
  const std::uint32_t text = room / alignment() * alignment();
  return text > kEspTrailer ? text - kEspTrailer : 0;
}

}  // namespace esp
