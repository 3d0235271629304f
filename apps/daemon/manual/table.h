// SAs, groups, SPDs and policies that are keyed by hand, and what of them the data path has.
//
// An SA stands in the data path once it is known what for: outbound or inbound, between which addresses. That
// is said by itself, by the group it is in, or by the policies that use it; after each change of one of them
// settle() makes the data path agree. A change that the data path refuses is not made.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "apps/daemon/manual/counter_ledger.h"
#include "apps/daemon/manual/port.h"
#include "apps/daemon/manual/requests.h"
#include "base/log.h"
#include "base/time.h"
#include "config/manual.h"

namespace daemon_app {

// Whether it is ESP or AH, else it is tun or comp.
inline bool is_transform(const config::ManualSa& sa) {
  return sa.protocol == base::ip_protocol::kEsp || sa.protocol == base::ip_protocol::kAh;
}

// What became of one change.
struct ManualOutcome {
  std::string code, reason;  // of a refusal; `code` is empty where it was done
  std::vector<std::string> warnings;
  std::uint64_t index = 0;  // of what was added
  bool ok() const { return code.empty(); }
  static ManualOutcome refused(std::string code, std::string reason) {
    return {std::move(code), std::move(reason), {}, 0};
  }
};

// Outer addresses.
struct ManualEnds {
  base::IpAddress local, remote;
  bool operator==(const ManualEnds&) const = default;
};

// One SA. Names in the data path are kept for its life.
struct ManualSaEntry {
  std::uint64_t index = 0;
  config::ManualSa spec;
  base::Instant added;
  std::uint64_t group = 0;           // 0: none
  std::set<std::uint64_t> policies;  // that name it
  base::ChildId in_name, out_name;
  std::shared_ptr<esp::InboundSa> in;  // once it has been used so; what shards write in it, traffic alone is
  std::shared_ptr<esp::OutboundSa> out;  // read here
  // Whether they are in the data path; of a group its outermost member says so for all.
  bool in_stands = false, out_stands = false;
  // By which SPI, and which bundle, the thread is known that may still use `in` and `out`; none: nobody does.
  std::optional<base::Spi> in_owner;
  std::optional<base::ChildId> out_owner;
  bool in_leaves = false, out_leaves = false;  // that thread has been asked to say when it does no more
  ManualEnds in_ends, out_ends;                // those that they were made with
  // By what its packets come in, with no ESP and no AH around: outer families and IP protocols.
  std::vector<std::pair<base::IpFamily, std::uint8_t>> plain;
  std::uint32_t inner_mtu = 0;  // octets of the largest packet that `out` takes
  std::shared_ptr<esp::ChildLife> life;
  esp::LifeStage told = esp::LifeStage::fresh;  // of limits in time
  std::string counter_key;                      // in the ledger; empty: no counter mode, or not outbound
  std::uint64_t counter_base = 1;               // the number of the next packet is this and `out`'s packets
  std::uint64_t counter_end = 0;
};

struct ManualPolicyEntry {
  std::uint64_t index = 0;
  config::ManualPolicy spec;
  std::uint64_t sa = 0;  // index of the SA that is used; 0: none, or there is none of that name
  base::ChildId name;    // of its route, and of its bundle where it has no SA
  base::ChildId bundle;  // in the data path, while it stands there
  bool stands = false;
  std::optional<base::ChildId> child;  // of IKE, by which a trap protects
  std::shared_ptr<std::vector<spd::PolicyTraffic>> traffic;
};

struct ManualGroup {
  std::uint64_t index = 0;
  std::vector<std::uint64_t> members;  // SAs, from inside to outside
};

// Of the IKE thread alone.
class ManualTable {
 public:
  ManualTable(ManualPort& port, CounterLedger& ledger, base::LogSink& log);

  ManualOutcome add_sa(config::ManualSa sa, base::Instant now);
  ManualOutcome replace_sa(config::ManualSa sa, base::Instant now);
  ManualOutcome delete_sa(const config::ManualSaRef& name);
  ManualOutcome clear_sas();
  ManualOutcome change_keys(ManualKeys keys);

  ManualOutcome add_group(const std::vector<base::Said>& members);
  ManualOutcome delete_group(const config::ManualSaRef& member);

  ManualOutcome add_spd(std::uint32_t spd);
  ManualOutcome delete_spd(std::uint32_t spd);
  ManualOutcome bind(const config::ManualBinding& binding);
  ManualOutcome unbind(const config::ManualBinding& binding);

