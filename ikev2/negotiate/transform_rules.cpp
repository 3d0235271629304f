#include "ikev2/negotiate/transform_rules.h"

#include <algorithm>

namespace ikev2 {

Need need(ProtocolId protocol, TransformType type) {
  struct Row {
    ProtocolId protocol;
    TransformType type;
    Need need;
  };
  using P = ProtocolId;
  using T = TransformType;
  constexpr Row kRows[] = {
      {P::ike, T::encr, Need::mandatory}, {P::ike, T::prf, Need::mandatory},
      {P::ike, T::integ, Need::optional}, {P::ike, T::ke, Need::mandatory},
      {P::esp, T::encr, Need::mandatory}, {P::esp, T::integ, Need::optional},
      {P::esp, T::ke, Need::optional},    {P::esp, T::esn, Need::mandatory},
      {P::ah, T::integ, Need::mandatory}, {P::ah, T::ke, Need::optional},
      {P::ah, T::esn, Need::mandatory},
  };
  for (const Row& row : kRows) {
    if (row.protocol == protocol && row.type == type) return row.need;
  }
  return Need::forbidden;
}

bool is_aead(const Transform& transform) {
  const crypto::EncrInfo* info =
      transform.type == TransformType::encr ? crypto::find(static_cast<crypto::Encr>(transform.id)) : nullptr;
  return info != nullptr && info->aead();
}

bool spi_fits(const Proposal& proposal) {
  if (proposal.spi.size() == 4) return base::load_be32(proposal.spi.data()) >= 256;
  return proposal.spi.empty() ||
         std::any_of(proposal.spi.begin(), proposal.spi.end(), [](std::uint8_t octet) { return octet != 0; });
}

ChosenProposal make_chosen(Proposal proposal) {
  ChosenProposal chosen;
  for (const Transform& t : proposal.transforms) {
    switch (t.type) {
      case TransformType::encr:
        chosen.cipher.encr = static_cast<crypto::Encr>(t.id);
        chosen.cipher.key_bits = t.key_bits;
        break;
      case TransformType::prf:
        chosen.prf = static_cast<crypto::Prf>(t.id);
        break;
      case TransformType::integ:
        chosen.cipher.integ = static_cast<crypto::Integ>(t.id);
        break;
      case TransformType::ke:
        chosen.ke = static_cast<crypto::Ke>(t.id);
        break;
      case TransformType::esn:
        chosen.esn = t.id == 1;
        break;
    }
  }
  chosen.proposal = std::move(proposal);
  return chosen;
}

}  // namespace ikev2
