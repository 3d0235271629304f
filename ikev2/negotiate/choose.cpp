// The responder's choice among proposals, RFC 7296 2.7 and 3.3.6.
#include <algorithm>

#include "ikev2/negotiate/near_miss.h"
#include "ikev2/negotiate/transform_rules.h"

namespace ikev2 {
namespace {

// What `ours` may choose of a type when the cipher is (not) an AEAD. RFC 7296 3.3.3 and RFC 5282 8: an AEAD
// goes with integrity NONE alone, any other cipher and AH never with NONE.
std::vector<Transform> acceptable(const Proposal& ours, TransformType type, bool aead) {
  const Transform none{type, 0};
  if (type == TransformType::integ && aead) return {none};
  std::vector<Transform> list = ours.of(type);
  if (type == TransformType::integ) std::erase_if(list, is_none);
  if (type == TransformType::ke && ours.protocol == ProtocolId::ike) std::erase_if(list, is_none);
  if (type == TransformType::ke && ours.protocol != ProtocolId::ike && list.empty()) list.push_back(none);
  return list;
}

// What the peer offers of a type. Where an optional type is left out, NONE is meant (RFC 7296 3.3.2, 3.3.3).
std::vector<Transform> offered_of(const Proposal& theirs, TransformType type) {
  std::vector<Transform> list = theirs.of(type);
  const bool left_out = list.empty();
  std::erase_if(list, [](const Transform& t) { return !t.usable; });
  if (left_out && (type == TransformType::integ || type == TransformType::ke)) list.push_back({type, 0});
  return list;
}

bool contains(const std::vector<Transform>& list, const Transform& wanted) {
  return std::find(list.begin(), list.end(), wanted) != list.end();
}

// The first of ours that is offered too; the group of the KE payload before others.
std::optional<Transform> pick(const std::vector<Transform>& ours, const std::vector<Transform>& theirs,
                              crypto::Ke preferred_ke) {
  std::optional<Transform> first;
  for (const Transform& t : ours) {
    if (!contains(theirs, t)) continue;
    if (t.type != TransformType::ke || static_cast<crypto::Ke>(t.id) == preferred_ke) return t;
    if (!first) first = t;
  }
  return first;
}

// One way to take a proposal of ours: with one of its ciphers (AH has none).
struct Option {
  const Proposal* ours = nullptr;
  std::optional<Transform> cipher;
  bool aead() const { return cipher && is_aead(*cipher); }
};

std::vector<Option> options_of(const Proposals& allowed) {
  std::vector<Option> options;
  for (const Proposal& p : allowed) {
    if (p.protocol == ProtocolId::ah) options.push_back({&p, {}});
    for (const Transform& t : p.of(TransformType::encr)) options.push_back({&p, t});
  }
  return options;
}

std::optional<Transform> pick_of(const Option& option, const Proposal& theirs, TransformType type,
                                 crypto::Ke preferred_ke) {
  const std::vector<Transform> offered = offered_of(theirs, type);
  if (type == TransformType::encr) return pick({*option.cipher}, offered, preferred_ke);
  return pick(acceptable(*option.ours, type, option.aead()), offered, preferred_ke);
}

// Takes one transform of each type; nothing where a type has none in common.
std::optional<Proposal> match(const Option& option, const Proposal& theirs, crypto::Ke preferred_ke) {
  if (!unfit(theirs, option.ours->protocol).empty()) return {};
  Proposal result{theirs.number, theirs.protocol, theirs.spi, {}};
  for (const TransformType type : kTransformTypes) {
    if (need(theirs.protocol, type) == Need::forbidden) continue;
    const std::optional<Transform> taken = pick_of(option, theirs, type, preferred_ke);
    if (!taken) return {};
    // RFC 7296 2.7: the answer holds one transform of each type that was offered. What was left out stays so.
    if (!is_none(*taken) || !theirs.of(type).empty()) result.transforms.push_back(*taken);
  }
  return result;
}

// What keeps a pair of proposals apart, in order of the types.
std::vector<Miss> misses(const Option& option, const Proposal& theirs) {
  std::vector<Miss> list;
  for (const TransformType type : kTransformTypes) {
    if (need(theirs.protocol, type) == Need::forbidden) continue;
    if (pick_of(option, theirs, type, crypto::Ke::none)) continue;
    const bool cipher = type == TransformType::encr;
    list.push_back({type, theirs.of(type),
                    cipher ? option.ours->of(type) : acceptable(*option.ours, type, option.aead())});
  }
  return list;
}

base::Error refusal(const Proposals& offered, const Proposals& allowed, const std::vector<Option>& options) {
  const Proposal* nearest = nullptr;
  std::vector<Miss> fewest;
  std::string obstacle;
  for (const Option& option : options) {
    for (const Proposal& theirs : offered) {
      const std::string reason = unfit(theirs, option.ours->protocol);
      if (!reason.empty()) {
        if (obstacle.empty()) obstacle = "proposal " + std::to_string(theirs.number) + ": " + reason;
        continue;
      }
      std::vector<Miss> found = misses(option, theirs);
      if (nearest != nullptr && found.size() >= fewest.size()) continue;
      nearest = &theirs;
      fewest = std::move(found);
    }
  }
  const std::string why = nearest != nullptr ? explain(nearest->number, fewest) : obstacle;
  base::Error error = base::incompatible(refusal_text(why, offered, allowed));
  error.notify = static_cast<std::uint16_t>(NotifyType::no_proposal_chosen);
  return error;
}

}  // namespace

base::Result<ChosenProposal> choose(const Proposals& offered, const Proposals& allowed,
                                    crypto::Ke preferred_ke) {
  const std::vector<Option> options = options_of(allowed);
  std::optional<ChosenProposal> first;
  for (const Option& option : options) {
    for (const Proposal& theirs : offered) {
      std::optional<Proposal> taken = match(option, theirs, preferred_ke);
      if (!taken) continue;
      ChosenProposal chosen = make_chosen(std::move(*taken));
      if (chosen.ke == preferred_ke || chosen.ke == crypto::Ke::none) return chosen;
      if (!first) first = std::move(chosen);
    }
  }
  if (first) return std::move(*first);
  return refusal(offered, allowed, options);
}

}  // namespace ikev2
