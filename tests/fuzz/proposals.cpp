// Any SA payload, against what a configuration may allow: the choice of a responder, and the check of an
// initiator, which must accept whatever our own responder chose.
#include "ikev2/payload/payload.h"

namespace {

using namespace ikev2;

Proposals allowed(ProtocolId protocol) {
  const Transform gcm{TransformType::encr, 20, 256}, cbc{TransformType::encr, 12, 128};
  const Transform sha1{TransformType::integ, 2}, prf{TransformType::prf, 2}, modp{TransformType::ke, 14};
  const Transform esn{TransformType::esn, 1}, no_esn{TransformType::esn, 0};
  if (protocol == ProtocolId::ike) return {{0, protocol, {}, {gcm, cbc, sha1, prf, modp}}};
  return {{0, protocol, {}, {cbc, sha1, esn, no_esn}}, {0, protocol, {}, {gcm, modp, no_esn}}};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto sa = parse_sa(base::Reader({data, size}));
  if (sa.has_error()) return 0;
  for (const ProtocolId protocol : {ProtocolId::ike, ProtocolId::esp}) {
    const auto chosen = choose(sa->proposals, allowed(protocol), crypto::Ke::modp_2048);
    if (chosen.has_value() && check_answer({chosen->proposal}, sa->proposals).has_error()) __builtin_trap();
    (void)check_answer(sa->proposals, to_offer(allowed(protocol), {}));
  }
  return 0;
}
