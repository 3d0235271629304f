// Any datagram: header, payload chain, table of payloads. What was accepted must be accepted again after our
// own writers wrote it.
#include "ikev2/message/rules.h"

namespace {

// Selectors of unknown types are counted, not kept: writing such a payload loses them.
bool survives_writing(const std::vector<ikev2::Payload>& payloads) {
  for (const auto& payload : payloads) {
    const auto* ts = std::get_if<ikev2::TsPayload>(&payload);
    if (ts != nullptr && ts->unknown != 0) return false;
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  (void)ikev2::parse_header({data, size});
  base::Bytes datagram(data, data + size);
  // Mutations change the size all the time: with the length set right they get behind the header.
  if (size >= ikev2::kHeaderSize) base::store_be32(datagram.data() + 24, static_cast<std::uint32_t>(size));
  const auto header = ikev2::parse_header(datagram);
  if (header.has_error()) return 0;
  auto payloads =
      ikev2::parse_chain(header->next_payload, base::ByteSpan(datagram).subspan(ikev2::kHeaderSize));
  if (payloads.has_error()) return 0;
  const ikev2::Message message{*header, std::move(*payloads)};
  (void)ikev2::check_rules(message);
  if (!survives_writing(message.payloads)) return 0;
  const base::Bytes again = ikev2::write_clear(*header, message.payloads);
  const auto second = ikev2::parse_header(again);
  if (second.has_error()) __builtin_trap();
  const auto chain =
      ikev2::parse_chain(second->next_payload, base::ByteSpan(again).subspan(ikev2::kHeaderSize));
  if (chain.has_error() || chain->size() != message.payloads.size()) __builtin_trap();
  return 0;
}
