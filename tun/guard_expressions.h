// What a rule of nf_tables looks at, in the order in which the kernel's small machine does it.
#pragma once

#include <string>

#include "base/bytes.h"
#include "tun/guard_batch.h"

namespace tun {

// The chain that counts and drops.
constexpr char kDropChain[] = "in_clear";

// The expressions of a rule that lets pass what `rule` describes.
void add_expressions(NetlinkRequest& request, const GuardRule& rule);
// Of a rule that looks the packet's addresses up in the set.
void add_look_up_expressions(NetlinkRequest& request, const GuardSet& set);
// Of the rule that counts and drops.
void add_drop_expressions(NetlinkRequest& request);
// A value in the way that netfilter wants it, inside an attribute of that type.
void add_value(NetlinkRequest& request, int type, base::ByteSpan octets);

}  // namespace tun
