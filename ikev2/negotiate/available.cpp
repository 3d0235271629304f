#include "ikev2/negotiate/available.h"

#include <algorithm>

#include "ikev2/negotiate/transform_rules.h"

namespace ikev2 {
namespace {

bool can_cipher(const crypto::Provider& provider, const crypto::CipherSpec& spec) {
  const base::Bytes encr_key(crypto::encr_key_size(spec)), integ_key(crypto::integ_key_size(spec));
  return provider.cipher(spec, encr_key, integ_key).has_value();
}

// Whether each type that stood in `before` has something left.
bool complete(const Proposal& now, const Proposal& before) {
  return std::all_of(std::begin(kTransformTypes), std::end(kTransformTypes),
                     [&](TransformType type) { return before.of(type).empty() || !now.of(type).empty(); });
}

}  // namespace

bool Availability::try_out(const Transform& transform) {
  switch (transform.type) {
    case TransformType::encr: {
      crypto::CipherSpec spec{static_cast<crypto::Encr>(transform.id), transform.key_bits};
      if (!spec.aead()) spec.integ = crypto::Integ::hmac_sha2_256_128;
      return can_cipher(provider_, spec);
    }
    case TransformType::prf:
      return provider_.prf(static_cast<crypto::Prf>(transform.id)).has_value();
    case TransformType::integ:
      return is_none(transform) ||
             can_cipher(provider_, {crypto::Encr::null, 0, static_cast<crypto::Integ>(transform.id)});
    case TransformType::ke:
      return is_none(transform) ||
             provider_.key_exchange(static_cast<crypto::Ke>(transform.id), rng_).has_value();
    case TransformType::esn:
      break;
  }
  return true;
}

bool Availability::can(const Transform& transform) {
  const auto [known, fresh] = known_.try_emplace({transform.type, transform.id, transform.key_bits}, false);
  if (fresh) known->second = try_out(transform);
  return known->second;
}

std::vector<std::string> Availability::prune(Proposals& proposals) {
  std::vector<std::string> gone;
  for (Proposal& proposal : proposals) {
    const Proposal before = proposal;
    std::erase_if(proposal.transforms, [&](const Transform& t) {
      if (can(t)) return false;
      if (std::find(gone.begin(), gone.end(), text(t)) == gone.end()) gone.push_back(text(t));
      return true;
    });
    if (!complete(proposal, before)) proposal.transforms.clear();
  }
  std::erase_if(proposals, [](const Proposal& proposal) { return proposal.transforms.empty(); });
  return gone;
}

}  // namespace ikev2