  // An eroute is a policy of the SPD ManualPolicy::kEroutes: one for each pair of selectors and direction.
  ManualOutcome add_policy(config::ManualPolicy policy);
  ManualOutcome replace_eroute(config::ManualPolicy eroute);
  // All but the SA must fit, and that where it is named.
  ManualOutcome delete_policy(const config::ManualPolicy& policy);
  ManualOutcome clear_policies(std::uint32_t spd);

  // A limit of an SA in the data path is reached; false where the name is none of ours.
  bool expire(base::ChildId name, bool hard);
  // A packet waits at a trap, the first one; false where the trap is none of ours. Where a profile has a
  // child for it, IKE is asked for that; else it is told alone, and who hears of it may put an eroute in the
  // place of the trap.
  bool acquire(base::ChildId trap, const spd::PacketKey& packet, base::Instant now);
  // The child that was asked for is up, or has failed and shall not be asked for before the pause is over.
  void answered(const ChildName& child, base::Duration pause);
  // Limits in time, and blocks of numbers that come to their end. To be called every second.
  void tick(base::Instant now);
  // The data path has ended: what was used of the blocks is written down.
  void close();

  const std::map<std::uint64_t, ManualSaEntry>& sas() const { return sas_; }
  const std::map<std::uint64_t, ManualGroup>& groups() const { return groups_; }
  const std::map<std::uint64_t, ManualPolicyEntry>& policies() const { return policies_; }
  const std::map<std::uint32_t, std::set<std::string>>& spds() const {
    return spds_;
  }  // with their interfaces

 private:
  // What an SA is used for, and between whom.
  struct Use {
    bool inbound = false, outbound = false;
    base::IpAddress local, remote;  // of policies for single addresses
    spd::SelectorPair in_selectors;
  };
  // The first packet that waits at a trap.
  struct Asked {
    base::Instant since;
    spd::PacketKey packet;
    std::optional<ChildName> child;  // that IKE was asked for
  };
  using Ends = ManualEnds;
  // SAs that packets pass together, from inside to outside.
  using Layers = std::vector<ManualSaEntry*>;

  ManualSaEntry* find(const config::ManualSaRef& name);
  ManualSaEntry* find(std::uint64_t index);
  ManualOutcome check_new(const config::ManualSa& sa, std::vector<std::string>& warnings) const;
  base::Status check_shared_key(const config::ManualSa& sa, std::vector<std::string>& warnings) const;
  base::Status change_ciphers(ManualSaEntry& sa);
  void remember_keys(const ManualSaEntry& sa);
  void forget_keys(const ManualSaEntry& sa, const ManualKeys& keys);
  void erase_sa(ManualSaEntry& sa);
  std::vector<std::uint64_t> waiting_for(const config::ManualSa& sa) const;
  base::ChildId next_name() { return base::ChildId{next_name_++}; }
  base::ChildId next_out_name() { return base::ChildId{next_out_name_++}; }
  void rename_outbound(ManualSaEntry& sa);

  // The outermost SA of the group, or the SA itself: the data path knows the group by its names.
  ManualSaEntry& carrier(ManualSaEntry& sa);
  // The tun that the SA, or its group, begins with; null where there is none.
  const ManualSaEntry* tunnel_of(const ManualSaEntry& sa) const;
  std::set<std::uint64_t> users(const ManualSaEntry& sa) const;

  // The SAs of these names, where they may be grouped.
  ManualOutcome check_members(const std::vector<base::Said>& names, std::vector<std::uint64_t>& members);
  base::Status restand_users(const std::vector<std::uint64_t>& members);
  void ungroup(std::uint64_t group);
  // Takes the group, not its members, out of all tables; returns them.
  std::vector<std::uint64_t> dissolve(std::uint64_t group);

