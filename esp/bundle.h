// Bundles: the SAs that one policy asks for, from inside to outside (RFC 4301 4.5, 5.2). One to four, in the
// order tun, comp, esp, ah, each once. How to make one:
//
//   1. An SA for each transform by OutboundSa::make or InboundSa::make. SaParams name the transform, and with
//      ESP and AH the suite and keys; tun and comp have neither. `spi` is the SPI, of comp the CPI. Only the
//      innermost may be in tunnel mode (tun always is): the others stand behind the IP header that it makes,
//      so they are in transport mode. All have the same addresses. Only the outermost may go inside UDP.
//   2. make_bundle() for each direction checks that.
//   3. Sad::add() of the thread that owns it: outbound, of the bundle's id; inbound, of the SPI of the
//      outermost. SAs that stand there alone already may become members, and keep windows and counters;
//      Sad::ungroup() makes them SAs of their own again.
//   4. A policy names the bundle (spd::Policy::bundle). Inbound, the selectors of the innermost SA decide.
//
// A packet that comes in by fewer SAs of the bundle, by others, or in another order is dropped ("in-bundle").
// IPComp alone may be missing: what does not become smaller travels as it is (RFC 3173 2.2).
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "esp/sa.h"

namespace esp {

constexpr std::size_t kMaxBundle = 4;

// The SAs that one policy applies, from inside to outside: one to four. Immutable.
struct Bundle {
  base::ChildId id;
  std::vector<std::shared_ptr<OutboundSa>> outbound;
  bool chain = false;  // more than one, or one that the pipelines of ESP and AH do not do: esp/wrap.h does
};

// The SAs by which a packet has to come in, from inside to outside: one to four. Immutable.
struct InboundBundle {
  base::ChildId id;
  std::vector<std::shared_ptr<InboundSa>> inbound;
};

// Fail with family local and the reason where these SAs cannot be one bundle.
base::Result<std::shared_ptr<const Bundle>> make_bundle(base::ChildId id,
                                                        std::vector<std::shared_ptr<OutboundSa>> outbound);
base::Result<std::shared_ptr<const InboundBundle>> make_bundle(
    base::ChildId id, std::vector<std::shared_ptr<InboundSa>> inbound);

// The largest inner packet that passes all SAs and fits into the path to the peer, in octets; 0 where none
// does.
std::uint32_t inner_mtu(const Bundle& bundle);

// Whether the innermost makes an IP header of its own; else the header of the packet stays.
inline bool is_tunnel(const SaParams& innermost) { return innermost.mode == Mode::tunnel; }

}  // namespace esp
