// The initiator's check of what a responder chose, RFC 7296 2.7.
#include <algorithm>

#include "ikev2/negotiate/near_miss.h"
#include "ikev2/negotiate/transform_rules.h"

namespace ikev2 {
namespace {

// Our proposal of that number; those that were never numbered count from 1, as they are written.
const Proposal* find_number(const Proposals& offered, unsigned number) {
  for (std::size_t i = 0; i < offered.size(); ++i) {
    if ((offered[i].number != 0 ? offered[i].number : i + 1) == number) return &offered[i];
  }
  return nullptr;
}

base::Error refused(const std::string& why, const Proposals& answer, const Proposals& offered) {
  return base::misbehaved("the peer's choice cannot be taken: " + why + "; chosen " +
                          (answer.empty() ? "nothing" : text(answer)).substr(0, 400) + "; offered " +
                          text(offered).substr(0, 400));
}

// Whether the integrity algorithm goes with the cipher: none with an AEAD, a real one with anything else.
bool integrity_fits(const Proposal& answer) {
  bool aead = false, integ = false;
  for (const Transform& t : answer.transforms) {
    aead = aead || is_aead(t);
    integ = integ || (t.type == TransformType::integ && !is_none(t));
  }
  return aead != integ;
}

// Why one transform of the answer cannot be; empty where it can.
std::string check_transform(const Transform& t, const Proposal& answer, const Proposal& ours) {
  if (answer.of(t.type).size() > 1) return "it holds two transforms for " + name(t.type);
  const std::vector<Transform> offered = ours.of(t.type);
  if (offered.empty() && is_none(t)) return {};  // NONE says the same as leaving the type out
  if (!t.usable || std::find(offered.begin(), offered.end(), t) == offered.end()) {
    return name(t.type) + " " + text(t) + " was not offered";
  }
  return {};
}

// RFC 7296 2.7: one transform of each type that was offered. NONE may be left out; the integrity algorithm
// falls away with an AEAD.
std::string check_complete(const Proposal& answer, const Proposal& ours) {
  for (const TransformType type : kTransformTypes) {
    const std::vector<Transform> offered = ours.of(type);
    if (offered.empty() || type == TransformType::integ || !answer.of(type).empty()) continue;
    if (std::none_of(offered.begin(), offered.end(), is_none))
      return "it holds no transform for " + name(type);
  }
  if (!integrity_fits(answer)) return "cipher and integrity algorithm do not go together";
  return {};
}

}  // namespace

base::Result<ChosenProposal> check_answer(const Proposals& answer, const Proposals& offered) {
  // RFC 7296 3.3.1: a response holds exactly one proposal, with the number of the one that was accepted.
  if (answer.size() != 1) {
    return refused("it holds " + std::to_string(answer.size()) + " proposals", answer, offered);
  }
  const Proposal& chosen = answer.front();
  const Proposal* ours = find_number(offered, chosen.number);
  if (ours == nullptr) {
    return refused("there was no proposal " + std::to_string(chosen.number), answer, offered);
  }
  // RFC 7296 2.6, RFC 4303 2.1: zero and the reserved SPIs name no SA.
  if (chosen.protocol == ours->protocol && !spi_fits(chosen))
    return base::malformed("the responder's SPI is zero or reserved");
  const std::string obstacle = unfit(chosen, ours->protocol);
  if (!obstacle.empty()) return refused(obstacle, answer, offered);
  for (const Transform& t : chosen.transforms) {
    const std::string why = check_transform(t, chosen, *ours);
    if (!why.empty()) return refused(why, answer, offered);
  }
  const std::string gap = check_complete(chosen, *ours);
  if (!gap.empty()) return refused(gap, answer, offered);
  return make_chosen(chosen);
}

}  // namespace ikev2
