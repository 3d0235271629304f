// The table of transitions, and its pictures.
#pragma once

#include <string>

#include "ikev2/sa/transition.h"

namespace ikev2 {

std::string_view name(Trigger trigger);
// The whole table as Markdown (docs/states.md) and as a Graphviz graph (docs/states.dot).
std::string transitions_as_markdown();
std::string transitions_as_dot();

}  // namespace ikev2
