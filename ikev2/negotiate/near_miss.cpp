#include "ikev2/negotiate/near_miss.h"

#include "ikev2/negotiate/transform_rules.h"

namespace ikev2 {
namespace {

constexpr std::size_t kLongestList = 400;  // characters of one list in a reason

// Appends words up to the limit; the rest shows as a count.
template <class List, class Text>
std::string join(const List& list, Text&& word) {
  std::string joined;
  std::size_t shown = 0;
  for (const auto& item : list) {
    const std::string next = word(item);
    if (!joined.empty() && joined.size() + next.size() > kLongestList) {
      return joined + " and " + std::to_string(list.size() - shown) + " more";
    }
    joined += (joined.empty() ? "" : ", ") + next.substr(0, kLongestList);
    ++shown;
  }
  return joined.empty() ? "nothing" : joined;
}

std::string offered_text(const Transform& t) { return text(t) + (t.usable ? "" : " (unusable attributes)"); }

std::string list_text(const Proposals& proposals) {
  return join(proposals, [](const Proposal& p) { return p.text(); });
}

}  // namespace

std::string unfit(const Proposal& theirs, ProtocolId protocol) {
  if (theirs.protocol != protocol) {
    return "it is for protocol " + name(theirs.protocol) + ", not " + name(protocol);
  }
  if (!spi_fits(theirs)) return "its SPI is reserved";
  // RFC 7296 3.3.6: a proposal with a transform type that is not understood MUST be considered unacceptable.
  for (const Transform& t : theirs.transforms) {
    if (need(protocol, t.type) == Need::forbidden) {
      return "it holds " + text(t) + " of transform type " + name(t.type);
    }
  }
  return {};
}

std::string explain(unsigned number, const std::vector<Miss>& misses) {
  std::string why = "nearest proposal " + std::to_string(number) + ":";
  for (const Miss& miss : misses) {
    if (&miss != &misses.front()) why += " and";
    why += " " + name(miss.type) + ": offered " + join(miss.offered, offered_text) + ", allowed " +
           join(miss.allowed, [](const Transform& t) { return text(t); });
  }
  return why;
}

std::string refusal_text(const std::string& why, const Proposals& offered, const Proposals& allowed) {
  return "no proposal chosen: " + (why.empty() ? "" : why + "; ") + "offered " + list_text(offered) +
         "; allowed " + list_text(allowed);
}

}  // namespace ikev2
