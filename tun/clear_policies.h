// What inbound policies say of packets that come in clear, as pairs for the guard: a bypass lets in what it
// selects, unless another policy stands before it.
//
// A bypass is a pair that passes, at the first level where nothing stands before it. Each other policy that
// stands before it, and has addresses in common with it, is a pair that holds, at the level of the bypass's
// priority, and there the bypass is then too. So the guard has the pairs that bypasses need, and without
// bypasses none; and levels where the order matters, not one for each priority. A change costs what overlaps
// with it: policies are found by the prefix that they are from.
#pragma once

#include <functional>
#include <map>

#include "tun/guard.h"

namespace tun {

// One policy, and of it one pair of prefixes.
struct ClearPolicy {
  std::int64_t priority = 0;  // the higher stands before the lower; a bypass before its equals
  bool bypass = false;        // else it discards or protects, and bypasses behind it do not let that in
  base::Prefix from, to;      // of one family
  // As GuardPair has them.
  std::uint8_t ip_protocol = 0;
  PortBlock from_ports{}, to_ports{};
  std::string in_interface{};  // of a bypass
  auto operator<=>(const ClearPolicy&) const = default;
};

class ClearPolicies {
 public:
  // A pair is needed once more, or once less.
  using OnPair = std::function<void(const GuardPair& pair, int by)>;

  // `by` is 1 or -1; a policy may be there more than once, and goes when it was removed as often.
  void change(const ClearPolicy& policy, int by, const OnPair& on_pair);

 private:
  struct Uses {
    std::size_t uses = 0;    // how often it is there
    std::size_t before = 0;  // of a bypass: how many others overlap and stand before it
  };
  using Same = std::map<ClearPolicy, Uses>;
  using Index = std::map<base::Prefix, Same>;  // by `from`
  using Visit = std::function<void(const ClearPolicy&, Uses&)>;

  static void visit_overlapping(Index& index, const ClearPolicy& policy, const Visit& visit);
  void change_bypass(const ClearPolicy& policy, int by, const OnPair& on_pair);
  void change_other(const ClearPolicy& policy, int by, const OnPair& on_pair);

  Index bypasses_, others_;
};

}  // namespace tun
