// Groups of SAs, as spigrp makes them.
#include <fmt/core.h>

#include <algorithm>

#include "apps/daemon/manual/table.h"
#include "config/manual_check.h"

namespace daemon_app {

using config::name_of;

namespace {

constexpr std::size_t kMostMembers = 4;

// Where a transform stands in a group: tun, comp, esp, ah from inside to outside.
int place_of(const config::ManualSa& sa) {
  switch (sa.protocol) {
    case base::ip_protocol::kIpIp:
      return 0;
    case base::ip_protocol::kComp:
      return 1;
    case base::ip_protocol::kEsp:
      return 2;
    default:
      return 3;
  }
}

}  // namespace

ManualOutcome ManualTable::check_members(const std::vector<base::Said>& names,
                                         std::vector<std::uint64_t>& members) {
  if (names.size() < 2 || names.size() > kMostMembers)
    return ManualOutcome::refused("usage", fmt::format("a group has two to {} SAs", kMostMembers));
  int place = -1;
  for (const base::Said& name : names) {
    const ManualSaEntry* const sa = find(name);
    if (sa == nullptr)
      return ManualOutcome::refused("not-found", "there is no " + said_text(name, base::SaidForm::hex));
    if (sa->group != 0) return ManualOutcome::refused("in-use", name_of(sa->spec) + " is in a group already");
    if (sa->spec.alone)
      return ManualOutcome::refused("in-use", name_of(sa->spec) + " was made to stand alone");
    if (place_of(sa->spec) <= place)
      return ManualOutcome::refused("usage", "the order is tun, comp, esp, ah, from inside to outside");
    place = place_of(sa->spec);
    if (sa->spec.destination != names.front().destination)
      return ManualOutcome::refused("usage", "the SAs of a group have one destination");
    members.push_back(sa->index);
  }
  return {};
}

// The policies of all members follow, since the data path knows them by another name now.
base::Status ManualTable::restand_users(const std::vector<std::uint64_t>& members) {
  for (const std::uint64_t member : members) {
    ManualSaEntry& sa = sas_.at(member);
    RETURN_IF_ERROR(settle(sa));
    for (const std::uint64_t policy : std::set(sa.policies)) {
      fall(policies_.at(policy));
      stand(policies_.at(policy));
    }
  }
  return {};
}

// Until policies are published again the data path has those of before, which know the group, or the SA that
// stood alone, by this name. They must not find the other under it: a packet that was to be encrypted and
// authenticated would go authenticated alone. The thread stays the same.
void ManualTable::rename_outbound(ManualSaEntry& sa) {
  const std::uint64_t lanes = port_.lanes(), lane = sa.out_name.value % lanes;
  names_.erase(sa.out_name);
  do {
    sa.out_name = next_out_name();
  } while (sa.out_name.value % lanes != lane);
  names_[sa.out_name] = sa.index;
}

ManualOutcome ManualTable::add_group(const std::vector<base::Said>& names) {
  std::vector<std::uint64_t> members;
  ManualOutcome refusal = check_members(names, members);
  if (!refusal.ok()) return refusal;
  for (const std::uint64_t member : members) withdraw(sas_.at(member));  // alone they stand no more
  const std::uint64_t index = next_index_++;
  groups_[index] = {index, members};
  for (const std::uint64_t member : members) sas_.at(member).group = index;
  rename_outbound(sas_.at(members.back()));
  const base::Status stood = restand_users(members);
  if (stood.has_error()) {
    ungroup(index);
    return ManualOutcome::refused("failed", stood.error().reason);
  }
  port_.publish();
  ManualOutcome done{"", "", {}, index};
  if (!is_transform(sas_.at(members.back()).spec))
    done.warnings.emplace_back("the group neither encrypts nor authenticates: its packets are in clear");
  return done;
}

std::vector<std::uint64_t> ManualTable::dissolve(std::uint64_t group) {
  const std::vector<std::uint64_t> members = groups_.at(group).members;
  withdraw(sas_.at(members.back()));
  groups_.erase(group);
  for (const std::uint64_t member : members) sas_.at(member).group = 0;
  rename_outbound(sas_.at(members.back()));
  return members;
}

void ManualTable::ungroup(std::uint64_t group) {
  const std::vector<std::uint64_t> members = dissolve(group);
  const base::Status stood = restand_users(members);
  port_.publish();
  if (stood.has_error()) log_.write({base::LogLevel::warning, "manual-sa", stood.error().reason, {}});
}

ManualOutcome ManualTable::delete_group(const config::ManualSaRef& member) {
  const ManualSaEntry* const sa = find(member);
  if (sa == nullptr) return ManualOutcome::refused("not-found", "there is no such SA");
  if (sa->group == 0) return ManualOutcome::refused("not-found", name_of(sa->spec) + " is in no group");
  ungroup(sa->group);
  return {};
}

}  // namespace daemon_app
