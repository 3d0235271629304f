// Ids of policies that are derived from others.
#pragma once

#include <cstdint>

#include "base/strong.h"

namespace daemon_app {

// Of the policy that protects in the place of a trap: no other has it, since names of manual policies count
// up from 2^62 and do not come to 2^62 + 2^61.
constexpr std::uint64_t stand_in_id(base::ChildId trap) { return trap.value | std::uint64_t{1} << 61; }

}  // namespace daemon_app
