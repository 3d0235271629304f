// Proposals as values: their text, and what is made of them before they are sent.
#include "ikev2/negotiate/proposal.h"

#include <algorithm>

#include "ikev2/negotiate/transform_rules.h"

namespace ikev2 {
namespace {

// Copies of one proposal that each hold ciphers of one kind: AEAD without integrity, the others with it
// (RFC 7296 3.3: two proposals are needed to offer both). Neighbours of one kind stay together, so that the
// order of preference remains.
Proposals split_kinds(const Proposal& mixed) {
  const std::vector<Transform> ciphers = mixed.of(TransformType::encr);
  if (ciphers.empty()) return {mixed};
  Proposals parts;
  for (std::size_t i = 0; i < ciphers.size(); ++i) {
    const bool aead = is_aead(ciphers[i]);
    if (i == 0 || aead != is_aead(ciphers[i - 1])) {
      Proposal part = mixed;
      std::erase_if(part.transforms, [aead](const Transform& t) {
        return t.type == TransformType::encr || (t.type == TransformType::integ && (aead || is_none(t)));
      });
      parts.push_back(std::move(part));
    }
    auto& transforms = parts.back().transforms;
    const auto place = std::find_if(transforms.begin(), transforms.end(),
                                    [](const Transform& t) { return t.type != TransformType::encr; });
    transforms.insert(place, ciphers[i]);
  }
  return parts;
}

}  // namespace

std::vector<Transform> Proposal::of(TransformType type) const {
  std::vector<Transform> found;
  for (const Transform& t : transforms) {
    if (t.type == type) found.push_back(t);
  }
  return found;
}

std::string text(const Transform& transform) {
  if (is_none(transform)) return "none";
  switch (transform.type) {
    case TransformType::encr:
      return crypto::name(static_cast<crypto::Encr>(transform.id), transform.key_bits);
    case TransformType::prf:
      return crypto::name(static_cast<crypto::Prf>(transform.id));
    case TransformType::integ:
      return crypto::name(static_cast<crypto::Integ>(transform.id));
    case TransformType::ke:
      return crypto::name(static_cast<crypto::Ke>(transform.id));
    case TransformType::esn:
      if (transform.id > 1) break;
      return transform.id == 1 ? "esn" : "no-esn";
  }
  return "transform " + std::to_string(static_cast<unsigned>(transform.type)) + ":" +
         std::to_string(transform.id);
}

std::string Proposal::text() const {
  std::vector<Transform> sorted = transforms;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Transform& a, const Transform& b) { return a.type < b.type; });
  std::string joined;
  for (const Transform& t : sorted) joined += (joined.empty() ? "" : "/") + ikev2::text(t);
  return joined;
}

std::string text(const Proposals& proposals) {
  std::string joined;
  for (const Proposal& p : proposals) joined += (joined.empty() ? "" : ", ") + p.text();
  return joined;
}

Proposals to_offer(const Proposals& configured, base::ByteSpan spi) {
  Proposals offer;
  for (const Proposal& proposal : configured) {
    for (Proposal& part : split_kinds(proposal)) {
      if (offer.size() == 255) return offer;
      part.number = static_cast<std::uint8_t>(offer.size() + 1);
      part.spi = base::to_bytes(spi);
      offer.push_back(std::move(part));
    }
  }
  return offer;
}

Proposals without_ke(const Proposals& proposals) {
  Proposals bare = proposals;
  for (Proposal& p : bare) {
    std::erase_if(p.transforms, [](const Transform& t) { return t.type == TransformType::ke; });
  }
  return bare;
}

std::vector<crypto::Ke> key_exchanges(const Proposals& proposals) {
  std::vector<crypto::Ke> methods;
  for (const Proposal& p : proposals) {
    for (const Transform& t : p.transforms) {
      const auto method = static_cast<crypto::Ke>(t.id);
      if (t.type != TransformType::ke || !t.usable || is_none(t)) continue;
      if (std::find(methods.begin(), methods.end(), method) == methods.end()) methods.push_back(method);
    }
  }
  return methods;
}

}  // namespace ikev2