  base::Status settle(ManualSaEntry& sa);
  Layers layers_of(ManualSaEntry& any);
  base::Status settle_inbound(const Layers& layers, const Use& use);
  base::Status settle_outbound(const Layers& layers, const Use& use);
  base::Result<std::vector<std::shared_ptr<esp::InboundSa>>> make_inbound(const Layers& layers,
                                                                          const Ends& ends,
                                                                          const spd::SelectorPair& selectors);
  base::Result<std::vector<std::shared_ptr<esp::OutboundSa>>> make_outbound(const Layers& layers,
                                                                            const Ends& ends,
                                                                            std::uint32_t mtu);
  // Whether no other thread than that of the carrier may still use the SAs; else the group is settled again
  // once that is so.
  bool is_free_inbound(const Layers& layers);
  bool is_free_outbound(const Layers& layers);
  void settle_again(std::uint64_t sa);
  // Windows and numbers go on in the SAs that take the place of others.
  void succeed_inbound(const Layers& layers, const std::vector<std::shared_ptr<esp::InboundSa>>& fresh);
  void succeed_outbound(const Layers& layers, const std::vector<std::shared_ptr<esp::OutboundSa>>& fresh);
  void pull_inbound(const Layers& layers);
  // The IP protocols by which packets of these SAs come where no ESP and no AH is around them.
  std::vector<std::uint8_t> plain_protocols(const Layers& layers) const;
  base::Status receive_plain(const Layers& layers, base::IpFamily outer);
  // All that the inbound side needs besides its SAs.
  base::Status claim_inbound(const Layers& layers, base::IpFamily outer);
  void stop_plain(ManualSaEntry& carrier);
  // By which the data path finds the thread of an inbound SA: tun and comp have no SPI with low bits for
  // that.
  static base::Spi owner_spi(const ManualSaEntry& carrier) {
    return is_transform(carrier.spec) ? carrier.spec.spi : base::Spi(0);
  }
  void pull_outbound(const Layers& layers);
  // The SPIs of inbound SAs, which IKEv2 draws from too; those of several of ours may be the same.
  base::Status reserve(const Layers& layers);
  void release(const Layers& layers);
  Use use_of(const ManualSaEntry& sa);
  base::Result<Ends> ends_of(const ManualSaEntry& sa, const Use& use, spd::Direction direction);
  spd::SelectorPair inbound_selectors(const ManualSaEntry& sa, const Use& use, const Ends& ends) const;
  esp::SaParams params_of(const ManualSaEntry& sa, const Ends& ends, bool innermost) const;
  base::Status start_counter(ManualSaEntry& sa, esp::OutboundSa& out);
  void withdraw(ManualSaEntry& sa);

  bool holds(const ManualPolicyEntry& policy) const;
  void resolve(ManualPolicyEntry& policy);
  static bool concerns_routing(const config::ManualPolicy& spec);
  void stand(ManualPolicyEntry& policy);
  void fall(ManualPolicyEntry& policy);
  base::Status restand(ManualPolicyEntry& policy);
  base::Status restand_spd(std::uint32_t spd);
  ManualOutcome insert_policy(config::ManualPolicy policy);
  void erase_policy(std::uint64_t index);
  // The policy that fits in all but the SA, and in that where it is named; null where there is none.
  ManualPolicyEntry* find_same(const config::ManualPolicy& policy);
  RoutedChild routed(ManualPolicyEntry& policy);
  RoutedChild routed_inbound(const config::ManualPolicy& spec, RoutedChild child) const;
  spd::Policy rule_of(const ManualPolicyEntry& policy) const;
  ManualPolicyEntry* find_policy(base::ChildId name);
  bool protect_by_child(ManualPolicyEntry& trap, const Asked& asked);

  void let_go_of_traps(base::Instant now);
  void end_sa(ManualSaEntry& sa);
  void tell(const ManualSaEntry& sa, bool hard, const char* limit);
  void keep_counter_ahead(ManualSaEntry& sa);

  ManualPort& port_;
  CounterLedger& ledger_;
  base::LogSink& log_;
  std::map<std::uint64_t, ManualSaEntry> sas_;
  std::multimap<base::Said, std::uint64_t> by_said_;
  std::map<std::uint32_t, std::uint64_t> by_id_;
  std::unordered_multimap<std::size_t, std::uint64_t> by_key_;  // SAs by hashes of their keys
  std::map<std::uint64_t, ManualGroup> groups_;
  std::map<std::uint64_t, ManualPolicyEntry> policies_;
  std::unordered_map<base::ChildId, std::uint64_t> by_name_;
  std::multimap<std::string, std::uint64_t> by_rule_;  // policies by what rule_key() says of them
  // Policies by the SA that they name and that is not there.
  std::multimap<config::ManualSaRef, std::uint64_t> waiting_;
  std::map<std::uint32_t, std::set<std::string>> spds_;
  std::map<base::Spi, int> reserved_;             // how many inbound SAs have it
  std::map<base::ChildId, std::uint64_t> names_;  // of SAs in the data path
  std::map<base::ChildId, Asked> asked_;          // traps at which packets wait
  std::uint64_t next_index_ = 1;
  // Beyond those of children, below those of traps; never used again. A lane sends by the name of the
  // outbound SA, so those have numbers of their own, which go through the lanes in turn.
  std::uint64_t next_name_ = std::uint64_t{1} << 62;
  std::uint64_t next_out_name_ = next_name_ + (std::uint64_t{1} << 60);
};

}  // namespace daemon_app
