#include "esp/bundle.h"

#include <string>
#include <utility>

namespace esp {
namespace {

std::string words(Transform transform) { return std::string(name(transform)); }

// What the next SA outwards must fulfil.
base::Status check_next(const SaParams& inner, const SaParams& outer) {
  if (rank(outer.transform) <= rank(inner.transform)) {
    return base::local_error("from inside to outside a bundle is tun, comp, esp, ah, each at most once: " +
                             words(outer.transform) + " cannot stand around " + words(inner.transform));
  }
  if (outer.mode == Mode::tunnel) {
    return base::local_error("only the innermost SA of a bundle may be in tunnel mode, and " +
                             words(outer.transform) + " is around " + words(inner.transform));
  }
  if (outer.local.address != inner.local.address || outer.remote.address != inner.remote.address) {
    return base::local_error("the SAs of a bundle have the same addresses, and those of " +
                             words(outer.transform) + " and " + words(inner.transform) + " differ");
  }
  // UDP is what the peer's socket takes off first (RFC 3948 3.1).
  if (inner.udp_encap) return base::local_error("only the outermost SA of a bundle may go inside UDP");
  return {};
}

template <class Sa>
base::Status check(const std::vector<std::shared_ptr<Sa>>& members) {
  if (members.empty() || members.size() > kMaxBundle) {
    return base::local_error("a bundle has one to four SAs, not " + std::to_string(members.size()));
  }
  for (std::size_t i = 1; i < members.size(); ++i) {
    RETURN_IF_ERROR(check_next(members[i - 1]->params, members[i]->params));
  }
  return {};
}

// The length of an IP packet says where padding behind it begins; nothing does so for other payloads.
base::Status check_padding(const std::vector<std::shared_ptr<OutboundSa>>& members) {
  for (const auto& sa : members) {
    const bool pads = sa->params.tfc_size != 0 || sa->params.dummy_every != 0;
    if (pads && !is_tunnel(members.front()->params)) {
      return base::local_error("TFC padding and dummy packets need tunnel mode");
    }
  }
  return {};
}

}  // namespace

base::Result<std::shared_ptr<const Bundle>> make_bundle(base::ChildId id,
                                                        std::vector<std::shared_ptr<OutboundSa>> outbound) {
  RETURN_IF_ERROR(check(outbound));
  RETURN_IF_ERROR(check_padding(outbound));
  const SaParams& first = outbound.front()->params;
  const bool chain =
      outbound.size() > 1 || !has_cipher(first.transform) || first.tfc_size != 0 || first.dummy_every != 0;
  return std::make_shared<const Bundle>(Bundle{id, std::move(outbound), chain});
}

base::Result<std::shared_ptr<const InboundBundle>> make_bundle(
    base::ChildId id, std::vector<std::shared_ptr<InboundSa>> inbound) {
  RETURN_IF_ERROR(check(inbound));
  return std::make_shared<const InboundBundle>(InboundBundle{id, std::move(inbound)});
}

std::uint32_t inner_mtu(const Bundle& bundle) {
  if (bundle.outbound.empty()) return 0;
  std::uint32_t mtu = bundle.outbound.back()->params.outer_mtu;
  for (std::size_t i = bundle.outbound.size(); i-- > 0 && mtu != 0;) {
    mtu = bundle.outbound[i]->inner_mtu(mtu);
  }
  return mtu;
}

}  // namespace esp
