#include "tun/guard.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <set>
#include <tuple>

#include "tun/guard_batch.h"
#include "tun/socket_address.h"

namespace tun {

namespace {

using base::IpFamily;

constexpr int kSendBuffer = 64 << 20;
constexpr timeval kPatience{5, 0};
constexpr IpFamily kFamilies[] = {IpFamily::v4, IpFamily::v6};

bool is_of_one_family(const GuardRule& rule) {
  const auto fits = [&](const auto& side) { return !side || side->address.family() == rule.family; };
  return fits(rule.from) && fits(rule.to);
}

bool is_of_one_family(const GuardPair& pair) {
  return pair.from.address.family() == pair.to.address.family();
}

// What the chain in the hook is made of.
struct Chain {
  std::vector<GuardRule> rules;
  std::map<GuardSet, std::size_t> sets;  // with the number of their pairs

  bool is_needed(IpFamily family) const {
    return std::any_of(rules.begin(), rules.end(), [&](const auto& rule) { return rule.family == family; }) ||
           std::any_of(sets.begin(), sets.end(), [&](const auto& set) { return set.first.family == family; });
  }
};

// All that the kernel has, or shall have.
struct Contents {
  Chain chain;
  std::set<GuardPair> pairs;

  // The part of the change that changed something; to apply that with its two lists swapped undoes it.
  GuardChange apply(const GuardChange& change);
};

GuardChange Contents::apply(const GuardChange& change) {
  GuardChange effective{chain.rules, {}, {}};
  chain.rules = change.rules;
  for (const GuardPair& pair : change.added) {
    if (!pairs.insert(pair).second) continue;
    ++chain.sets[set_of(pair)];
    effective.added.push_back(pair);
  }
  for (const GuardPair& pair : change.removed) {
    if (pairs.erase(pair) == 0) continue;
    const auto found = chain.sets.find(set_of(pair));
    if (--found->second == 0) chain.sets.erase(found);
    effective.removed.push_back(pair);
  }
  return effective;
}

// The sets of a family in the order in which they are asked: those that let pass whatever policies say, those
// of the levels from the highest on, and those that drop.
std::vector<GuardSet> in_order(const Chain& chain, IpFamily family) {
  std::vector<GuardSet> sets;
  for (const auto& [set, pairs] : chain.sets) {
    if (set.family == family) sets.push_back(set);
  }
  const auto place = [](const GuardSet& set) {
    if (!set.level) return std::tuple(set.pass ? 0 : 2, std::int64_t{0}, false);
    return std::tuple(1, -*set.level, set.pass);
  };
  std::stable_sort(sets.begin(), sets.end(),
                   [&](const GuardSet& a, const GuardSet& b) { return place(a) < place(b); });
  return sets;
}

// Our chain in the hook, and the one with the drops behind it.
void put_chain(GuardBatch& batch, const Chain& chain, IpFamily family) {
  for (const GuardRule& rule : chain.rules) {
    if (rule.family == family) batch.add_rule(rule);
  }
  for (const GuardSet& set : in_order(chain, family)) batch.add_look_up(set);
  batch.join_chains(family);
}

// Everything anew, whatever is there.
void put_all(GuardBatch& batch, const Contents& contents) {
  for (const IpFamily family : kFamilies) {
    // To make a table that is there changes nothing, and so it can be removed whether it was there or not.
    batch.make_table(family);
    batch.remove_table(family);
    if (!contents.chain.is_needed(family)) continue;
    batch.make_table(family);
    batch.make_chains(family);
    for (const auto& [set, pairs] : contents.chain.sets) {
      if (set.family == family) batch.make_set(set);
    }
    put_chain(batch, contents.chain, family);
  }
  for (const GuardPair& pair : contents.pairs) batch.add_pair(pair);
}

// The sets of a family that one chain has and the other lacks.
std::vector<GuardSet> sets_without(const Chain& chain, const Chain& other, IpFamily family) {
  std::vector<GuardSet> found;
  for (const auto& [set, pairs] : chain.sets) {
    if (set.family == family && other.sets.count(set) == 0) found.push_back(set);
  }
  return found;
}

void put_difference(GuardBatch& batch, const Chain& before, const Chain& after, IpFamily family) {
  const bool was = before.is_needed(family), is = after.is_needed(family);
  if (was && !is) return batch.remove_table(family);
  const auto gone = sets_without(before, after, family), come = sets_without(after, before, family);
  if (!is || (before.rules == after.rules && gone.empty() && come.empty())) return;
  if (!was) {
    batch.make_table(family);
    batch.make_chains(family);
  } else {
    batch.empty_chains(family);
  }
  for (const GuardSet& set : gone) batch.remove_set(set);
  for (const GuardSet& set : come) batch.make_set(set);
  put_chain(batch, after, family);
}

}  // namespace

std::vector<PortBlock> to_port_blocks(std::uint16_t first, std::uint16_t last) {
  std::vector<PortBlock> blocks;
  std::uint32_t begin = first;
  while (begin <= last) {
    // The largest that begins here and does not pass the end.
    int length = 0;
    while (begin % (0x10000u >> length) != 0 || begin + (0x10000u >> length) - 1 > last) ++length;
    blocks.push_back({static_cast<std::uint16_t>(begin), length});
    begin += 0x10000u >> length;
  }
  return blocks;
}

struct ClearTextGuard::Impl {
  ~Impl() {
    if (socket != nullptr) mnl_socket_close(socket);
  }
  base::Status connect();
  // The kernel has `before` and `contents` without that change.
  base::Status make_difference(const Chain& before, const GuardChange& change);
  base::Status make_all();

