// How long packets may be on the path to one peer: found by probes (after RFC 8899), told by routers.
//
//   confirm: the size in use, now and then, while packets are sent
//   search:  where that is lost, or a larger one may pass again: halves what is between good and bad
//
// A probe is a pair: a packet of the size in question, and a short one at the same time. Where the short one
// is answered alone, the size is lost; where none is, nothing is said of the size. Pure; of the IKE thread.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "base/time.h"

namespace daemon_app {

class PathSearch {
 public:
  // What packets may be at least: as much as links must take (RFC 8200 5), or as little as anybody can make
  // us believe of an IPv4 path (RFC 791 3.2: what every host takes).
  static constexpr std::uint32_t kFloorV4 = 576, kFloorV6 = 1280;
  static constexpr base::Duration kWait = std::chrono::seconds(1);  // for an answer (RFC 8899 5.1.1)
  static constexpr base::Duration kConfirm =
      std::chrono::seconds(30);  // between two looks at the size in use
  // Between two attempts at a larger one (RFC 8899 5.1.1), or at a peer that does not answer; and how long
  // is believed what routers say of such a peer's path (RFC 1191 6.3).
  static constexpr base::Duration kRaise = std::chrono::minutes(10);

  // All sizes are octets of outer packets. `link_mtu`: of the first link.
  PathSearch(std::uint32_t link_mtu, bool v6);

  // The size in use.
  std::uint32_t mtu() const { return mtu_; }

  // Two packets to be sent now: `size` octets with that id, and a short one with the next id.
  struct Pair {
    std::uint32_t id = 0, size = 0;
  };
  // `active`: packets have been sent since the last call. To be called about every second.
  std::optional<Pair> look(base::Instant now, bool active);
  // The peer has answered the packet with that id, which was `size` octets long: less than was asked for
  // where the cipher's block does not fit. look() is to be called then.
  void answered(std::uint32_t id, std::uint32_t size, base::Instant now);
  // A router says that packets of `size` octets are too long, and takes `told` (0: says nothing of that). Not
  // authenticated, so that it is believed within bounds, for a time, and until a probe says otherwise.
  void too_big(std::uint32_t told, std::uint32_t size, base::Instant now);
  // The first link changed.
  void set_link(std::uint32_t link_mtu);

 private:
  void take_stock(base::Instant now);
  void succeed(std::uint32_t size, base::Instant now);
  void fail(base::Instant now);
  void begin(std::uint32_t low, bool low_known, std::uint32_t high, std::uint32_t target);
  void step(base::Instant now);
  void settle(base::Instant now);

  std::uint32_t link_, floor_, mtu_;
  bool answers_ = false;  // the peer has answered at least once
  bool searching_ = false;
  std::uint32_t low_ = 0, high_ = 0;  // while searching: the largest good size, the largest that may be good
  bool low_known_ = false;            // else only assumed
  std::uint32_t target_ = 0;          // what is probed
  std::uint32_t id_ = 0;              // of the pair on its way
  bool waiting_ = false, short_answered_ = false;
  int losses_ = 0, silences_ = 0;
  base::Instant sent_{}, next_{}, raise_{};
};

}  // namespace daemon_app
