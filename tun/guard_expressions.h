// What a rule of nf_tables looks at, in the order in which the kernel's small machine does it.
#pragma once

#include <string>

#include "base/bytes.h"
#include "tun/guard_batch.h"

namespace tun {

// The chain that counts and drops, and the one that looks up what is dropped.
constexpr char kDropChain[] = "in_clear", kProtectedChain[] = "protected";

// The expressions of a rule that lets pass what `rule` describes.
void add_expressions(NetlinkRequest& request, const GuardRule& rule);
// Of a rule that looks the packet up in the set.
void add_look_up_expressions(NetlinkRequest& request, const GuardSet& set);
// Of the rule that leads to what is dropped.
void add_protected_expressions(NetlinkRequest& request);
// Of the rule that counts and drops.
void add_drop_expressions(NetlinkRequest& request);
// A value in the way that netfilter wants it, inside an attribute of that type.
void add_value(NetlinkRequest& request, int type, base::ByteSpan octets);

}  // namespace tun