  mnl_socket* socket = nullptr;
  std::string table;
  std::uint32_t sequence = 0;
  Contents contents;
  bool is_known = false;  // that the kernel has `contents`: after the first change, and none that failed
};

base::Status ClearTextGuard::Impl::connect() {
  socket = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
  if (socket == nullptr || mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0) {
    return base::local_error("clear-text guard: netfilter socket: " + errno_text(errno));
  }
  const int descriptor = mnl_socket_get_fd(socket);
  // A batch goes down in one message. Without the right to force the size the rest fails for the same reason.
  setsockopt(descriptor, SOL_SOCKET, SO_SNDBUFFORCE, &kSendBuffer, sizeof kSendBuffer);
  if (setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience) != 0) {
    return base::local_error("clear-text guard: SO_RCVTIMEO: " + errno_text(errno));
  }
  return {};
}

base::Status ClearTextGuard::Impl::make_all() {
  GuardBatch batch(socket, table, sequence);
  put_all(batch, contents);
  return batch.commit();
}

base::Status ClearTextGuard::Impl::make_difference(const Chain& before, const GuardChange& change) {
  GuardBatch batch(socket, table, sequence);
  for (const IpFamily family : kFamilies) put_difference(batch, before, contents.chain, family);
  for (const GuardPair& pair : change.added) batch.add_pair(pair);
  for (const GuardPair& pair : change.removed) {
    // A set that is gone has taken its pairs along.
    if (contents.chain.sets.count(set_of(pair)) != 0) batch.remove_pair(pair);
  }
  return batch.is_empty() ? base::Status() : batch.commit();
}

ClearTextGuard::ClearTextGuard(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ClearTextGuard::~ClearTextGuard() = default;

base::Result<std::unique_ptr<ClearTextGuard>> ClearTextGuard::open(const RoutingOptions& options) {
  auto impl = std::make_unique<Impl>();
  // By the number that also marks our routes and rules, so that several daemons keep theirs apart.
  impl->table = "ikev2d_" + std::to_string(options.protocol);
  RETURN_IF_ERROR(impl->connect());
  return std::unique_ptr<ClearTextGuard>(new ClearTextGuard(std::move(impl)));
}

base::Status ClearTextGuard::change(const GuardChange& change) {
  const auto mixes = [](const auto& all) {
    return !std::all_of(all.begin(), all.end(), [](const auto& one) { return is_of_one_family(one); });
  };
  if (mixes(change.rules) || mixes(change.added) || mixes(change.removed)) {
    return base::local_error("clear-text guard: a rule mixes IPv4 and IPv6");
  }
  const Chain before = impl_->contents.chain;
  GuardChange effective = impl_->contents.apply(change);
  const bool done = impl_->is_known && impl_->make_difference(before, effective).has_value();
  base::Status made;
  // Also where the tables are not as we left them.
  if (!done) made = impl_->make_all();
  impl_->is_known = made.has_value();
  if (made.has_error()) {
    std::swap(effective.added, effective.removed);
    impl_->contents.apply(effective);
  }
  return made;
}

base::Status ClearTextGuard::clear() {
  Contents& contents = impl_->contents;
  return change({{}, {}, {contents.pairs.begin(), contents.pairs.end()}});
}

}  // namespace tun
